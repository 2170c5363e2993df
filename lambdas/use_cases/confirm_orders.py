"""Learn from the broker what became of orders, by their tags."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lambdas.domain.chasing import gives_up_at
from lambdas.domain.intents import FINAL, IntentStatus, Order, OrderState
from lambdas.domain.moments import IST, Tick
from lambdas.domain.timing import Timing
from lambdas.ports.broker import Broker, BrokerError, BrokerOrder, SessionOver
from lambdas.ports.brokers import Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.secrets import SecretMissing, Secrets
from lambdas.ports.store import AccountStore, RunStore
from lambdas.use_cases.chase_orders import Chaser
from lambdas.use_cases.end_session import end_session

BOOK_SETTLES_AFTER = timedelta(seconds=10)
"""An order that its broker's book does not show this long after sending never arrived."""
PAUSE_BETWEEN_BOOKS = timedelta(seconds=1)
"""Angel One answers one order book a second."""
MOST_TAGS_A_LOOK = 5
"""Asked for one by one, after the book: most brokers answer each by reading their book again."""

WITH_A_WORKER = frozenset({IntentStatus.PLANNED, IntentStatus.SENDING})
"""Claimed or about to be: who claimed the order records its answer, unless it died."""
NEVER_CONFIRMED = frozenset({IntentStatus.PLANNED, IntentStatus.SENDING, IntentStatus.UNKNOWN})
PERHAPS_SENT = frozenset({IntentStatus.SENDING, IntentStatus.UNKNOWN})


@dataclass(frozen=True)
class OrderConfirmer:
    """Follows orders to their end: filled, cancelled, refused or never arrived. Never sends an order, and moves only
    those whose strategy has them chased."""

    accounts: AccountStore
    runs: RunStore
    secrets: Secrets
    brokers: Brokers
    clock: Clock
    timing: Timing

    async def confirm_tick(self, user_id: str, account_id: str, tick: Tick, run_ids: Sequence[str]) -> int:
        """Follow what this account sent at a tick until all is final; at the deadline cancel what rests. What is
        chased has its own: it is cancelled when its chase is given up, before or after the others.

        Returns how many orders are still not final: the reconciler goes on with them.
        """
        orders: list[Order] = []
        for run_id in run_ids:
            for order in await self.runs.orders_of_run(user_id, tick.date, run_id):
                if order.intent.account_id == account_id and order.intent.intended_at == tick:
                    orders.append(order)
        sent_by = max((order.intent.not_after for order in orders), default=tick.instant)
        cancel_at = sent_by - self.timing.not_after + self.timing.confirm
        return await self.confirm(user_id, account_id, orders, cancel_at, chases=True)

    async def confirm(
        self, user_id: str, account_id: str, orders: Sequence[Order], cancel_at: datetime, *, chases: bool = False
    ) -> int:
        """Follow these orders of one account; past `cancel_at` it looks, cancels what rests and looks again.

        With `chases` an order whose strategy has it chased is, and is cancelled when its chase is given up instead.
        An account whose session its broker no longer accepts says so from now on, and what waits goes on waiting.
        """
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
            if chases:
                most_changes = self.brokers.facts(account.broker).limits.modifications
                await self._chase(Chaser(broker, self.runs, self.clock, most_changes), waiting, cancel_at)
            else:
                await self._follow(broker, waiting, cancel_at)
            if waiting:
                await self._cancel(broker, waiting)
                await self._follow(broker, waiting, self.clock.now() + 3 * PAUSE_BETWEEN_BOOKS)
        except SessionOver as over:
            await end_session(self.accounts, account, str(over), self.clock.now())
        finally:
            await broker.aclose()
        return len(waiting)

    async def _chase(self, chaser: Chaser, waiting: dict[str, Order], cancel_at: datetime) -> None:
        """Read the book, and chase, until all that waits is at its end; what is there before the others is cancelled,
        once."""
        cancelled: set[str] = set()
        while True:
            if await self._look(chaser.broker, waiting):
                _take(await chaser.step([order for tag, order in waiting.items() if tag not in cancelled]), waiting)
            soon = self.clock.now() + PAUSE_BETWEEN_BOOKS
            over = {tag: order for tag, order in waiting.items() if soon > (gives_up_at(order) or cancel_at)}
            if len(over) == len(waiting):
                return
            await self._cancel(chaser.broker, {tag: order for tag, order in over.items() if tag not in cancelled})
            cancelled.update(over)
            await self.clock.sleep(PAUSE_BETWEEN_BOOKS)

    async def _follow(self, broker: Broker, waiting: dict[str, Order], until: datetime) -> None:
        """Read the book until nothing waits any more or the time is over; at least once."""
        while True:
            await self._look(broker, waiting)
            if not waiting or self.clock.now() + PAUSE_BETWEEN_BOOKS > until:
                return
            await self.clock.sleep(PAUSE_BETWEEN_BOOKS)

    async def _look(self, broker: Broker, waiting: dict[str, Order]) -> bool:
        """Learn from the book what became of these orders; whether it was read."""
        await self._catch_up(waiting)
        theirs = self.clock.now() - BOOK_SETTLES_AFTER
        asked = {
            tag: order
            for tag, order in waiting.items()
            if order.state.status not in WITH_A_WORKER or order.intent.not_after < theirs
        }
        if not asked:
            return False
        try:
            book = {row.tag: row for row in await broker.orders() if row.tag}
        except SessionOver:
            raise
        except BrokerError:
            return False  # nothing learned; the caller looks again, and what stays unknown is reconciled
        now, tags_left = self.clock.now(), MOST_TAGS_A_LOOK
        for tag, order in asked.items():
            state = learn(order, book, now)
            if state.status is IntentStatus.MISSED and order.state.status in PERHAPS_SENT:
                if not tags_left:
                    continue
                tags_left -= 1
                state = await self._learn_by_tag(broker, order)
            if state == order.state:
                continue
            if await self.runs.record(order.intent, state):
                waiting[tag] = Order(order.intent, state)
            if state.status in FINAL:
                del waiting[tag]
        return True

    async def _learn_by_tag(self, broker: Broker, order: Order) -> OrderState:
        """Ask for an order that the book does not show. Only both together say that it never arrived."""
        try:
            row = await broker.order_by_tag(order.intent.tag)
        except SessionOver:
            raise
        except BrokerError:
            return order.state
        return learn(order, {} if row is None else {order.intent.tag: row}, self.clock.now())

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
            except SessionOver:
                raise
            except BrokerError:
                continue  # it may have been filled in between: the next look at the book tells


def _take(orders: Sequence[Order], waiting: dict[str, Order]) -> None:
    """Go on with these orders as they are now, without those that are at their end."""
    for order in orders:
        waiting[order.intent.tag] = order
        if order.state.status in FINAL:
            del waiting[order.intent.tag]


def learn(order: Order, book: Mapping[str, BrokerOrder], now: datetime) -> OrderState:
    """What is known of an order after reading its broker's book at `now`, or what the broker has under its tag.

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
            refusal=row.refusal,
        )
    since = order.state.sent_at or order.intent.not_after
    same_day = now.astimezone(IST).date() == order.intent.intended_at.date
    if order.state.status not in NEVER_CONFIRMED or now < since + BOOK_SETTLES_AFTER or not same_day:
        return order.state
    reason = f"the broker's book has no order with its tag {order.intent.tag}: it never arrived"
    return replace(order.state, status=IntentStatus.MISSED, reason=reason)
