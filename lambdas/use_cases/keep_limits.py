"""Tell and replace a user's risk limits, with what the day has used of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lambdas.domain.accounts import PAPER
from lambdas.domain.day_use import DayUse, use_of
from lambdas.domain.moments import IST
from lambdas.domain.risk_limits import Limits, LimitsOf
from lambdas.ports.clock import Clock
from lambdas.ports.limits import LimitStore
from lambdas.ports.store import AccountStore, RunStore


class LimitsRefused(Exception):
    """Limits that would not do what they say; each problem names its field."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class LimitsToday:
    """A user's limits, and what the day has used: in accounts with money, in paper accounts, and in each account."""

    limits: Limits
    day: date
    money: DayUse
    paper: DayUse
    accounts: Mapping[str, DayUse]


@dataclass(frozen=True)
class LimitKeeper:
    """Keeps a user's limits. They hold from the next entry on."""

    limits: LimitStore
    accounts: AccountStore
    runs: RunStore
    clock: Clock

    async def today(self, user_id: str) -> LimitsToday:
        """The present limits and today's use. Raises LimitsUnreadable."""
        return await self._with_use(await self.limits.limits(user_id))

    async def replace(self, user_id: str, definition: LimitsOf, *, replaces: int) -> LimitsToday:
        """Store `definition` as version `replaces` + 1 (0 when none were ever saved).

        Raises StaleLimits, and LimitsRefused for an account that is not linked: its limits would limit nothing.
        """
        linked = {account.account_id for account in await self.accounts.accounts(user_id)}
        unknown = sorted(definition.accounts.keys() - linked)
        if unknown:
            told = "you have no such account; link it, or leave its limits out"
            raise LimitsRefused([f"accounts.{account_id}: {told}" for account_id in unknown])
        limits = Limits(user_id=user_id, version=replaces + 1, definition=definition)
        await self.limits.save_limits(limits)
        return await self._with_use(limits)

    async def _with_use(self, limits: Limits) -> LimitsToday:
        day = self.clock.now().astimezone(IST).date()
        linked = {account.account_id: account for account in await self.accounts.accounts(limits.user_id)}
        orders = (await self.runs.day(limits.user_id, day)).orders
        paper = {account_id for account_id, account in linked.items() if account.broker == PAPER}
        known = sorted(linked.keys() | {order.intent.account_id for order in orders})
        return LimitsToday(
            limits=limits,
            day=day,
            money=use_of(order for order in orders if order.intent.account_id not in paper),
            paper=use_of(order for order in orders if order.intent.account_id in paper),
            accounts={one: use_of(order for order in orders if order.intent.account_id == one) for one in known},
        )
