"""Strategies and baskets in memory."""

from collections.abc import Sequence

from lambdas.domain.basket import Basket
from lambdas.domain.due import Due, check_due_day, due_slots
from lambdas.domain.strategy import Strategy
from lambdas.ports.store import BasketMissing, StaleVersion


class MemoryStrategies:
    """Implements `StrategyStore`: what is due is computed from what is stored."""

    def __init__(self, *stored: Strategy) -> None:
        self._stored = {(strategy.user_id, strategy.strategy_id): strategy for strategy in stored}
        self._baskets: dict[tuple[str, str], Basket] = {}

    async def save(self, strategy: Strategy) -> None:
        key = (strategy.user_id, strategy.strategy_id)
        _check_version(self._stored.get(key), strategy.version - 1)
        basket_id = strategy.definition.basket_id
        if basket_id is not None and (strategy.user_id, basket_id) not in self._baskets:
            raise BasketMissing(basket_id)
        self._stored[key] = strategy

    async def delete(self, user_id: str, strategy_id: str, version: int) -> None:
        _check_version(self._stored.get((user_id, strategy_id)), version)
        del self._stored[user_id, strategy_id]

    def forget(self, user_id: str, strategy_id: str) -> None:
        """Delete a strategy, as an operator does."""
        del self._stored[user_id, strategy_id]

    async def strategy(self, user_id: str, strategy_id: str) -> Strategy | None:
        return self._stored.get((user_id, strategy_id))

    async def strategies(self, user_id: str) -> Sequence[Strategy]:
        return [self._stored[key] for key in sorted(self._stored) if key[0] == user_id]

    async def due_at(self, due_day: str, hhmm: str) -> Sequence[Due]:
        check_due_day(due_day)
        return [
            Due(self._stored[key], slot.phase)
            for key in sorted(self._stored)
            for slot in due_slots(self._stored[key])
            if (slot.due_day, slot.hhmm) == (due_day, hhmm)
        ]

    async def save_basket(self, basket: Basket) -> None:
        key = (basket.user_id, basket.basket_id)
        _check_version(self._baskets.get(key), basket.version - 1)
        self._baskets[key] = basket

    async def delete_basket(self, user_id: str, basket_id: str, version: int) -> None:
        _check_version(self._baskets.get((user_id, basket_id)), version)
        del self._baskets[user_id, basket_id]

    async def basket(self, user_id: str, basket_id: str) -> Basket | None:
        return self._baskets.get((user_id, basket_id))

    async def baskets(self, user_id: str) -> Sequence[Basket]:
        return [self._baskets[key] for key in sorted(self._baskets) if key[0] == user_id]


def _check_version(stored: Strategy | Basket | None, held: int) -> None:
    version = stored.version if stored else None
    if (version or 0) != held or (held == 0 and stored is not None):
        raise StaleVersion(held, version)
