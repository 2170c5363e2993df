"""Tell a user which strategies would not trade now, and why."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.domain.account_use import why_no_trade
from lambdas.domain.strategy import Strategy
from lambdas.ports.clock import Clock
from lambdas.ports.store import AccountStore, StrategyStore


@dataclass(frozen=True)
class StrategyStatus:
    """Holds strategies against their baskets and accounts as they are now."""

    strategies: StrategyStore
    accounts: AccountStore
    clock: Clock

    async def of_all(self, user_id: str) -> list[tuple[Strategy, list[str]]]:
        """Every strategy of a user with the reasons why it would not trade; none when it would."""
        stored = await self.strategies.strategies(user_id)
        return list(zip(stored, await self._reasons(user_id, stored), strict=True))

    async def of(self, strategy: Strategy) -> list[str]:
        """The reasons of one strategy."""
        (reasons,) = await self._reasons(strategy.user_id, [strategy])
        return reasons

    async def _reasons(self, user_id: str, strategies: Sequence[Strategy]) -> list[list[str]]:
        linked, held = await asyncio.gather(self.accounts.accounts(user_id), self.strategies.baskets(user_id))
        accounts = {account.account_id: account for account in linked}
        baskets = {basket.basket_id: basket for basket in held}
        now = self.clock.now()
        return [why_no_trade(strategy, baskets, accounts, now) for strategy in strategies]
