"""Learn from the broker what became of orders, by their tags."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lambdas.domain.intents import FINAL, IntentStatus, Order, OrderState
from lambdas.domain.moments import IST, Tick
from lambdas.domain.timing import Timing
from lambdas.ports.broker import Broker, BrokerBusy, BrokerError, BrokerOrder
from lambdas.ports.brokers import Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.secrets import SecretMissing, Secrets
from lambdas.ports.store import AccountStore, RunStore

BOOK_SETTLES_AFTER = timedelta(seconds=10)
"""An order that its broker's book does not show this long after sending never arrived."""
PAUSE_BETWEEN_BOOKS = timedelta(seconds=1)
"""Angel One answers one order book a second."""

WITH_A_WORKER = frozenset({IntentStatus.PLANNED, IntentStatus.SENDING})
"""Claimed or about to be: who claimed the order records its answer, unless it died."""
NEVER_CONFIRMED = frozenset({IntentStatus.PLANNED, IntentStatus.SENDING, IntentStatus.UNKNOWN})


@dataclass(frozen=True)
class OrderConfirmer:
    """Follows orders to their end: filled, cancelled, refused or never arrived. Never sends an order."""

    accounts: AccountStore
    runs: RunStore
    secrets: Secrets
    brokers: Brokers
    clock: Clock
    timing: Timing

    async def confirm_tick(self, user_id: str, account_id: str, tick: Tick, run_ids: Sequence[str]) -> int:
        """Follow what this account sent at a tick until all is final; at the deadline cancel what rests.

        Returns how many orders are still not final: the reconciler goes on with them.
        """
        orders: list[Order] = []
        for run_id in run_ids:
            for order in await self.runs.orders_of_run(user_id, tick.date, run_id):
                if order.intent.account_id == account_id and order.intent.intended_at == tick:
                    orders.append(order)
        return await self.confirm(user_id, account_id, orders, tick.instant + self.timing.confirm)

    async def confirm(self, user_id: str, account_id: str, orders: Sequence[Order], cancel_at: datetime) -> int:
        """Follow these orders of one account; past `cancel_at` it looks, cancels what rests and looks again."""
        waiting = {order.intent.tag: order for order in orders if order.state.status not in FINAL}
        if not waiting:
            return 0
        account = await self.accounts.account(user_id, account_id)
        if account is None or account.session_problem(self.clock.now()):
            return len(waiting)
        try:
            secret = await self.secrets.read(user_id, account_id)
        except SecretMissing:
            return len(waiting)
        broker = self.brokers.open(account, secret)
        try:
            await self._follow(broker, waiting, cancel_at)
            if waiting:
                await self._cancel(broker, waiting)
                await self._follow(broker, waiting, self.clock.now() + 3 * PAUSE_BETWEEN_BOOKS)
        finally:
            await broker.aclose()
        return len(waiting)

    async def _follow(self, broker: Broker, waiting: dict[str, Order], until: datetime) -> None:
        """Read the book until nothing waits any more or the time is over; at least once."""
        while True:
            await self._look(broker, waiting)
            if not waiting or self.clock.now() + PAUSE_BETWEEN_BOOKS > until:
                return
            await self.clock.sleep(PAUSE_BETWEEN_BOOKS)

    async def _look(self, broker: Broker, waiting: dict[str, Order]) -> None:
        await self._catch_up(waiting)
        theirs = self.clock.now() - BOOK_SETTLES_AFTER
        asked = {
            tag: order
            for tag, order in waiting.items()
            if order.state.status not in WITH_A_WORKER or order.intent.not_after < theirs
        }
        if not asked:
            return
        try:
            book = {row.tag: row for row in await broker.orders() if row.tag}
        except BrokerError:
            return  # nothing learned; the caller looks again, and what stays unknown is reconciled
        now = self.clock.now()
        for tag, order in asked.items():
            state = learn(order, book, now)
            if state == order.state:
                continue
            if await self.runs.record(order.intent, state):
                waiting[tag] = Order(order.intent, state)
            if state.status in FINAL:
                del waiting[tag]

    async def _catch_up(self, waiting: dict[str, Order]) -> None:
        """Read anew what a worker had in hand: it records more than the book tells, so it goes first.

        A tick that is delivered twice has its worker in the other workflow.
        """
        with_a_worker = [order.intent for order in waiting.values() if order.state.status in WITH_A_WORKER]
        for run_id, intent in {intent.run_id: intent for intent in with_a_worker}.items():
            for order in await self.runs.orders_of_run(intent.user_id, intent.intended_at.date, run_id):
                if order.intent.tag not in waiting:
                    continue
                waiting[order.intent.tag] = order
                if order.state.status in FINAL:
                    del waiting[order.intent.tag]

    async def _cancel(self, broker: Broker, waiting: Mapping[str, Order]) -> None:
        for order in waiting.values():
            if order.state.broker_order_id is None:
                continue
            try:
                await broker.cancel(order.state.broker_order_id)
            except BrokerBusy:
                await self.clock.sleep(PAUSE_BETWEEN_BOOKS)
            except BrokerError:
                continue  # it may have been filled in between: the next look at the book tells


def learn(order: Order, book: Mapping[str, BrokerOrder], now: datetime) -> OrderState:
    """What is known of an order after reading its broker's book at `now`.

    Absence counts only for orders that nobody confirmed, only when the book had time to settle, and only on
    the order's own day: tomorrow's book does not show today's orders.
    """
    row = book.get(order.intent.tag)
    if row is not None:
        return replace(
            order.state,
            status=row.status,
            reason=row.message or order.state.reason,
            broker_order_id=row.broker_order_id,
            filled_quantity=row.filled_quantity,
            average_price=row.average_price,
            exchange_at=row.exchange_at or order.state.exchange_at,
        )
    since = order.state.sent_at or order.intent.not_after
    same_day = now.astimezone(IST).date() == order.intent.intended_at.date
    if order.state.status not in NEVER_CONFIRMED or now < since + BOOK_SETTLES_AFTER or not same_day:
        return order.state
    reason = f"the broker's book has no order with its tag {order.intent.tag}: it never arrived"
    return replace(order.state, status=IntentStatus.MISSED, reason=reason)
