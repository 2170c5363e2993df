"""Look into what brokers posted: ask about an order whose fate nobody knows, before the reconciler would."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lambdas.domain.intents import FINAL, IntentStatus, Order
from lambdas.domain.moments import IST
from lambdas.domain.postbacks import Letter, waiting_for_news
from lambdas.ports.broker import BrokerError, BrokerOrder, SessionOver
from lambdas.ports.brokers import Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.secrets import SecretMissing, Secrets
from lambdas.ports.store import AccountStore, RunStore
from lambdas.use_cases.confirm_orders import learn
from lambdas.use_cases.end_session import end_session
from lambdas.use_cases.reconcile import Reconciler

AccountKey = tuple[str, str]
"""User and account."""


@dataclass(frozen=True)
class PostbackReader:
    """Reads the book of an account once for all its letters, and only when one of them may tell something new.

    Orders that workers follow are left to them: they read the same book each second. An order of unknown fate is looked
    up and nothing of it cancelled; what no worker follows any more is brought to its end as the reconciler does.
    """

    accounts: AccountStore
    runs: RunStore
    secrets: Secrets
    brokers: Brokers
    reconciler: Reconciler
    clock: Clock

    async def read(self, letters: Sequence[Letter]) -> Mapping[AccountKey, BaseException]:
        """Look into these letters, account by account; by account, why that failed."""
        of_account: dict[AccountKey, list[Letter]] = defaultdict(list)
        for letter in letters:
            of_account[letter.user_id, letter.account_id].append(letter)
        works = (self._read_one(*key, about) for key, about in of_account.items())
        results = await asyncio.gather(*works, return_exceptions=True)
        return {
            key: result for key, result in zip(of_account, results, strict=True) if isinstance(result, BaseException)
        }

    async def _read_one(self, user_id: str, account_id: str, letters: Sequence[Letter]) -> None:
        day = await self.runs.day(user_id, self.clock.now().astimezone(IST).date())
        own = [order for order in day.orders if order.intent.account_id == account_id]
        waiting = waiting_for_news(letters, own)
        followed = [order for order in waiting if not self.reconciler.workers_are_done(order.intent)]
        if len(followed) < len(waiting):
            await self.reconciler.reconcile(only=(user_id, account_id))
        unknown = [order for order in followed if order.state.status is IntentStatus.UNKNOWN]
        if unknown:
            await self._look(user_id, account_id, unknown)

    async def _look(self, user_id: str, account_id: str, unknown: Sequence[Order]) -> None:
        """Look these orders up. A run whose orders have all ended is settled: who still has to work on one, settles it
        when that is done."""
        book = await self._book(user_id, account_id)
        learned = [order.intent for order in unknown if await self._record(order, book)]
        for run_id, tick in {intent.run_id: intent.intended_at for intent in learned}.items():
            orders = await self.runs.orders_of_run(user_id, tick.date, run_id)
            if all(order.state.status in FINAL for order in orders):
                await self.reconciler.settle(user_id, tick, run_id)

    async def _record(self, order: Order, book: Mapping[str, BrokerOrder]) -> bool:
        """Whether the book told something of this order that nobody had written yet. Only what it shows counts here:
        that an order is missing in it is for those to say who ask for its tag too."""
        if order.intent.tag not in book:
            return False
        return await self.runs.record(order.intent, learn(order, book, self.clock.now()))

    async def _book(self, user_id: str, account_id: str) -> Mapping[str, BrokerOrder]:
        """The book of the day by tag; empty when it cannot be read now."""
        account = await self.accounts.account(user_id, account_id)
        if account is None or account.session_problem(self.clock.now()):
            return {}
        try:
            secret = await self.secrets.read(user_id, account_id)
        except SecretMissing:
            return {}
        broker = self.brokers.open(account, secret)
        try:
            return {row.tag: row for row in await broker.orders() if row.tag}
        except SessionOver as over:
            await end_session(self.accounts, account, str(over), self.clock.now())
            return {}
        except BrokerError:
            return {}  # nothing learned; those who follow the order, or the reconciler, look again
        finally:
            await broker.aclose()
