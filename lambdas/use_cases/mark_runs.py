"""Mark what users hold: read the last prices of it, and add the profit that it makes to the series of the day.

Traders watch these figures and nothing is decided by them, so whatever else needs a broker's quotes comes first: nobody
asks for marks while orders of the next tick may be prepared.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lambdas.domain.accounts import PAPER, Account
from lambdas.domain.contracts import Contract, Quote
from lambdas.domain.marking import day_profit, held_of, marks_of
from lambdas.domain.marks import Marks
from lambdas.domain.moments import IST, MINUTE
from lambdas.domain.reporting import DayLedger
from lambdas.domain.runs import Position
from lambdas.domain.trading_calendar import MarketPhase, TradingCalendar
from lambdas.ports.brokers import Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.marks import MarkStore
from lambdas.ports.secrets import Secrets
from lambdas.ports.store import AccountStore, ControlStore, RunStore
from lambdas.use_cases.read_quotes import PATIENCE_SECONDS, QuoteReading

BEGINS = timedelta(seconds=5)
"""Into the minute: orders of its second 0 have been sent."""
ENDS = timedelta(seconds=40)
"""Into the minute: soon the next tick is prepared."""
NOBODY_BEGINS = ENDS - 2 * timedelta(seconds=PATIENCE_SECONDS)
"""A user whose first account stays silent is asked about at a second one."""
AT_ONCE = 16
"""Users who are marked at the same time."""


@dataclass(frozen=True)
class RunMarker:
    """Marks the open contracts of every user once in a minute, with one request for each instrument master."""

    accounts: AccountStore
    runs: RunStore
    marks: MarkStore
    controls: ControlStore
    secrets: Secrets
    brokers: Brokers
    calendar: TradingCalendar
    clock: Clock

    async def mark(self) -> dict[str, int]:
        """Returns how many users may hold something, and how many of them were marked; the others hold nothing, or
        nobody told a price, or the time was over.

        Waits for its part of the minute. A broker that does not answer leaves its contracts with the marks that they
        had. Raises an ExceptionGroup, after all others were marked, for users where something unforeseen happened.
        """
        begin = turn_at(self.clock.now())
        users = await self._users(begin)
        if not users:
            return {"users": 0, "marked": 0}
        await self.clock.sleep_until(begin)
        until, turns = _minute_of(begin) + NOBODY_BEGINS, asyncio.Semaphore(AT_ONCE)
        work = (self._in_turn(user_id, begin.date(), until, turns) for user_id in users)
        results = await asyncio.gather(*work, return_exceptions=True)
        failures = [result for result in results if isinstance(result, BaseException)]
        if failures:
            raise BaseExceptionGroup(f"{len(failures)} of {len(users)} users could not be marked", failures)
        return {"users": len(users), "marked": sum(result is True for result in results)}

    async def _users(self, begin: datetime) -> list[str]:
        """Users with runs of today, while there is a session; each minute another one is the first, so that nobody is
        always left out where there is no time for all."""
        calendar = self.calendar.with_changes((await self.controls.control()).changes)
        if calendar.phase_at(begin) is not MarketPhase.REGULAR:
            return []
        users = sorted({run.user_id for run in await self.runs.open_runs() if run.date == begin.date()})
        first = AT_ONCE * begin.minute % max(1, len(users))
        return users[first:] + users[:first]

    async def _in_turn(self, user_id: str, day: date, until: datetime, turns: asyncio.Semaphore) -> bool:
        async with turns:
            return self.clock.now() < until and await self._mark(user_id, day)

    async def _mark(self, user_id: str, day: date) -> bool:
        found, linked = await asyncio.gather(self.runs.day(user_id, day), self.accounts.accounts(user_id))
        held = [one.position for one in held_of(found.orders, {}) if one.position.net]
        if not held:
            return False
        accounts = {account.account_id: account for account in linked}
        quotes = await self._quotes(accounts, held)
        at = self.clock.now()
        marks = marks_of(quotes, at, found.marks, held)
        if quotes:
            await self.marks.save_marks(user_id, day, marks, at=at)
        await self._add_point(user_id, DayLedger(day, found.runs, found.orders), marks, accounts, at)
        return bool(quotes)

    async def _quotes(self, accounts: Mapping[str, Account], held: list[Position]) -> Mapping[Contract, Quote]:
        async with QuoteReading(accounts, self.secrets, self.brokers, self.clock) as reading:
            return await reading.quotes_of(held)

    async def _add_point(
        self, user_id: str, ledger: DayLedger, marks: Marks, accounts: Mapping[str, Account], at: datetime
    ) -> None:
        paper = {account_id for account_id, account in accounts.items() if account.broker == PAPER}
        point = day_profit(ledger, marks, paper).at(at)
        if (point.money, point.paper) != (None, None):
            await self.marks.add_point(user_id, ledger.date, point)


def turn_at(now: datetime) -> datetime:
    """The first instant from `now` on at which marks may be asked for (IST)."""
    local = now.astimezone(IST)
    minute = _minute_of(local)
    if local < minute + NOBODY_BEGINS:
        return max(local, minute + BEGINS)
    return minute + MINUTE + BEGINS


def _minute_of(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)
