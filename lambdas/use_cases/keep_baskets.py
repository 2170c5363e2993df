"""Save, switch, copy and delete baskets."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lambdas.domain.basket import Basket, BasketDefinition
from lambdas.domain.strategy import Strategy
from lambdas.domain.strategy_rules import problems_of_lots
from lambdas.ports.store import StaleVersion, StrategyStore
from lambdas.use_cases.change_strategy import disabled_copy, name_of_copy
from lambdas.use_cases.save_strategy import StrategyRefused, StrategySaver

ID_LENGTH = 40


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
        basket = Basket(user_id=user_id, basket_id=basket_id, version=replaces + 1, definition=definition)
        problems = await self._problems_of_storing(basket)
        problems += self.problems_of_members(basket, await self.members(user_id, basket_id))
        if problems:
            raise StrategyRefused(problems)
        await self.strategies.save_basket(basket)
        return basket

    async def switch(self, user_id: str, basket_id: str, *, enabled: bool, replaces: int) -> Basket:
        """Enable or disable version `replaces`; the one that is stored already when nothing changes.

        Disabling asks for nothing else. Raises BasketUnknown, StaleVersion, StrategyRefused (enabling only).
        """
        stored = await self.stored(user_id, basket_id)
        if stored.version != replaces:
            raise StaleVersion(replaces, stored.version)
        if stored.definition.enabled is enabled:
            return stored
        changed = stored.definition.model_copy(update={"enabled": enabled})
        if enabled:
            return await self.save(user_id, basket_id, changed, replaces=replaces)
        disabled = stored.model_copy(update={"version": replaces + 1, "definition": changed})
        await self.strategies.save_basket(disabled)
        return disabled

    async def copy(self, user_id: str, basket_id: str, new_id: str, name: str | None) -> tuple[Basket, list[Strategy]]:
        """A disabled copy with disabled copies of its strategies, named `<new id>-1`, `<new id>-2`, …

        Everything is checked first: one problem and nothing is copied. Raises BasketUnknown, StaleVersion when
        the basket's id is taken, and StrategyRefused.
        """
        stored = await self.stored(user_id, basket_id)
        update = {"enabled": False, "name": name or name_of_copy(stored.definition.name)}
        basket = Basket(
            user_id=user_id, basket_id=new_id, version=1, definition=stored.definition.model_copy(update=update)
        )
        members = await self.members(user_id, basket_id)
        problems = await self._problems_of_storing(basket)
        problems += await self._problems_of_copies(basket, members)
        if problems:
            raise StrategyRefused(problems)
        copies = _copies(basket, members)
        await self.strategies.save_basket(basket)
        for copy in copies:
            await self.strategies.save(copy)
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

    def problems_of_members(self, basket: Basket, members: Sequence[Strategy]) -> list[str]:
        """Where a basket's multiplier takes one of these strategies over a limit, or to no lot."""
        return [
            f"multiplier: {member.strategy_id}: {problem}"
            for member in members
            for problem in problems_of_lots(member.definition, basket.definition.multiplier, self.max_lots_per_leg)
        ]

    async def _problems_of_storing(self, basket: Basket) -> list[str]:
        """Raises StaleVersion."""
        known = await self.strategies.baskets(basket.user_id)
        stored = next((row for row in known if row.basket_id == basket.basket_id), None)
        held = basket.version - 1
        if (stored.version if stored else 0) != held:
            raise StaleVersion(held, stored.version if stored else None)
        if stored is None and len(known) >= self.max_baskets_per_user:
            return [f"you have {len(known)} baskets, the limit is {self.max_baskets_per_user}"]
        return []

    async def _problems_of_copies(self, basket: Basket, members: Sequence[Strategy]) -> list[str]:
        known = await self.strategies.strategies(basket.user_id)
        problems = _problems_of_ids(basket, members, {strategy.strategy_id for strategy in known})
        count, limit = len(known) + len(members), self.saver.max_strategies_per_user
        if members and count > limit:
            problems.append(f"you would have {count} strategies, the limit is {limit}")
        accounts = await self.saver.linked(basket.user_id)
        for member in members:
            found = self.saver.judge(disabled_copy(member.definition), accounts, basket)
            problems += [f"{member.strategy_id}: {problem}" for problem in found]
        return problems


def _problems_of_ids(basket: Basket, members: Sequence[Strategy], known: Collection[str]) -> list[str]:
    """Ids that the copies cannot have."""
    ids = [_id_of_copy(basket.basket_id, number) for number in range(1, len(members) + 1)]
    if ids and len(ids[-1]) > ID_LENGTH:
        return [f"new_id: the last copy would be {ids[-1]!r}, longer than {ID_LENGTH}; choose a shorter one"]
    return [f"new_id: you have a strategy {one!r} already; choose another" for one in ids if one in known]


def _copies(basket: Basket, members: Sequence[Strategy]) -> list[Strategy]:
    return [
        Strategy(
            user_id=basket.user_id,
            strategy_id=_id_of_copy(basket.basket_id, number),
            version=1,
            definition=member.definition.model_copy(update={"enabled": False, "basket_id": basket.basket_id}),
        )
        for number, member in enumerate(members, 1)
    ]


def _id_of_copy(basket_id: str, number: int) -> str:
    return f"{basket_id}-{number}"
