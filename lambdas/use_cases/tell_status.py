"""Tell a user which strategies would not trade now and why, and when each runs next."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.domain.account_use import why_no_trade
from lambdas.domain.strategy import Strategy
from lambdas.domain.trading_calendar import TradingCalendar
from lambdas.domain.upcoming import ComingDay, next_run
from lambdas.ports.clock import Clock
from lambdas.ports.store import AccountStore, ControlStore, StrategyStore


@dataclass(frozen=True)
class ToldStrategy:
    """A strategy, why it would not trade now (nothing when it would), and the next date of its schedule.

    `next_run` is None for one that is not enabled, and for one that has no date within two months.
    """

    strategy: Strategy
    reasons: list[str]
    next_run: ComingDay | None


@dataclass(frozen=True)
class StrategyStatus:
    """Holds strategies against their baskets and accounts as they are now, and against the calendar."""

    strategies: StrategyStore
    accounts: AccountStore
    controls: ControlStore
    clock: Clock
    calendar: TradingCalendar

    async def of_all(self, user_id: str) -> list[ToldStrategy]:
        """Every strategy of a user."""
        return await self._told(user_id, await self.strategies.strategies(user_id))

    async def of(self, strategy: Strategy) -> ToldStrategy:
        """One strategy."""
        (told,) = await self._told(strategy.user_id, [strategy])
        return told

    async def _told(self, user_id: str, strategies: Sequence[Strategy]) -> list[ToldStrategy]:
        linked, held, control = await asyncio.gather(
            self.accounts.accounts(user_id), self.strategies.baskets(user_id), self.controls.control()
        )
        accounts = {account.account_id: account for account in linked}
        baskets = {basket.basket_id: basket for basket in held}
        now, calendar = self.clock.now(), self.calendar.with_changes(control.changes)
        return [
            ToldStrategy(
                strategy,
                why_no_trade(strategy, baskets, accounts, now),
                next_run(strategy.definition.schedule, calendar, now) if strategy.definition.enabled else None,
            )
            for strategy in strategies
        ]
