"""Save, switch, copy and delete baskets."""

from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.domain.basket import Basket, BasketDefinition
from lambdas.domain.strategy import Strategy
from lambdas.domain.strategy_rules import problems_of_lots
from lambdas.ports.store import StaleVersion, StrategyStore
from lambdas.use_cases.change_strategy import disabled_copy, name_of_copy
from lambdas.use_cases.save_strategy import StrategyRefused, StrategySaver


class BasketUnknown(Exception):
    """The user has no basket of that id."""

    def __init__(self, basket_id: str) -> None:
        super().__init__(f"you have no basket {basket_id!r}")


@dataclass(frozen=True)
class BasketKeeper:
    """Keeps a user's baskets. What a basket says is read when its strategies are prepared."""

    strategies: StrategyStore
    saver: StrategySaver
    max_lots_per_leg: int
    max_baskets_per_user: int

    async def save(self, user_id: str, basket_id: str, definition: BasketDefinition, *, replaces: int) -> Basket:
        """Store `definition` as version `replaces` + 1 (0 creates).

        Raises StaleVersion, and StrategyRefused when its multiplier takes a strategy over a limit.
        """
        known = await self.strategies.baskets(user_id)
        stored = next((basket for basket in known if basket.basket_id == basket_id), None)
        if (stored.version if stored else 0) != replaces:
            raise StaleVersion(replaces, stored.version if stored else None)
        problems = await self._problems(user_id, basket_id, definition)
        if stored is None and len(known) >= self.max_baskets_per_user:
            problems.append(f"you have {len(known)} baskets, the limit is {self.max_baskets_per_user}")
        if problems:
            raise StrategyRefused(problems)
        basket = Basket(user_id=user_id, basket_id=basket_id, version=replaces + 1, definition=definition)
        await self.strategies.save_basket(basket)
        return basket

    async def switch(self, user_id: str, basket_id: str, *, enabled: bool, replaces: int) -> Basket:
        """Enable or disable version `replaces`. Raises BasketUnknown, StaleVersion, StrategyRefused."""
        stored = await self.stored(user_id, basket_id)
        if stored.version != replaces:
            raise StaleVersion(replaces, stored.version)
        if stored.definition.enabled is enabled:
            return stored
        changed = stored.definition.model_copy(update={"enabled": enabled})
        return await self.save(user_id, basket_id, changed, replaces=replaces)

    async def copy(self, user_id: str, basket_id: str, new_id: str, name: str | None) -> tuple[Basket, list[Strategy]]:
        """A disabled copy with disabled copies of its strategies, named `<new id>-1`, `<new id>-2`, …

        Raises BasketUnknown, StaleVersion when an id is taken, StrategyRefused when a strategy could not be
        saved as it is any more; what was copied before stays then, disabled.
        """
        stored = await self.stored(user_id, basket_id)
        update = {"enabled": False, "name": name or name_of_copy(stored.definition.name)}
        basket = await self.save(user_id, new_id, stored.definition.model_copy(update=update), replaces=0)
        copies: list[Strategy] = []
        for number, member in enumerate(await self.members(user_id, basket_id), 1):
            definition = disabled_copy(member.definition, member.definition.name)
            definition = definition.model_copy(update={"basket_id": new_id})
            copies.append(await self.saver.save(user_id, f"{new_id}-{number}", definition, replaces=0))
        return basket, copies

    async def delete(self, user_id: str, basket_id: str, version: int) -> None:
        """Remove this version. Raises BasketUnknown, StaleVersion, and StrategyRefused while it has strategies."""
        stored = await self.stored(user_id, basket_id)
        if stored.version != version:
            raise StaleVersion(version, stored.version)
        members = [member.strategy_id for member in await self.members(user_id, basket_id)]
        if members:
            raise StrategyRefused([f"it holds {', '.join(members)}; move or delete them first"])
        await self.strategies.delete_basket(user_id, basket_id, version)

    async def stored(self, user_id: str, basket_id: str) -> Basket:
        """The present version. Raises BasketUnknown."""
        basket = await self.strategies.basket(user_id, basket_id)
        if basket is None:
            raise BasketUnknown(basket_id)
        return basket

    async def members(self, user_id: str, basket_id: str) -> Sequence[Strategy]:
        """The strategies of a basket."""
        return [
            strategy
            for strategy in await self.strategies.strategies(user_id)
            if strategy.definition.basket_id == basket_id
        ]

    async def _problems(self, user_id: str, basket_id: str, definition: BasketDefinition) -> list[str]:
        return [
            f"multiplier: {member.strategy_id}: {problem}"
            for member in await self.members(user_id, basket_id)
            for problem in problems_of_lots(member.definition, definition.multiplier, self.max_lots_per_leg)
        ]
