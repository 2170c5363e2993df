"""Tell a user what a range of days brought."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lambdas.domain.accounts import PAPER, Account
from lambdas.domain.moments import IST
from lambdas.domain.reporting import DayLedger, Report, problems_of_range, report_of
from lambdas.ports.clock import Clock
from lambdas.ports.store import AccountStore, RunStore

AT_ONCE = 16
"""Days that are read at the same time: each is a request, and other calls need connections too."""


class RangeRefused(Exception):
    """A range of days that cannot be told; each problem names its field."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class ReportedDays:
    """A report, when its last day was read, and the accounts that are linked now, by id."""

    report: Report
    as_of: datetime
    accounts: Mapping[str, Account]


@dataclass(frozen=True)
class DayReporter:
    """Reads the days of a user and adds them up."""

    accounts: AccountStore
    runs: RunStore
    clock: Clock

    async def report(self, user_id: str, first: date, last: date) -> ReportedDays:
        """The days from `first` to `last`, both included. Raises RangeRefused."""
        problems = problems_of_range(first, last, self.clock.now().astimezone(IST).date())
        if problems:
            raise RangeRefused(problems)
        turns = asyncio.Semaphore(AT_ONCE)
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        accounts, ledgers = await asyncio.gather(
            self._linked(user_id), asyncio.gather(*(self._ledger(user_id, day, turns) for day in days))
        )
        paper = {account_id for account_id, account in accounts.items() if account.broker == PAPER}
        return ReportedDays(report_of(ledgers, paper), self.clock.now(), accounts)

    async def _linked(self, user_id: str) -> Mapping[str, Account]:
        return {account.account_id: account for account in await self.accounts.accounts(user_id)}

    async def _ledger(self, user_id: str, day: date, turns: asyncio.Semaphore) -> DayLedger:
        async with turns:
            found = await self.runs.day(user_id, day)
        return DayLedger(day, found.runs, found.orders)
