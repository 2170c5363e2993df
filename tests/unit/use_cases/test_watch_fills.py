"""Looks at what others wait for: several under way, in whatever order they are answered."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from lambdas.domain.contracts import Side
from lambdas.domain.intents import IntentStatus
from lambdas.ports.broker import BrokerGarbled, BrokerOrder
from lambdas.use_cases.watch_fills import FIRST_LOOK, MOST_LOOKS, Awaited, FillWatch
from tests.doubles.broker import FakeBroker
from tests.doubles.clock import VirtualClock
from tests.doubles.examples import TICK

pytestmark = pytest.mark.anyio
PAUSE = timedelta(milliseconds=50)
SECOND = timedelta(seconds=1)


def row(status: IntentStatus, tag: str = "LW1") -> BrokerOrder:
    return BrokerOrder("1", tag, "NIFTY24700CE", Side.BUY, 75, status, 75, None, None)


class SlowBook(FakeBroker):
    """Answers each look after the next of `takes`, with what was true when it was asked: resting at first, filled
    from `filled_at` on."""

    def __init__(self, clock: VirtualClock, takes: Sequence[timedelta], filled_at: timedelta) -> None:
        super().__init__(clock)
        self.takes, self.filled_at = list(takes), TICK.instant + filled_at
        self.under_way = self.most = 0

    async def orders(self) -> Sequence[BrokerOrder]:
        self.calls.append("orders")
        filled = self.clock.now() >= self.filled_at
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.clock.sleep(self.takes.pop(0) if self.takes else PAUSE)
        self.under_way -= 1
        return [row(IntentStatus.FILLED if filled else IntentStatus.ACCEPTED)]


async def seen_filled(broker: FakeBroker, clock: VirtualClock, books_per_second: int | None = None) -> timedelta:
    """How long after the start the fill was known."""
    watch = FillWatch(broker, clock, PAUSE, books_per_second)
    with watch.watching("LW1") as awaited:
        while not (awaited.row and awaited.row.status is IntentStatus.FILLED):
            await awaited.news()
        known = clock.now() - TICK.instant
    await watch.aclose()
    return known


async def test_a_look_is_begun_while_another_is_under_way() -> None:
    clock = VirtualClock(TICK.instant)
    broker = SlowBook(clock, [SECOND] * 20, filled_at=PAUSE)
    assert await seen_filled(broker, clock) == FIRST_LOOK + PAUSE + SECOND


async def test_there_are_never_more_under_way_than_that() -> None:
    clock = VirtualClock(TICK.instant)
    broker = SlowBook(clock, [SECOND] * 20, filled_at=2 * SECOND)
    await seen_filled(broker, clock)
    assert broker.most == MOST_LOOKS


async def test_an_earlier_look_that_answers_late_takes_nothing_back() -> None:
    awaited = Awaited("LW1")
    awaited.take(2, row(IntentStatus.FILLED))
    awaited.take(1, row(IntentStatus.ACCEPTED))
    awaited.fail(3, "no answer")
    assert awaited.row == row(IntentStatus.FILLED)


async def test_an_end_counts_also_when_a_later_look_was_answered_before_it() -> None:
    awaited = Awaited("LW1")
    awaited.take(2, None)
    awaited.take(1, row(IntentStatus.FILLED))
    assert awaited.row == row(IntentStatus.FILLED)


async def test_an_order_without_a_number_is_not_asked_for_where_books_are_scarce() -> None:
    clock = VirtualClock(TICK.instant)
    broker = SlowBook(clock, [SECOND], filled_at=timedelta(0))
    assert await seen_filled(broker, clock, books_per_second=1) == FIRST_LOOK + SECOND
    assert broker.calls == ["orders"]


async def test_an_order_whose_number_was_lost_is_looked_for_in_the_book_also_where_books_are_scarce() -> None:
    clock = VirtualClock(TICK.instant)
    broker = SlowBook(clock, [], filled_at=SECOND)
    watch = FillWatch(broker, clock, PAUSE, 1)
    with watch.watching("LW1") as awaited:
        awaited.lost = True
        while not (awaited.row and awaited.row.status is IntentStatus.FILLED):
            await awaited.news()
    await watch.aclose()
    assert SECOND <= clock.now() - TICK.instant <= 2 * SECOND


async def test_many_orders_are_looked_for_in_the_book_also_where_books_are_scarce() -> None:
    clock = VirtualClock(TICK.instant)
    broker = FakeBroker(clock)
    watch = FillWatch(broker, clock, PAUSE, 1)
    with watch.watching("LW1") as one, watch.watching("LW2") as two, watch.watching("LW3") as three:
        one.number = two.number = three.number = "7"
        while three.seen < 3:
            await three.news()
    await watch.aclose()
    assert set(broker.calls) == {"orders"}


async def test_a_look_that_fails_is_told_and_the_next_one_is_begun() -> None:
    clock = VirtualClock(TICK.instant)
    broker = FakeBroker(clock)
    broker.unreadable_orders = BrokerGarbled("no JSON")
    watch = FillWatch(broker, clock, PAUSE, None)
    with watch.watching("LW1") as awaited:
        await awaited.news()
        assert (awaited.trouble, awaited.seen) == ("no JSON", 1)
        while awaited.seen < 3:
            await awaited.news()
    await watch.aclose()


async def test_when_nothing_is_awaited_any_more_nobody_looks() -> None:
    clock = VirtualClock(TICK.instant)
    broker = FakeBroker(clock)
    watch = FillWatch(broker, clock, PAUSE, None)
    with watch.watching("LW1"):
        pass
    await clock.sleep(SECOND)
    assert broker.calls == []
    await watch.aclose()
