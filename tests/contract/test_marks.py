"""One contract for marks and the profit of days, in memory as on the table."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import cast

import pytest

from lambdas.adapters.dynamo.marks import KEPT, DynamoMarks
from lambdas.adapters.dynamo.runs import DynamoRuns
from lambdas.adapters.dynamo.table import Table
from lambdas.domain.contracts import Right
from lambdas.domain.marks import Mark, ProfitPoint
from lambdas.ports.marks import MarkStore
from lambdas.ports.store import RunStore
from shared_config.names import TTL_ATTRIBUTE
from tests.contract.recorded import RECORDED
from tests.contract.store_fixtures import dynamo_table, emulator, table
from tests.doubles.examples import TICK, USER, a_contract, a_run, an_intent, at
from tests.doubles.marks import MemoryMarks
from tests.doubles.runs import MemoryRuns

__all__ = ["emulator", "table"]
pytestmark = pytest.mark.anyio
DAY = TICK.date
NOON = at("12:00:07.000001")
MARKS = {
    a_contract(): Mark(Decimal("105.05"), NOON),
    a_contract("24612.50", Right.PE): Mark(Decimal(3), NOON - timedelta(minutes=4)),
    a_contract(0, Right.FUT): Mark(Decimal("24555.5"), NOON),
}


@dataclass(frozen=True)
class Kept:
    """Both ports over one store: marks come with the day."""

    marks: MarkStore
    runs: RunStore


@pytest.fixture(params=["memory", "moto", "emulator"])
def kept(request: pytest.FixtureRequest) -> Iterator[Kept]:
    """Each implementation, empty."""
    RECORDED.tests.add(request.node.originalname)
    if request.param == "memory":
        runs = MemoryRuns()
        yield Kept(MemoryMarks(runs), runs)
        return
    url = cast(str, request.getfixturevalue("emulator")) if request.param == "emulator" else ""
    with dynamo_table(request.param, url) as opened, RECORDED.writes_to(opened):
        yield Kept(DynamoMarks(opened), DynamoRuns(opened))


async def test_a_day_brings_its_marks_and_one_without_any_has_none(kept: Kept) -> None:
    assert (await kept.runs.day(USER, DAY)).marks == {}
    assert await kept.marks.save_marks(USER, DAY, MARKS, at=NOON)
    assert (await kept.runs.day(USER, DAY)).marks == MARKS


async def test_they_are_neither_runs_nor_orders(kept: Kept) -> None:
    await kept.runs.begin_run(a_run())
    await kept.runs.plan([an_intent()])
    await kept.marks.save_marks(USER, DAY, MARKS, at=NOON)
    found = await kept.runs.day(USER, DAY)
    assert (len(found.runs), len(found.orders)) == (1, 1)
    assert len(await kept.runs.orders_of_run(USER, DAY, a_run().run_id)) == 1


async def test_later_marks_replace_all_earlier_ones_and_never_the_other_way(kept: Kept) -> None:
    later = NOON + timedelta(microseconds=1)
    newer = {a_contract(): Mark(Decimal(99), later)}
    assert await kept.marks.save_marks(USER, DAY, MARKS, at=NOON)
    assert not await kept.marks.save_marks(USER, DAY, newer, at=NOON)
    assert await kept.marks.save_marks(USER, DAY, newer, at=later)
    assert not await kept.marks.save_marks(USER, DAY, MARKS, at=NOON)
    assert (await kept.runs.day(USER, DAY)).marks == newer


async def test_of_many_who_write_at_once_the_latest_stays(kept: Kept) -> None:
    instants = [NOON + timedelta(milliseconds=number) for number in (3, 1, 4, 2, 0)]
    await asyncio.gather(
        *(kept.marks.save_marks(USER, DAY, {a_contract(): Mark(Decimal(1), at)}, at=at) for at in instants)
    )
    assert (await kept.runs.day(USER, DAY)).marks[a_contract()].at == max(instants)


async def test_points_come_in_order_of_time(kept: Kept) -> None:
    first = ProfitPoint(NOON, Decimal("-12.50"), None)
    later = ProfitPoint(NOON + timedelta(minutes=1), Decimal(0), Decimal("1300.00"))
    assert await kept.marks.points(USER, DAY) == []
    for point in (later, first):
        assert await kept.marks.add_point(USER, DAY, point)
    assert await kept.marks.points(USER, DAY) == [first, later]


async def test_a_minute_has_one_point(kept: Kept) -> None:
    point = ProfitPoint(NOON, Decimal(1), None)
    again = ProfitPoint(NOON + timedelta(seconds=20), Decimal(2), None)
    assert await kept.marks.add_point(USER, DAY, point)
    assert not await kept.marks.add_point(USER, DAY, again)
    assert await kept.marks.points(USER, DAY) == [point]


async def test_users_and_days_do_not_see_each_other(kept: Kept) -> None:
    await kept.marks.save_marks(USER, DAY, MARKS, at=NOON)
    await kept.marks.add_point(USER, DAY, ProfitPoint(NOON, Decimal(1), None))
    for user_id, day in (("user-two", DAY), (USER, DAY + timedelta(days=1))):
        assert (await kept.runs.day(user_id, day)).marks == {}
        assert await kept.marks.points(user_id, day) == []


async def test_points_lie_apart_from_the_day_and_go_after_a_year(table: Table) -> None:
    await DynamoMarks(table).add_point(USER, DAY, ProfitPoint(NOON, Decimal(1), None))
    assert await table.query(f"USER#{USER}#DAY#{DAY}") == []
    (item,) = await table.query(f"USER#{USER}#PROFIT#{DAY}")
    assert item[TTL_ATTRIBUTE] == int((NOON + KEPT).timestamp())
