"""One contract for the orders of paper accounts, in memory as on the table."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from lambdas.adapters.dynamo.paper import DynamoPaper
from lambdas.adapters.dynamo.table import Table
from lambdas.domain.contracts import Right
from lambdas.domain.intents import IntentStatus
from lambdas.domain.paper import Fill
from lambdas.ports.paper import PaperUnclear
from shared_config.names import TTL_ATTRIBUTE
from tests.contract.store_fixtures import Stores, emulator, open_stores, stores, table
from tests.doubles.examples import TICK, USER, a_contract, a_listing
from tests.doubles.paper import a_paper_order

__all__ = ["emulator", "open_stores", "stores", "table"]
pytestmark = pytest.mark.anyio
DAY = TICK.date


class TestPaperOrders:
    async def test_an_order_comes_back_as_it_was_kept(self, stores: Stores) -> None:
        future = a_listing(a_contract(0, Right.FUT))
        fills = (
            Fill(TICK.instant, 65, a_listing().tick_size),
            Fill(TICK.instant + timedelta(microseconds=1), 65, a_listing().tick_size * 3),
        )
        orders = [
            a_paper_order("FIRST"),
            a_paper_order("SECOND", listing=future, fills=fills, status=IntentStatus.FILLED, modifications=2),
        ]
        for order in orders:
            assert await stores.paper.append(USER, "on-paper", order)
        assert await stores.paper.orders(USER, "on-paper", DAY) == orders

    async def test_a_tag_is_kept_once(self, stores: Stores) -> None:
        assert await stores.paper.append(USER, "on-paper", a_paper_order("ONCE"))
        assert not await stores.paper.append(USER, "on-paper", a_paper_order("ONCE", quantity=650))
        assert await stores.paper.orders(USER, "on-paper", DAY) == [a_paper_order("ONCE")]

    async def test_of_many_that_send_one_tag_together_one_is_kept(self, stores: Stores) -> None:
        sent = [a_paper_order("RACE", quantity=65 * times) for times in range(1, 6)]
        kept = await asyncio.gather(*(stores.paper.append(USER, "on-paper", order) for order in sent))
        assert sorted(kept) == [False] * 4 + [True]
        (order,) = await stores.paper.orders(USER, "on-paper", DAY)
        assert order == sent[kept.index(True)]

    async def test_orders_come_in_the_order_of_their_placing(self, stores: Stores) -> None:
        for tag, seconds in (("B", 2), ("C", 1), ("A", 3)):
            later = TICK.instant + timedelta(seconds=seconds)
            await stores.paper.append(USER, "on-paper", a_paper_order(tag, placed_at=later))
        assert [order.tag for order in await stores.paper.orders(USER, "on-paper", DAY)] == ["C", "B", "A"]

    async def test_books_of_users_accounts_and_days_are_apart(self, stores: Stores) -> None:
        tomorrow = TICK.instant + timedelta(days=1)
        await stores.paper.append(USER, "on-paper", a_paper_order("SAME"))
        await stores.paper.append(USER, "on-paper", a_paper_order("SAME", placed_at=tomorrow))
        await stores.paper.append(USER, "another", a_paper_order("SAME", quantity=130))
        await stores.paper.append("user-two", "on-paper", a_paper_order("SAME", quantity=195))
        assert await stores.paper.orders(USER, "on-paper", DAY) == [a_paper_order("SAME")]
        assert len(await stores.paper.orders(USER, "on-paper", tomorrow.date())) == 1
        assert await stores.paper.orders("user-three", "on-paper", DAY) == []

    async def test_a_version_replaces_the_one_before_and_no_other(self, stores: Stores) -> None:
        first = a_paper_order("GROWS")
        await stores.paper.append(USER, "on-paper", first)
        second = replace(first, version=2, limit_price=first.limit_price * 2)
        assert await stores.paper.replace(USER, "on-paper", second)
        for version in (1, 2, 4):
            assert not await stores.paper.replace(USER, "on-paper", replace(first, version=version, quantity=130))
        assert await stores.paper.orders(USER, "on-paper", DAY) == [second]

    async def test_an_order_that_was_never_kept_is_not_replaced(self, stores: Stores) -> None:
        assert not await stores.paper.replace(USER, "on-paper", a_paper_order("NEVER", version=2))
        assert await stores.paper.orders(USER, "on-paper", DAY) == []


async def test_an_order_leaves_the_table_by_itself_after_ninety_days(table: Table) -> None:
    await DynamoPaper(table).append(USER, "on-paper", a_paper_order("GOES"))
    (item,) = await table.query(f"PAPER#{USER}#on-paper#{DAY}")
    assert item[TTL_ATTRIBUTE] == int((TICK.instant + timedelta(days=90)).timestamp())


async def test_a_table_that_does_not_answer_leaves_it_open_what_happened(table: Table) -> None:
    lost = DynamoPaper(Table(table.client, "no-such-table"))
    for call in (
        lost.orders(USER, "on-paper", DAY),
        lost.append(USER, "on-paper", a_paper_order("LOST")),
        lost.replace(USER, "on-paper", a_paper_order("LOST", version=2)),
    ):
        with pytest.raises(PaperUnclear, match="ResourceNotFoundException"):
            await call
