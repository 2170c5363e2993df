"""Move strategies and baskets in and out as one document."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from lambdas.domain.basket import Basket, BasketDefinition
from lambdas.domain.strategy import Strategy, StrategyDefinition
from lambdas.domain.values import Identifier, Value
from lambdas.ports.store import StrategyStore
from lambdas.use_cases.keep_baskets import BasketKeeper
from lambdas.use_cases.save_strategy import StrategyRefused, StrategySaver


class BasketEntry(Value):
    """One basket of a document."""

    basket_id: Identifier
    definition: BasketDefinition


class StrategyEntry(Value):
    """One strategy of a document."""

    strategy_id: Identifier
    definition: StrategyDefinition


class Document(Value):
    """What a file holds. Versions and users are not part of it."""

    legwise: Annotated[Literal[1], Field(description="the format of this document")]
    baskets: Annotated[tuple[BasketEntry, ...], Field(max_length=1000)] = ()
    strategies: Annotated[tuple[StrategyEntry, ...], Field(max_length=1000)] = ()


@dataclass(frozen=True)
class Imported:
    """What an import stored (or, in a dry run, would store)."""

    baskets: tuple[Basket, ...]
    strategies: tuple[Strategy, ...]


@dataclass(frozen=True)
class StrategyTransfer:
    """Exports everything of a user; imports a document after checking all of it."""

    strategies: StrategyStore
    saver: StrategySaver
    keeper: BasketKeeper

    async def export(self, user_id: str) -> Document:
        """All baskets and strategies of a user."""
        baskets = await self.strategies.baskets(user_id)
        strategies = await self.strategies.strategies(user_id)
        return Document(
            legwise=1,
            baskets=tuple(BasketEntry(basket_id=row.basket_id, definition=row.definition) for row in baskets),
            strategies=tuple(
                StrategyEntry(strategy_id=row.strategy_id, definition=row.definition) for row in strategies
            ),
        )

    async def load(self, user_id: str, document: Document, *, replace: bool, dry_run: bool) -> Imported:
        """Store a document's baskets and strategies, each disabled, so that nothing trades unasked.

        Everything is checked first: one problem and nothing is stored. What exists already is refused, or
        becomes the next version with `replace`. Raises StrategyRefused naming the entries, StaleVersion when
        somebody changes one in between; what was stored before that stays.
        """
        baskets, strategies = await self._next_versions(user_id, document)
        problems = [] if replace else _taken(baskets, strategies)
        problems += _repeated(document)
        problems += await self._problems(user_id, baskets, strategies)
        if problems:
            raise StrategyRefused(problems)
        if not dry_run:
            for basket in baskets:
                await self.strategies.save_basket(basket)
            for strategy in strategies:
                await self.strategies.save(strategy)
        return Imported(tuple(baskets), tuple(strategies))

    async def _next_versions(self, user_id: str, document: Document) -> tuple[list[Basket], list[Strategy]]:
        held = {basket.basket_id: basket.version for basket in await self.strategies.baskets(user_id)}
        known = {strategy.strategy_id: strategy.version for strategy in await self.strategies.strategies(user_id)}
        off = {"enabled": False}
        baskets = [
            Basket(
                user_id=user_id,
                basket_id=entry.basket_id,
                version=held.get(entry.basket_id, 0) + 1,
                definition=entry.definition.model_copy(update=off),
            )
            for entry in document.baskets
        ]
        strategies = [
            Strategy(
                user_id=user_id,
                strategy_id=entry.strategy_id,
                version=known.get(entry.strategy_id, 0) + 1,
                definition=entry.definition.model_copy(update=off),
            )
            for entry in document.strategies
        ]
        return baskets, strategies

    async def _problems(self, user_id: str, baskets: Sequence[Basket], strategies: Sequence[Strategy]) -> list[str]:
        """What would be wrong once all of it is stored; what is stored now is no measure for it."""
        stored = await self.strategies.baskets(user_id)
        known = await self.strategies.strategies(user_id)
        held = {basket.basket_id: basket for basket in (*stored, *baskets)}
        accounts = await self.saver.linked(user_id)
        problems = self._problems_of_members(baskets, strategies, known)
        for number, strategy in enumerate(strategies, 1):
            found = self.saver.judge(strategy.definition, accounts, held.get(strategy.definition.basket_id or ""))
            lost_exit = await self.saver.problem_with_open_run(strategy)
            found += [lost_exit] if lost_exit else []
            problems += [f"strategies[{number}] ({strategy.strategy_id}): {problem}" for problem in found]
        return problems + self._over_limits(known, strategies, stored, baskets)

    def _problems_of_members(
        self, baskets: Sequence[Basket], strategies: Sequence[Strategy], known: Sequence[Strategy]
    ) -> list[str]:
        """What the new multipliers make of strategies that are stored and not in the document."""
        replaced = {strategy.strategy_id for strategy in strategies}
        staying = [strategy for strategy in known if strategy.strategy_id not in replaced]
        problems: list[str] = []
        for number, basket in enumerate(baskets, 1):
            members = [strategy for strategy in staying if strategy.definition.basket_id == basket.basket_id]
            found = self.keeper.problems_of_members(basket, members)
            problems += [f"baskets[{number}] ({basket.basket_id}): {problem}" for problem in found]
        return problems

    def _over_limits(
        self,
        known: Sequence[Strategy],
        strategies: Sequence[Strategy],
        held: Sequence[Basket],
        baskets: Sequence[Basket],
    ) -> list[str]:
        counts = {
            "strategies": (
                len({row.strategy_id for row in (*known, *strategies)}),
                self.saver.max_strategies_per_user,
            ),
            "baskets": (len({row.basket_id for row in (*held, *baskets)}), self.keeper.max_baskets_per_user),
        }
        return [
            f"{what}: you would have {count}, the limit is {limit}"
            for what, (count, limit) in counts.items()
            if count > limit
        ]


def _taken(baskets: Sequence[Basket], strategies: Sequence[Strategy]) -> list[str]:
    taken = [f"baskets[{n}] ({row.basket_id})" for n, row in enumerate(baskets, 1) if row.version > 1]
    taken += [f"strategies[{n}] ({row.strategy_id})" for n, row in enumerate(strategies, 1) if row.version > 1]
    return [f"{what}: exists already; rename it, or import with replace" for what in taken]


def _repeated(document: Document) -> list[str]:
    problems: list[str] = []
    for kind, ids in (
        ("baskets", [entry.basket_id for entry in document.baskets]),
        ("strategies", [entry.strategy_id for entry in document.strategies]),
    ):
        problems += [
            f"{kind}[{number}] ({name}): is in the document twice; rename one"
            for number, name in enumerate(ids, 1)
            if name in ids[: number - 1]
        ]
    return problems
