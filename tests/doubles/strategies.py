"""Strategies in memory."""

from collections.abc import Sequence

from lambdas.domain.due import Due, due_slots
from lambdas.domain.moments import Tick
from lambdas.domain.strategy import Strategy
from lambdas.ports.store import StaleVersion


class MemoryStrategies:
    """Implements `StrategyStore`: what is due is computed from what is stored."""

    def __init__(self, *stored: Strategy) -> None:
        self._stored = {(strategy.user_id, strategy.strategy_id): strategy for strategy in stored}

    async def save(self, strategy: Strategy) -> None:
        before = self._stored.get((strategy.user_id, strategy.strategy_id))
        held = strategy.version - 1
        if (before.version if before else 0) != held:
            raise StaleVersion(held, before.version if before else None)
        self._stored[strategy.user_id, strategy.strategy_id] = strategy

    def forget(self, user_id: str, strategy_id: str) -> None:
        """Delete a strategy, as an operator does."""
        del self._stored[user_id, strategy_id]

    async def strategy(self, user_id: str, strategy_id: str) -> Strategy | None:
        return self._stored.get((user_id, strategy_id))

    async def strategies(self, user_id: str) -> Sequence[Strategy]:
        return [self._stored[key] for key in sorted(self._stored) if key[0] == user_id]

    async def due_at(self, tick: Tick) -> Sequence[Due]:
        return [
            Due(self._stored[key], slot.phase)
            for key in sorted(self._stored)
            for slot in due_slots(self._stored[key])
            if (slot.weekday, slot.hhmm) == (tick.weekday, tick.hhmm)
        ]
