"""Hold the ledger of every account against what its broker says, and tell what differs and persists."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lambdas.domain.accounts import PAPER, Account
from lambdas.domain.compared import Compared, Remembered, Step, is_due, never_compared, remember, untold
from lambdas.domain.comparison import Comparison, differences
from lambdas.domain.earlier import Claim, EarlierRun, without_anything
from lambdas.domain.intents import Order
from lambdas.domain.moments import IST
from lambdas.domain.runs import CLOSED, Run
from lambdas.domain.timing import Timing
from lambdas.ports.broker import BrokerError, SessionOver
from lambdas.ports.brokers import Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.comparisons import ComparisonStore
from lambdas.ports.events import Event, Events
from lambdas.ports.secrets import SecretMissing, Secrets
from lambdas.ports.store import AccountStore, DayOfUser, RunStore
from lambdas.use_cases.earlier_days import EarlierDays, claims_in, left_open
from lambdas.use_cases.end_session import end_session

AT_ONCE = 20
"""Accounts that are compared at the same time; each has its own connections and its own rate limits."""
WORKERS_TAKE = timedelta(seconds=30)
"""Beyond the time of confirming: then an order is at its end, or the reconciler has it."""


@dataclass(frozen=True)
class BookComparer:
    """Compares accounts that trade money. It changes nothing at a broker, and in the ledger it only concludes runs of
    earlier days of which nothing is left."""

    accounts: AccountStore
    runs: RunStore
    comparisons: ComparisonStore
    secrets: Secrets
    brokers: Brokers
    events: Events
    clock: Clock
    timing: Timing

    async def compare(self, *, everyone: bool = False) -> Mapping[str, int]:
        """Compare the accounts that are due, or all that are logged in; how many were compared, could not be read,
        and how many differences persist in them.

        A paper account has no book but ours. What nobody foresaw is raised after every account had its turn.
        """
        now = self.clock.now()
        enabled = await self.accounts.enabled_accounts()
        linked = [account for account in enabled if account.broker != PAPER and account.session_problem(now) is None]
        users = sorted({account.user_id for account in linked})
        days = dict(zip(users, await asyncio.gather(*(self._day(user, now) for user in users)), strict=True))
        earlier = await self._earlier_days.left()
        turns = asyncio.Semaphore(AT_ONCE)
        done = await asyncio.gather(
            *(
                self._in_turn(account, days[account.user_id], claims_in(account, earlier), turns, everyone=everyone)
                for account in linked
            ),
            return_exceptions=True,
        )
        await self._conclude(earlier, enabled)
        unforeseen = [what for what in done if isinstance(what, BaseException)]
        if unforeseen:
            raise BaseExceptionGroup(f"{len(unforeseen)} of {len(linked)} accounts could not be compared", unforeseen)
        return _counts(what for what in done if isinstance(what, Compared))

    async def _day(self, user_id: str, now: datetime) -> DayOfUser:
        return await self.runs.day(user_id, now.astimezone(IST).date())

    @property
    def _earlier_days(self) -> EarlierDays:
        return EarlierDays(self.runs, self.events, self.clock)

    async def _conclude(self, earlier: Sequence[EarlierRun], enabled: Sequence[Account]) -> None:
        """End the runs of earlier days of which no account has anything any more."""
        now = self.clock.now()
        for one in earlier:
            if not one.is_in_flight and await self._is_gone(one, enabled, now):
                await self._earlier_days.say(one.run, without_anything(one, now))

    async def _is_gone(self, earlier: EarlierRun, enabled: Sequence[Account], now: datetime) -> bool:
        """A paper account begins each day with nothing. An account that cannot be compared may have something."""
        user_id, today = earlier.run.user_id, now.astimezone(IST).date()
        papers = {one.account_id for one in enabled if one.user_id == user_id and one.broker == PAPER}
        for account_id in {claim.account_id for claim in earlier.claims} - papers:
            found = await self.comparisons.comparison(user_id, account_id)
            if found is None or not found.on(today).has_nothing_of(earlier.run.run_id):
                return False
        return True

    async def _in_turn(
        self,
        account: Account,
        day: DayOfUser,
        earlier: Mapping[Claim, Run],
        turns: asyncio.Semaphore,
        *,
        everyone: bool,
    ) -> Compared | None:
        """What is remembered of an account now; None when it was not due."""
        async with turns:
            stored = await self.comparisons.comparison(account.user_id, account.account_id)
            now = self.clock.now()
            orders = _of_account(account, day)
            touched = {order.intent.run_id for order in orders}
            is_open = any(run.status not in CLOSED for run in day.runs if run.run_id in touched)
            is_open = is_open or bool(earlier)
            due = is_due(stored, orders, has_open_runs=is_open, sent_before=self._sent_before(now), now=now)
            if not due and not everyone:
                return None
            before = stored or never_compared(account.user_id, account.account_id, now)
            return await self._compare(account, before.on(now.astimezone(IST).date()), earlier)

    async def _compare(self, account: Account, before: Compared, earlier: Mapping[Claim, Run]) -> Compared:
        try:
            found = await self._ask(account, earlier)
        except SessionOver as over:
            await end_session(self.accounts, account, str(over), self.clock.now())
            return await self._unread(before, str(over))
        except (BrokerError, SecretMissing) as error:
            return await self._unread(before, str(error))
        runs = {run.run_id: run for run in earlier.values()}
        return await self._tell(account, remember(before, found, self.clock.now()), runs)

    async def _unread(self, before: Compared, reason: str) -> Compared:
        after = before.unread(reason, self.clock.now())
        await self.comparisons.save_comparison(after)
        return after

    async def _ask(self, account: Account, earlier: Iterable[Claim]) -> Comparison:
        """The ledger is read last: what the broker has, it has been told by then."""
        secret = await self.secrets.read(account.user_id, account.account_id)
        broker = self.brokers.open(account, secret)
        try:
            orders = await broker.orders()
            positions = await broker.positions()
        finally:
            await broker.aclose()
        now = self.clock.now()
        ledger = _of_account(account, await self._day(account.user_id, now))
        return differences(positions, orders, ledger, sent_before=self._sent_before(now), earlier=earlier)

    async def _tell(self, account: Account, step: Step, earlier: Mapping[str, Run]) -> Compared:
        """Whoever stores a version tells of it, so that of two that compare at the same time one does."""
        if not await self.comparisons.save_comparison(step.after):
            return step.after
        told = [_differ(account, one) for one in step.tell] + [_agree(account, one) for one in step.gone]
        told += left_open(account, step.left, earlier)
        if told:
            try:
                await self.events.publish(told)
            except Exception:
                await self.comparisons.save_comparison(untold(step))
                raise
        return step.after

    def _sent_before(self, now: datetime) -> datetime:
        return now - self.timing.confirm - WORKERS_TAKE


def _of_account(account: Account, day: DayOfUser) -> Sequence[Order]:
    return [order for order in day.orders if order.intent.account_id == account.account_id]


def _counts(compared: Iterable[Compared]) -> dict[str, int]:
    counts = Counter({"compared": 0, "unreadable": 0, "differing": 0})
    for one in compared:
        counts["unreadable" if one.unreadable else "compared"] += 1
        counts["differing"] += sum(difference.told for difference in one.differences)
    return dict(counts)


def _differ(account: Account, one: Remembered) -> Event:
    return Event("BooksDiffer", {**_about(account, one), "advice": one.difference.kind.advice})


def _agree(account: Account, one: Remembered) -> Event:
    return Event("BooksAgree", _about(account, one))


def _about(account: Account, one: Remembered) -> dict[str, str]:
    return {
        "user_id": account.user_id,
        "account_id": account.account_id,
        "label": account.label,
        "broker": account.broker,
        "what": one.difference.what,
        "since": one.first_seen.astimezone(IST).isoformat(timespec="seconds"),
    }
