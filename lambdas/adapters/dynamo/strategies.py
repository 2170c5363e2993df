"""Strategies and their due items in the one table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lambdas.adapters.dynamo.items import Item, user_pk
from lambdas.adapters.dynamo.table import Table
from lambdas.domain.due import Due, DueSlot, due_slots, shard_of
from lambdas.domain.intents import Phase
from lambdas.domain.moments import Tick
from lambdas.domain.strategy import Strategy
from lambdas.ports.store import StaleVersion
from shared_config.names import INDEX_DUE, index_key


@dataclass(frozen=True)
class DynamoStrategies:
    """Implements `StrategyStore`. The due index holds definitions, never what became of a run."""

    table: Table
    shards: int

    async def save(self, strategy: Strategy) -> None:
        before = await self.strategy(strategy.user_id, strategy.strategy_id)
        held = strategy.version - 1
        if (before.version if before else 0) != held:
            raise StaleVersion(held, before.version if before else None)
        old = {self._due_sk(before, slot) for slot in due_slots(before)} if before else set()
        due = [self._due_item(strategy, slot) for slot in due_slots(strategy)]
        pk = user_pk(strategy.user_id)
        gone = old - {item["sk"] for item in due}
        operations: list[dict[str, Any]] = [self._put_versioned(strategy, held)]
        operations += [{"Put": {"Item": item}} for item in due]
        operations += [{"Delete": {"Key": {"pk": pk, "sk": sk}}} for sk in sorted(gone)]
        if not await self.table.transact(operations):
            stored = await self.strategy(strategy.user_id, strategy.strategy_id)
            raise StaleVersion(held, stored.version if stored else None)

    async def strategy(self, user_id: str, strategy_id: str) -> Strategy | None:
        item = await self.table.get(user_pk(user_id), f"STRATEGY#{strategy_id}")
        return _strategy_of(item) if item else None

    async def strategies(self, user_id: str) -> Sequence[Strategy]:
        items = await self.table.query(user_pk(user_id), "STRATEGY#")
        return [_strategy_of(item) for item in items]

    async def due_at(self, tick: Tick) -> Sequence[Due]:
        found: list[Due] = []
        for shard in range(self.shards):
            pk = f"DUE#{tick.weekday}#{tick.hhmm}#{shard}"
            for item in await self.table.query(pk, index=INDEX_DUE):
                found.append(Due(_strategy_of(item), Phase(item["phase"])))
        return found

    def _put_versioned(self, strategy: Strategy, held: int) -> dict[str, Any]:
        put: dict[str, Any] = {
            "Item": {
                "pk": user_pk(strategy.user_id),
                "sk": f"STRATEGY#{strategy.strategy_id}",
                **_attributes(strategy),
            }
        }
        if held == 0:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        else:
            put["ConditionExpression"] = "#version = :held"
            put["ExpressionAttributeNames"] = {"#version": "version"}
            put["ExpressionAttributeValues"] = {":held": held}
        return {"Put": put}

    def _due_item(self, strategy: Strategy, slot: DueSlot) -> Item:
        pk, sk = index_key(INDEX_DUE)
        shard = shard_of(strategy.user_id, self.shards)
        return {
            "pk": user_pk(strategy.user_id),
            "sk": self._due_sk(strategy, slot),
            "phase": str(slot.phase),
            pk: f"DUE#{slot.weekday}#{slot.hhmm}#{shard}",
            sk: f"{strategy.user_id}#{strategy.strategy_id}#{slot.phase}",
            **_attributes(strategy),
        }

    @staticmethod
    def _due_sk(strategy: Strategy, slot: DueSlot) -> str:
        return f"DUE#{strategy.strategy_id}#{slot.weekday}#{slot.phase}"


def _attributes(strategy: Strategy) -> Item:
    return {
        "user_id": strategy.user_id,
        "strategy_id": strategy.strategy_id,
        "version": strategy.version,
        "definition": strategy.definition.model_dump(mode="json"),
    }


def _strategy_of(item: Item) -> Strategy:
    return Strategy(
        user_id=item["user_id"],
        strategy_id=item["strategy_id"],
        version=int(item["version"]),
        definition=item["definition"],
    )
