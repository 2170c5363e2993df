"""What each change of a strategy writes: the store's own transaction over the table before, and its cost."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lambdas.adapters.dynamo.strategies import DynamoStrategies
from lambdas.domain.basket import Basket, BasketDefinition
from lambdas.domain.strategy import Strategy
from local.capacity import WriteCost, transaction_cost
from local.table_examples import BASKET, TICK, USER, WEEKDAYS, ExampleTable, example_strategy

CREATED = "created, five weekdays"
DELETED = "deleted"
EDITS: Mapping[str, Mapping[str, Any]] = {
    "legs or rules edited, same times": {"multiplier": Decimal(2)},
    "entry and exit moved": {"schedule": {"weekdays": WEEKDAYS, "entry": "09:25", "exit": "15:10"}},
    "two weekdays taken away": {"schedule": {"weekdays": WEEKDAYS[:3], "entry": TICK.hhmm, "exit": "15:15"}},
    "disabled": {"enabled": False},
}
WRITES_OF_A_STRATEGY = (CREATED, *EDITS, DELETED)


def cost_of(name: str) -> WriteCost:
    """The cost of one of `WRITES_OF_A_STRATEGY`."""
    return asyncio.run(_cost_of(name))


async def _cost_of(name: str) -> WriteCost:
    table = ExampleTable()
    strategies = DynamoStrategies(table, 1)
    definition = BasketDefinition(name="Index income", capital=Decimal(500_000))
    await strategies.save_basket(Basket(user_id=USER, basket_id=BASKET, version=1, definition=definition))
    first = _version(1)
    before = dict(table.items)
    await strategies.save(first)
    if name != CREATED:
        before = dict(table.items)
        if name == DELETED:
            await strategies.delete(USER, first.strategy_id, 1)
        else:
            await strategies.save(_version(2, **EDITS[name]))
    return transaction_cost(table.transactions[-1], before)


def _version(version: int, **changes: Any) -> Strategy:
    return example_strategy(version=version, basket_id=BASKET, **changes)
