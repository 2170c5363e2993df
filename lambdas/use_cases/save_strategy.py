"""Save what a trader defined, or say everything that is wrong with it."""

from dataclasses import dataclass

from lambdas.domain.moments import next_tick
from lambdas.domain.runs import CLOSED
from lambdas.domain.strategy import Strategy, StrategyDefinition
from lambdas.domain.strategy_rules import problem_with_open_run, problems_of
from lambdas.domain.trading_calendar import TradingCalendar
from lambdas.ports.clock import Clock
from lambdas.ports.store import AccountStore, RunStore, StaleVersion, StrategyStore


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
    runs: RunStore
    clock: Clock
    calendar: TradingCalendar
    max_lots_per_leg: int
    max_strategies_per_user: int

    async def save(self, user_id: str, strategy_id: str, definition: StrategyDefinition, *, replaces: int) -> Strategy:
        """Store `definition` as version `replaces` + 1 (0 creates).

        Raises StrategyRefused with every problem found, StaleVersion when another version is stored.
        """
        soon = next_tick(self.clock.now())
        linked = {account.account_id for account in await self.accounts.accounts(user_id)}
        problems = problems_of(
            definition,
            linked_accounts=linked,
            max_lots_per_leg=self.max_lots_per_leg,
            hours=self.calendar.regular_hours(soon.date),
        )
        known = await self.strategies.strategies(user_id)
        if replaces == 0 and len(known) >= self.max_strategies_per_user:
            problems.append(f"you have {len(known)} strategies, the limit is {self.max_strategies_per_user}")
        if problems:
            raise StrategyRefused(problems)
        stored = next((strategy for strategy in known if strategy.strategy_id == strategy_id), None)
        if (stored.version if stored else 0) != replaces:
            raise StaleVersion(replaces, stored.version if stored else None)
        strategy = Strategy(user_id=user_id, strategy_id=strategy_id, version=replaces + 1, definition=definition)
        run = await self.runs.run(user_id, soon.date, strategy.run_id(soon.date))
        if run is not None and run.status not in CLOSED:
            problem = problem_with_open_run(definition.schedule, soon)
            if problem:
                raise StrategyRefused([problem])
        await self.strategies.save(strategy)
        return strategy
