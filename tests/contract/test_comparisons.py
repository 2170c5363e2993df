"""One contract for the last comparisons of accounts, in memory as on the table."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import cast

import pytest

from lambdas.adapters.dynamo.comparisons import KEPT_FOR, DynamoComparisons
from lambdas.adapters.dynamo.table import Table
from lambdas.domain.compared import Compared, Remembered
from lambdas.domain.comparison import Difference, DifferenceKind, Stranger, StrangerKind
from lambdas.domain.earlier import Leftover
from lambdas.ports.comparisons import ComparisonStore
from shared_config.names import TTL_ATTRIBUTE
from tests.contract.recorded import RECORDED
from tests.contract.store_fixtures import dynamo_table, emulator, table
from tests.doubles.comparisons import MemoryComparisons
from tests.doubles.examples import USER, at

__all__ = ["emulator", "table"]
pytestmark = pytest.mark.anyio
NOON = at("12:00:00.000001")
FIRST = Compared(
    user_id=USER,
    account_id="zerodha-one",
    version=1,
    tried_at=NOON,
    at=NOON,
    differences=(
        Remembered(
            Difference(DifferenceKind.NOT_HELD, "NIFTY24500CE/MIS", "the broker has +0"),
            first_seen=NOON - timedelta(minutes=2),
            last_seen=NOON,
            told=True,
        ),
        Remembered(Difference(DifferenceKind.ABSENT, "LWTAG", "no order"), first_seen=NOON, last_seen=NOON),
    ),
    strangers=(
        Stranger(StrangerKind.ORDER, "NIFTY24500PE", -65, "M1"),
        Stranger(StrangerKind.POSITION, "NIFTY24500PE", -65, "NRML"),
    ),
    earlier=(
        Leftover("spread-20261120", date(2026, 11, 20), "NIFTY24500CE", "NRML", -130, -65, told=True),
        Leftover("spread-20261120", date(2026, 11, 20), "NIFTY24700CE", "NRML", 130, 0, gone_since=NOON),
    ),
)


@pytest.fixture(params=["memory", "moto", "emulator"])
def comparisons(request: pytest.FixtureRequest) -> Iterator[ComparisonStore]:
    """Each implementation, empty."""
    RECORDED.tests.add(request.node.originalname)
    if request.param == "memory":
        yield MemoryComparisons()
        return
    url = cast(str, request.getfixturevalue("emulator")) if request.param == "emulator" else ""
    with dynamo_table(request.param, url) as opened, RECORDED.writes_to(opened):
        yield DynamoComparisons(opened)


async def test_an_account_that_was_never_compared_has_none(comparisons: ComparisonStore) -> None:
    assert await comparisons.comparison(USER, "zerodha-one") is None


async def test_a_comparison_comes_back_as_it_was_stored(comparisons: ComparisonStore) -> None:
    unread = replace(FIRST, version=2, at=None, unreadable="connection refused", differences=(), strangers=())
    for compared in (FIRST, unread):
        assert await comparisons.save_comparison(compared)
        assert await comparisons.comparison(USER, "zerodha-one") == compared


async def test_a_version_replaces_the_one_before_and_no_other(comparisons: ComparisonStore) -> None:
    assert not await comparisons.save_comparison(replace(FIRST, version=2))
    assert await comparisons.save_comparison(FIRST)
    for version in (1, 3):
        assert not await comparisons.save_comparison(replace(FIRST, version=version, unreadable="late"))
    assert await comparisons.comparison(USER, "zerodha-one") == FIRST


async def test_of_many_who_compare_at_once_one_stores(comparisons: ComparisonStore) -> None:
    offered = [replace(FIRST, unreadable=str(number)) for number in range(5)]
    stored = await asyncio.gather(*map(comparisons.save_comparison, offered))
    kept = [one for one, done in zip(offered, stored, strict=True) if done]
    assert [await comparisons.comparison(USER, "zerodha-one")] == kept


async def test_users_and_accounts_do_not_see_each_other(comparisons: ComparisonStore) -> None:
    await comparisons.save_comparison(FIRST)
    assert await comparisons.comparison("user-two", "zerodha-one") is None
    assert await comparisons.comparison(USER, "zerodha-two") is None


async def test_one_that_was_stored_before_earlier_days_were_told_apart_is_read(table: Table) -> None:
    stores = DynamoComparisons(table)
    await stores.save_comparison(FIRST)
    await table.update(f"USER#{USER}", "COMPARISON#zerodha-one", sets={"unreadable": ""}, removes=("earlier",))
    assert await stores.comparison(USER, "zerodha-one") == replace(FIRST, earlier=())


async def test_it_goes_a_week_after_the_last_comparison(table: Table) -> None:
    await DynamoComparisons(table).save_comparison(FIRST)
    item = await table.get(f"USER#{USER}", "COMPARISON#zerodha-one")
    assert item is not None
    assert item[TTL_ATTRIBUTE] == int((NOON + KEPT_FOR).timestamp())
