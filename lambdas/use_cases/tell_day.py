"""Tell a user of a day: what was done, what it has made until now, and how that went."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lambdas.domain.accounts import PAPER
from lambdas.domain.marking import DayProfit, day_profit, with_end
from lambdas.domain.marks import ProfitPoint
from lambdas.domain.reporting import DayLedger
from lambdas.domain.trading_calendar import TradingCalendar, TradingDay
from lambdas.ports.clock import Clock
from lambdas.ports.marks import MarkStore
from lambdas.ports.store import AccountStore, ControlStore, DayOfUser, RunStore


@dataclass(frozen=True)
class ToldDay:
    """A user's day, what it has made, what the calendar says of it, and when all that was read."""

    found: DayOfUser
    profit: DayProfit
    trading_day: TradingDay
    as_of: datetime


@dataclass(frozen=True)
class ToldProfit:
    """The series of a day's profit, and when it was read."""

    points: Sequence[ProfitPoint]
    as_of: datetime


@dataclass(frozen=True)
class DayTeller:
    """Reads a day. Profit is reckoned when it is asked for, so that no stored sum can differ from the ledger."""

    accounts: AccountStore
    runs: RunStore
    marks: MarkStore
    controls: ControlStore
    calendar: TradingCalendar
    clock: Clock

    async def day(self, user_id: str, day: date) -> ToldDay:
        """Runs, orders and marks of a day in one query; its calendar and the linked accounts beside them."""
        (found, profit), control = await asyncio.gather(self._made(user_id, day), self.controls.control())
        trading_day = self.calendar.with_changes(control.changes).day(day)
        return ToldDay(found, profit, trading_day, self.clock.now())

    async def profit(self, user_id: str, day: date) -> ToldProfit:
        """The series of a day, up to its last fill where nothing is open any more."""
        (found, profit), points = await asyncio.gather(self._made(user_id, day), self.marks.points(user_id, day))
        return ToldProfit(with_end(points, found.orders, profit), self.clock.now())

    async def _made(self, user_id: str, day: date) -> tuple[DayOfUser, DayProfit]:
        found, linked = await asyncio.gather(self.runs.day(user_id, day), self.accounts.accounts(user_id))
        paper = {account.account_id for account in linked if account.broker == PAPER}
        return found, day_profit(DayLedger(day, found.runs, found.orders), found.marks, paper)
