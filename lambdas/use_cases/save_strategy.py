"""Save what a trader defined, or say everything that is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lambdas.domain.accounts import Account
from lambdas.domain.basket import Basket
from lambdas.domain.engine_rules import problems_of_enabling
from lambdas.domain.moments import next_tick
from lambdas.domain.runs import CLOSED
from lambdas.domain.strategy import Strategy, StrategyDefinition
from lambdas.domain.strategy_rules import problem_with_open_run, problems_of
from lambdas.domain.trading_calendar import TradingCalendar
from lambdas.ports.clock import Clock
from lambdas.ports.store import AccountStore, ControlStore, RunStore, StaleVersion, StrategyStore


class StrategyRefused(Exception):
    """The strategy cannot be saved; `problems` names each field and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class StrategySaver:
    """Checks a definition against its user's accounts and limits, and stores the next version."""

    strategies: StrategyStore
    accounts: AccountStore
    controls: ControlStore
    runs: RunStore
    clock: Clock
    calendar: TradingCalendar
    max_lots_per_leg: int
    max_strategies_per_user: int

    async def save(self, user_id: str, strategy_id: str, definition: StrategyDefinition, *, replaces: int) -> Strategy:
        """Store `definition` as version `replaces` + 1 (0 creates).

        Raises StrategyRefused with every problem found, StaleVersion when another version is stored.
        """
        known = await self.strategies.strategies(user_id)
        stored = next((strategy for strategy in known if strategy.strategy_id == strategy_id), None)
        if (stored.version if stored else 0) != replaces:
            raise StaleVersion(replaces, stored.version if stored else None)
        problems = await self.problems(user_id, definition)
        if stored is None and len(known) >= self.max_strategies_per_user:
            problems.append(f"you have {len(known)} strategies, the limit is {self.max_strategies_per_user}")
        if problems:
            raise StrategyRefused(problems)
        strategy = Strategy(user_id=user_id, strategy_id=strategy_id, version=replaces + 1, definition=definition)
        lost_exit = await self.problem_with_open_run(strategy)
        if lost_exit:
            raise StrategyRefused([lost_exit])
        await self.strategies.save(strategy)
        return strategy

    async def delete(self, user_id: str, strategy_id: str, version: int) -> None:
        """Remove this version and everything due for it.

        Raises StrategyRefused while its run of today is open, StaleVersion when another version is stored.
        """
        stored = await self.strategies.strategy(user_id, strategy_id)
        if stored is None or stored.version != version:
            raise StaleVersion(version, stored.version if stored else None)
        if await self._has_open_run(stored):
            raise StrategyRefused(["today's run is still open and would lose its exit; delete it when it is flat"])
        await self.strategies.delete(user_id, strategy_id, version)

    async def problems(self, user_id: str, definition: StrategyDefinition) -> list[str]:
        """Every reason why this user cannot save this definition as it is."""
        basket_id = definition.basket_id
        basket = await self.strategies.basket(user_id, basket_id) if basket_id else None
        return self.judge(definition, await self.linked(user_id), basket)

    async def linked(self, user_id: str) -> dict[str, Account]:
        """The user's accounts by id."""
        return {account.account_id: account for account in await self.accounts.accounts(user_id)}

    def judge(
        self, definition: StrategyDefinition, accounts: Mapping[str, Account], basket: Basket | None
    ) -> list[str]:
        """The same for accounts and basket that are at hand already."""
        problems = problems_of(
            definition,
            linked_accounts=accounts,
            max_lots_per_leg=self.max_lots_per_leg,
            hours=self.calendar.regular_hours(next_tick(self.clock.now()).date),
            basket_multiplier=basket.definition.multiplier if basket else Decimal(1),
        )
        if definition.basket_id is not None and basket is None:
            problems.append(f"basket_id: you have no basket {definition.basket_id!r}; create it first")
        if not definition.enabled:
            return problems
        return [*problems, *_problems_on_paper(definition, accounts), *problems_of_enabling(definition)]

    async def problem_with_open_run(self, strategy: Strategy) -> str | None:
        """Why this version must not be stored now: it would take the exit of today's open run away."""
        if not await self._has_open_run(strategy):
            return None
        soon = next_tick(self.clock.now())
        control = await self.controls.control()
        due_day = self.calendar.with_changes(control.changes).day(soon.date).due_day
        return problem_with_open_run(strategy.definition.schedule, soon, due_day)

    async def _has_open_run(self, strategy: Strategy) -> bool:
        day = next_tick(self.clock.now()).date
        run = await self.runs.run(strategy.user_id, day, strategy.run_id(day))
        return run is not None and run.status not in CLOSED


def _problems_on_paper(definition: StrategyDefinition, accounts: Mapping[str, Account]) -> Sequence[str]:
    if definition.mode == "live":
        return ()
    from lambdas.domain.on_paper import as_traded

    return as_traded(definition, accounts).problems
