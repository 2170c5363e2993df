"""One contract for the risk limits of users, in memory as on the table."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import cast

import pytest

from lambdas.adapters.dynamo.limits import DynamoLimits
from lambdas.adapters.dynamo.table import Table
from lambdas.domain.risk_limits import Limits, LimitsOf
from lambdas.ports.limits import LimitStore, LimitsUnreadable, StaleLimits
from tests.contract.recorded import RECORDED
from tests.contract.store_fixtures import dynamo_table, emulator, table
from tests.doubles.limits import MemoryLimits, some_limits

__all__ = ["emulator", "table"]
pytestmark = pytest.mark.anyio
EVERYTHING = some_limits(
    {"zerodha-one": {"max_loss_per_day": "2500.50", "price_sanity_percent": "12.5"}, "angel-one": {}},
    max_lots_per_order=10,
    max_lots_per_run=20,
    max_lots_per_day=30,
    max_orders_per_day=40,
    max_loss_per_day="999999999.99",
    price_sanity_percent=35,
)


@pytest.fixture(params=["memory", "moto", "emulator"])
def limits(request: pytest.FixtureRequest) -> Iterator[LimitStore]:
    """Each implementation, empty."""
    RECORDED.tests.add(request.node.originalname)
    if request.param == "memory":
        yield MemoryLimits()
        return
    url = cast(str, request.getfixturevalue("emulator")) if request.param == "emulator" else ""
    with dynamo_table(request.param, url) as opened, RECORDED.writes_to(opened):
        yield DynamoLimits(opened)


def version(number: int, *, user_id: str = "u", definition: LimitsOf = EVERYTHING) -> Limits:
    return Limits(user_id=user_id, version=number, definition=definition)


async def test_a_user_who_never_set_any_has_version_0_without_a_limit(limits: LimitStore) -> None:
    assert await limits.limits("u") == version(0, definition=LimitsOf())


async def test_limits_come_back_as_they_were_stored(limits: LimitStore) -> None:
    await limits.save_limits(version(1))
    assert await limits.limits("u") == version(1)
    await limits.save_limits(version(2, definition=some_limits(max_loss_per_day=Decimal("0.01"))))
    assert (await limits.limits("u")).definition.user.max_loss_per_day == Decimal("0.01")
    assert (await limits.limits("u")).definition.accounts == {}


async def test_a_version_replaces_the_one_before_and_no_other(limits: LimitStore) -> None:
    with pytest.raises(StaleLimits, match="you changed version 1 of the limits, but version 0 is stored"):
        await limits.save_limits(version(2))
    await limits.save_limits(version(1))
    for number in (1, 3):
        with pytest.raises(StaleLimits) as caught:
            await limits.save_limits(version(number, definition=LimitsOf()))
        assert (caught.value.held, caught.value.stored) == (number - 1, 1)
    assert await limits.limits("u") == version(1)


async def test_of_many_who_read_the_same_version_one_stores(limits: LimitStore) -> None:
    offered = [version(1, definition=some_limits(max_lots_per_day=number)) for number in range(1, 6)]
    results = await asyncio.gather(*map(limits.save_limits, offered), return_exceptions=True)
    kept = [one for one, result in zip(offered, results, strict=True) if result is None]
    assert [await limits.limits("u")] == kept
    assert sum(isinstance(result, StaleLimits) for result in results) == 4


async def test_users_do_not_see_each_other(limits: LimitStore) -> None:
    await limits.save_limits(version(1))
    await limits.save_limits(version(1, user_id="v", definition=LimitsOf()))
    assert await limits.limits("u") == version(1)
    assert await limits.limits("v") == version(1, user_id="v", definition=LimitsOf())
    assert (await limits.limits("w")).version == 0


async def test_limits_that_nobody_knows_are_not_guessed_at_and_can_be_replaced(table: Table) -> None:
    store = DynamoLimits(table)
    await store.save_limits(version(1))
    await table.update("USER#u", "LIMITS", sets={"definition": '{"user": {"max_lots_per_century": 1}}'})
    with pytest.raises(LimitsUnreadable, match="version 1 of the risk limits cannot be read; save others"):
        await store.limits("u")
    await store.save_limits(version(2))
    assert await store.limits("u") == version(2)
