"""The design that relational habit leads to, built fairly, to measure against.

Three tables, each fact in one place, as normal forms have it:

| table | partition key | sort key | item |
|---|---|---|---|
| schedules | `MON#09:20` | `<user>#<strategy>#<phase>` | user, strategy, phase, version, name, underlying, product |
| legs | `<user>#<strategy>` | `<number>` | right, side, lots, strike and expiry rule |
| allocations | `<user>#<strategy>` | `<number>#<account>` | the lots of a leg in an account |

What is due is one query; then each strategy needs its legs and its allocations: 1 + 2 × n queries for n strategies.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.conditions import Key

from lambdas.domain.due import due_slots
from lambdas.domain.strategy import Strategy

TABLES = ("schedules", "legs", "allocations")
Item = dict[str, Any]
Found = tuple[Item, list[Item], list[Item]]


@dataclass(frozen=True)
class NaiveModel:
    """The three tables through one client that speaks Python values."""

    client: Any

    async def find(self, due_day: str, hhmm: str, *, at_once: int) -> list[Found]:
        """What is due with its legs and allocations, so many strategies at once."""
        due = await self._query("schedules", f"{due_day}#{hhmm}")
        slots = asyncio.Semaphore(at_once)
        return list(await asyncio.gather(*(self._whole(item, slots) for item in due)))

    async def _whole(self, due: Item, slots: asyncio.Semaphore) -> Found:
        key = f"{due['user_id']}#{due['strategy_id']}"
        async with slots:
            return due, await self._query("legs", key), await self._query("allocations", key)

    async def _query(self, table: str, pk: str) -> list[Item]:
        items: list[Item] = []
        more: dict[str, Any] = {}
        while True:
            answer = await asyncio.to_thread(
                self.client.query, TableName=table, KeyConditionExpression=Key("pk").eq(pk), **more
            )
            items += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return items
            more = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def create_tables(client: Any) -> None:
    """The three tables, empty."""
    for name in TABLES:
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in (("pk", "HASH"), ("sk", "RANGE"))],
        )


def rows(strategies: Sequence[Strategy]) -> dict[str, list[Item]]:
    """The items of each table."""
    return {
        "schedules": [item for strategy in strategies for item in _schedules(strategy)],
        "legs": [item for strategy in strategies for item in _legs(strategy)],
        "allocations": [item for strategy in strategies for item in _allocations(strategy)],
    }


def _schedules(strategy: Strategy) -> Iterator[Item]:
    definition = strategy.definition
    for slot in due_slots(strategy):
        yield {
            "pk": f"{slot.due_day}#{slot.hhmm}",
            "sk": f"{strategy.user_id}#{strategy.strategy_id}#{slot.phase}",
            "user_id": strategy.user_id,
            "strategy_id": strategy.strategy_id,
            "phase": str(slot.phase),
            "version": strategy.version,
            "name": definition.name,
            "underlying": definition.underlying,
            "product": definition.product,
        }


def _legs(strategy: Strategy) -> Iterator[Item]:
    for number, leg in enumerate(strategy.definition.legs, 1):
        rule = leg.model_dump(mode="json", exclude_none=True, exclude={"allocation"})
        yield {"pk": _key(strategy), "sk": f"{number:02}", **rule}


def _allocations(strategy: Strategy) -> Iterator[Item]:
    for number, leg in enumerate(strategy.definition.legs, 1):
        for share in leg.allocation:
            yield {"pk": _key(strategy), "sk": f"{number:02}#{share.account_id}", "lots": share.lots}


def _key(strategy: Strategy) -> str:
    return f"{strategy.user_id}#{strategy.strategy_id}"
