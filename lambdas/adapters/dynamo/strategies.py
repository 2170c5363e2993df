"""Strategies, their due items and their baskets in the one table."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lambdas.adapters.dynamo.items import Item, user_pk
from lambdas.adapters.dynamo.table import Table
from lambdas.domain.basket import Basket, BasketDefinition
from lambdas.domain.due import Due, DueSlot, check_due_day, due_slots, shard_of
from lambdas.domain.intents import Phase
from lambdas.domain.strategy import Strategy, StrategyDefinition
from lambdas.ports.store import BasketMissing, StaleVersion
from shared_config.names import INDEX_DUE, index_key


@dataclass(frozen=True)
class DynamoStrategies:
    """Implements `StrategyStore`. The due index holds definitions, never what became of a run.

    A definition is one JSON text: read without walking it twice, and half as long on the wire as a map of typed values.
    """

    table: Table
    shards: int

    async def save(self, strategy: Strategy) -> None:
        before = await self.strategy(strategy.user_id, strategy.strategy_id)
        held = strategy.version - 1
        if (before.version if before else 0) != held:
            raise StaleVersion(held, before.version if before else None)
        old = {_due_sk(before, slot) for slot in due_slots(before)} if before else set()
        due = [self._due_item(strategy, slot) for slot in due_slots(strategy)]
        gone = old - {item["sk"] for item in due}
        operations: list[dict[str, Any]] = [_put_version(_strategy_item(strategy), held)]
        operations += [{"Put": {"Item": item}} for item in due]
        operations += [_delete(strategy.user_id, sk) for sk in sorted(gone)]
        basket_id = strategy.definition.basket_id
        if basket_id is not None:
            operations.append(_basket_exists(strategy.user_id, basket_id))
        if not await self.table.transact(operations):
            await self._explain(strategy, held)

    async def delete(self, user_id: str, strategy_id: str, version: int) -> None:
        before = await self.strategy(user_id, strategy_id)
        if before is None or before.version != version:
            raise StaleVersion(version, before.version if before else None)
        operations = [_delete_version(user_id, _strategy_sk(strategy_id), version)]
        operations += [_delete(user_id, _due_sk(before, slot)) for slot in due_slots(before)]
        if not await self.table.transact(operations):
            stored = await self.strategy(user_id, strategy_id)
            raise StaleVersion(version, stored.version if stored else None)

    async def strategy(self, user_id: str, strategy_id: str) -> Strategy | None:
        item = await self.table.get(user_pk(user_id), _strategy_sk(strategy_id))
        return _strategy_of(item) if item else None

    async def strategies(self, user_id: str) -> Sequence[Strategy]:
        items = await self.table.query(user_pk(user_id), "STRATEGY#")
        return [_strategy_of(item) for item in items]

    async def due_at(self, due_day: str, hhmm: str) -> Sequence[Due]:
        check_due_day(due_day)
        shards = await asyncio.gather(
            *(self.table.query(_due_pk(due_day, hhmm, shard), index=INDEX_DUE) for shard in range(self.shards))
        )
        return [Due(_strategy_of(item), Phase(item["phase"])) for items in shards for item in items]

    async def save_basket(self, basket: Basket) -> None:
        held = basket.version - 1
        item = {
            "pk": user_pk(basket.user_id),
            "sk": _basket_sk(basket.basket_id),
            "user_id": basket.user_id,
            "basket_id": basket.basket_id,
            "version": basket.version,
            "definition": basket.definition.model_dump_json(exclude_none=True),
        }
        if not await self.table.transact([_put_version(item, held)]):
            stored = await self.basket(basket.user_id, basket.basket_id)
            raise StaleVersion(held, stored.version if stored else None)

    async def delete_basket(self, user_id: str, basket_id: str, version: int) -> None:
        if not await self.table.transact([_delete_version(user_id, _basket_sk(basket_id), version)]):
            stored = await self.basket(user_id, basket_id)
            raise StaleVersion(version, stored.version if stored else None)

    async def basket(self, user_id: str, basket_id: str) -> Basket | None:
        item = await self.table.get(user_pk(user_id), _basket_sk(basket_id))
        return _basket_of(item) if item else None

    async def baskets(self, user_id: str) -> Sequence[Basket]:
        return [_basket_of(item) for item in await self.table.query(user_pk(user_id), "BASKET#")]

    async def _explain(self, strategy: Strategy, held: int) -> None:
        """Raise for the condition that did not hold."""
        stored = await self.strategy(strategy.user_id, strategy.strategy_id)
        if (stored.version if stored else 0) != held:
            raise StaleVersion(held, stored.version if stored else None)
        raise BasketMissing(strategy.definition.basket_id or "")

    def _due_item(self, strategy: Strategy, slot: DueSlot) -> Item:
        pk, sk = index_key(INDEX_DUE)
        shard = shard_of(strategy.user_id, self.shards)
        return {
            "pk": user_pk(strategy.user_id),
            "sk": _due_sk(strategy, slot),
            "phase": str(slot.phase),
            pk: _due_pk(slot.due_day, slot.hhmm, shard),
            sk: f"{strategy.user_id}#{strategy.strategy_id}#{slot.phase}",
            **_attributes(strategy),
        }


def _due_pk(due_day: str, hhmm: str, shard: int) -> str:
    return f"DUE#{due_day}#{hhmm}#{shard}"


def _due_sk(strategy: Strategy, slot: DueSlot) -> str:
    return f"DUE#{strategy.strategy_id}#{slot.due_day}#{slot.phase}"


def _strategy_sk(strategy_id: str) -> str:
    return f"STRATEGY#{strategy_id}"


def _basket_sk(basket_id: str) -> str:
    return f"BASKET#{basket_id}"


def _put_version(item: Item, held: int) -> dict[str, Any]:
    """Put version `held` + 1 where `held` is stored (nothing, when it is 0)."""
    put: dict[str, Any] = {"Item": item}
    if held == 0:
        put["ConditionExpression"] = "attribute_not_exists(pk)"
    else:
        put |= _version_is(held)
    return {"Put": put}


def _delete_version(user_id: str, sk: str, version: int) -> dict[str, Any]:
    return {"Delete": {"Key": {"pk": user_pk(user_id), "sk": sk}, **_version_is(version)}}


def _version_is(version: int) -> dict[str, Any]:
    return {
        "ConditionExpression": "#version = :held",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":held": version},
    }


def _delete(user_id: str, sk: str) -> dict[str, Any]:
    return {"Delete": {"Key": {"pk": user_pk(user_id), "sk": sk}}}


def _basket_exists(user_id: str, basket_id: str) -> dict[str, Any]:
    key = {"pk": user_pk(user_id), "sk": _basket_sk(basket_id)}
    return {"ConditionCheck": {"Key": key, "ConditionExpression": "attribute_exists(pk)"}}


def _strategy_item(strategy: Strategy) -> Item:
    return {"pk": user_pk(strategy.user_id), "sk": _strategy_sk(strategy.strategy_id), **_attributes(strategy)}


def _attributes(strategy: Strategy) -> Item:
    return {
        "user_id": strategy.user_id,
        "strategy_id": strategy.strategy_id,
        "version": strategy.version,
        "definition": strategy.definition.model_dump_json(exclude_none=True),
    }


def _strategy_of(item: Item) -> Strategy:
    return Strategy(
        user_id=item["user_id"],
        strategy_id=item["strategy_id"],
        version=int(item["version"]),
        definition=StrategyDefinition.model_validate_json(item["definition"]),
    )


def _basket_of(item: Item) -> Basket:
    return Basket(
        user_id=item["user_id"],
        basket_id=item["basket_id"],
        version=int(item["version"]),
        definition=BasketDefinition.model_validate_json(item["definition"]),
    )
