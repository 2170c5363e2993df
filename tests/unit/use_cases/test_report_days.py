"""Reports read each day of their range once, and not all of them at the same time."""

import asyncio
from datetime import UTC, date, timedelta

import pytest

from lambdas.ports.store import DayOfUser
from lambdas.use_cases.report_days import AT_ONCE, DayReporter, RangeRefused
from tests.doubles.accounts import MemoryAccounts
from tests.doubles.clock import VirtualClock
from tests.doubles.examples import USER, at
from tests.doubles.runs import MemoryRuns

pytestmark = pytest.mark.anyio
LAST = date(2026, 11, 23)


class CountedRuns(MemoryRuns):
    """Runs whose days take a while to read; which were read, and how many at once."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[date] = []
        self.most_at_once = self._now = 0

    async def day(self, user_id: str, day: date) -> DayOfUser:
        self.read.append(day)
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        await asyncio.sleep(0)
        self._now -= 1
        return await super().day(user_id, day)


async def test_a_quarter_is_read_day_by_day_and_a_few_days_at_once() -> None:
    runs = CountedRuns()
    reporter = DayReporter(MemoryAccounts(), runs, VirtualClock(at("10:00")))
    await reporter.report(USER, LAST - timedelta(days=91), LAST)
    assert sorted(runs.read) == [LAST - timedelta(days=number) for number in reversed(range(92))]
    assert runs.most_at_once == AT_ONCE


async def test_a_refused_range_reads_nothing() -> None:
    runs = CountedRuns()
    reporter = DayReporter(MemoryAccounts(), runs, VirtualClock(at("10:00")))
    with pytest.raises(RangeRefused, match="to: is in the future"):
        await reporter.report(USER, LAST, LAST + timedelta(days=1))
    assert runs.read == []


async def test_today_is_the_day_in_india() -> None:
    """23:30 UTC is the next morning there."""
    clock = VirtualClock(at("05:00", "2026-11-24").astimezone(UTC))
    report = await DayReporter(MemoryAccounts(), MemoryRuns(), clock).report(USER, LAST, LAST + timedelta(days=1))
    assert report.as_of == clock.now()
