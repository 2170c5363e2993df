"""Sending the orders of one run in one account: once each, in the order in which they lean on each other."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from lambdas.domain.chasing import gives_up_at
from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import FINAL, Intent, IntentStatus, Order, OrderState, Phase, Quoted
from lambdas.domain.leaning import elsewhere
from lambdas.domain.limit_price import limit_of
from lambdas.domain.price_sanity import price_problem
from lambdas.domain.protection import protection_percent
from lambdas.ports.broker import Broker, BrokerBusy, BrokerOrder, OrderRequest, Outcome, Placement, Send, SessionOver
from lambdas.ports.clock import Clock
from lambdas.ports.meter import Meter
from lambdas.ports.pace import CallKind, Pace
from lambdas.ports.store import RunStore
from lambdas.use_cases.chase_orders import Chaser
from lambdas.use_cases.ledger_writes import LedgerWrites
from lambdas.use_cases.watch_fills import FillWatch

Result = TypeVar("Result")
Placing = tuple["Ready", asyncio.Task[OrderState]]
"""An order that is being sent, and what its answer will say."""
ClosedTo = Callable[[Sequence[Intent]], Awaitable[Mapping[str, str]]]
"""Asks whether these intents may still be sent: why not, by the id of their run."""
A_LOOK_HOLDS = timedelta(seconds=1)
LEDGER_PAUSE = timedelta(milliseconds=100)
"""Between two looks at what the workers of other accounts have written."""


class PriceInsane(ValueError):
    """The book at which an entry would be priced cannot be believed."""


@dataclass(frozen=True)
class Ready:
    """One claimed intent with its request built: calling `send` does nothing but send it."""

    intent: Intent
    state: OrderState
    request: OrderRequest
    send: Send


def ready_order(
    broker: Broker, intent: Intent, quotes: Mapping[str, Quote], quoted_at: datetime, sanity_percent: Decimal
) -> Ready:
    """Price an intent from quotes that came at `quoted_at` and build its request. Raises ValueError when there is no
    price or no way to say it, and PriceInsane for an entry whose price is further from the last one.

    What closes is sent at its protected limit all the same, and its state says so: to stay in is the larger risk,
    and a limit made from the last price instead would rest where the market has left it.
    """
    quote = quotes.get(intent.symbol)
    if quote is None:
        raise ValueError(f"the broker has no quote for {intent.symbol}")
    problem = price_problem(intent.side, quote, sanity_percent, intent.tick_size)
    if problem and intent.phase is Phase.ENTRY:
        raise PriceInsane(f"price sanity: leg {intent.leg} ({intent.side} {intent.symbol}): {problem}")
    limit = limit_of(intent.orders, intent.side, quote, intent.tick_size)
    note = f"sent all the same, to close: price sanity: {problem}" if problem else ""
    request = OrderRequest(
        exchange=intent.exchange,
        symbol=intent.symbol,
        token=intent.token,
        side=intent.side,
        quantity=intent.quantity,
        product=intent.product,
        limit_price=limit,
        protection_percent=protection_percent(quote.last),
        tag=intent.tag,
        style=intent.orders.style,
    )
    state = OrderState(IntentStatus.SENDING, note, limit_price=limit, quoted=Quoted(quote, quoted_at))
    return Ready(intent, state, request, broker.prepare(request))


def first_of(group: Sequence[Ready]) -> Sequence[Ready]:
    """What leaves first of the orders of one run: its buys; all where it has none here or elsewhere to wait for, or its
    trader does not want the others to wait."""
    if not all(ready.intent.orders.hedges_first for ready in group):
        return group
    buys = [ready for ready in group if ready.intent.side is Side.BUY]
    return buys if buys or group[0].intent.orders.hedges_of == "run" else group


async def withhold(runs: RunStore, intents: Sequence[Intent], reason: str) -> None:
    """Record that these claimed intents were not sent, and why."""
    state = OrderState(IntentStatus.WITHHELD, f"not sent: {reason}")
    await asyncio.gather(*(runs.record(intent, state) for intent in intents))


@dataclass(frozen=True)
class RunSender:
    """Sends the orders of one run in one account: buys, then the sells that lean on them."""

    broker: Broker
    pace: Pace
    runs: RunStore
    clock: Clock
    chaser: Chaser
    closed_to: ClosedTo
    meter: Meter
    writes: LedgerWrites
    fills: FillWatch

    async def send(self, group: Sequence[Ready]) -> int:
        """Returns how many orders left, when all that is known of them is written. Sells are withheld when a buy before
        them is not filled in time, or when entries were stopped while they waited for it."""
        try:
            return await self._send(group)
        finally:
            await self.writes.settle(ready.intent for ready in group)

    async def _send(self, group: Sequence[Ready]) -> int:
        first = first_of(group)
        sells = [ready for ready in group if ready not in first]
        placing = [asyncio.create_task(self._send_one(ready)) for ready in first]
        try:
            sold = await self._send_after(list(zip(first, placing, strict=True)), sells)
        finally:
            await asyncio.gather(*placing, return_exceptions=True)
        return sum(state.sent_at is not None for state in (*await all_of(placing), *sold))

    async def _send_after(self, buys: Sequence[Placing], sells: Sequence[Ready]) -> list[OrderState]:
        """Send the sells when the buys are filled; they are withheld with the reason why that did not happen.

        Where accounts lean on each other the buys are followed also for the sells of the others: the ledger tells them.
        """
        across = any(ready.intent.orders.hedges_of == "run" for ready, _ in buys)
        if not sells:
            await self._unfilled(buys if across else ())
            return []
        begun = self.clock.now()
        reason = await self._unfilled(buys) or await self._unfilled_elsewhere(sells)
        reason = reason or await self._stopped(sells, begun)
        if reason:
            await withhold(self.runs, [ready.intent for ready in sells], reason)
            return []
        return await all_of(self._send_one(ready) for ready in sells)

    async def _send_one(self, ready: Ready) -> OrderState:
        try:
            state = await self._send_in_turn(ready)
        except BrokerBusy as busy:
            state = replace(ready.state, status=IntentStatus.WITHHELD, reason=f"not sent: {busy}")
        self.meter.sent(Order(ready.intent, state))
        self.writes.record(ready.intent, state)
        return state

    async def _send_in_turn(self, ready: Ready) -> OrderState:
        """Send when the account's limits have room. What the broker refuses for its limits all the same is certainly
        no order there: it is prepared anew and waits for its next turn, as long as there is time."""
        refused = None
        while True:
            await self.pace.order_turn(ready.intent.exchange)
            if self.clock.now() > ready.intent.not_after:
                return refused or _too_late(ready)
            placement = await ready.send()
            if not placement.busy:
                return _state_of(placement, ready.state)
            refused = _state_of(placement, ready.state)
            await self.pace.busy(CallKind.ORDER)
            ready = replace(ready, send=self.broker.prepare(ready.request))

    async def _unfilled(self, buys: Sequence[Placing]) -> str | None:
        """Wait until every buy is filled; the reason why one is not, or None."""
        reasons = await asyncio.gather(*(self._await_fill(ready, placing) for ready, placing in buys))
        return next((reason for reason in reasons if reason), None)

    async def _unfilled_elsewhere(self, sells: Sequence[Ready]) -> str | None:
        """Wait until what the sells lean on in other accounts is done, as their workers write it into the ledger; what
        is not, or None."""
        sale = sells[0].intent
        if sale.orders.hedges_of == "account":
            return None
        while True:
            orders = await self.runs.orders_of_run(sale.user_id, sale.intended_at.date, sale.run_id)
            missing, pending = elsewhere(sale, orders)
            if missing or not pending:
                return missing
            if self.clock.now() > sale.not_after:
                return f"{pending} was not filled by {sale.not_after.isoformat()}"
            await self.clock.sleep(LEDGER_PAUSE)

    async def _stopped(self, sells: Sequence[Ready], begun: datetime) -> str | None:
        """Why sells must not follow their buys any more, or None. They are asked about only when the last look before
        the buys is old: it costs them the time of two reads."""
        if self.clock.now() - begun < A_LOOK_HOLDS:
            return None
        closed = await self.closed_to([ready.intent for ready in sells])
        return closed.get(sells[0].intent.run_id)

    async def _await_fill(self, ready: Ready, placing: asyncio.Task[OrderState]) -> str | None:
        """Wait until a buy is filled; why it is not, or None.

        The book may show its fill before its answer has come, and after the answer was lost.
        """
        name, looked, began = f"leg {ready.intent.leg} ({ready.intent.side} {ready.intent.symbol})", 0, 0
        answer: OrderState | None = None
        with self.fills.watching(ready.intent.tag) as awaited:
            placing.add_done_callback(awaited.wake)
            while True:
                await awaited.news()
                if answer is None and placing.done():
                    answer, began = placing.result(), self.fills.began
                    awaited.number = answer.broker_order_id
                    awaited.lost = answer.status is IntentStatus.UNKNOWN
                state = _as_seen(answer or ready.state, awaited.row, ready.state.reason)
                if awaited.row and awaited.row.status in FINAL:
                    self._record_end(ready, answer or placing, awaited.row)
                    return None if state.status is IntentStatus.FILLED else f"{name} is {state.status}: {state.reason}"
                if state.status in FINAL or (state.status is IntentStatus.UNKNOWN and awaited.seen > began):
                    return f"{name} is {state.status}: {state.reason}"
                if answer and awaited.row and awaited.seen > looked:
                    looked, answer = awaited.seen, await self._chased(Order(ready.intent, state))
                if self.clock.now() > (deadline := _deadline(ready.intent, state)):
                    if answer is None and (placed := await placing).status in FINAL | {IntentStatus.UNKNOWN}:
                        return f"{name} is {placed.status}: {placed.reason}"
                    trouble = f"; its book could not be read: {awaited.trouble}" if awaited.trouble else ""
                    return f"{name} was not filled by {deadline.isoformat()}{trouble}"

    def _record_end(self, ready: Ready, answer: OrderState | asyncio.Task[OrderState], row: BrokerOrder) -> None:
        """Write what the book says at the end of an order, when its answer is written."""

        def record(placed: asyncio.Task[OrderState]) -> None:
            if not placed.cancelled() and placed.exception() is None:
                self._record_end(ready, placed.result(), row)

        if isinstance(answer, OrderState):
            self.writes.record(ready.intent, _as_seen(answer, row, ready.state.reason))
        else:
            answer.add_done_callback(record)

    async def _chased(self, order: Order) -> OrderState:
        """What is known of a hedge after its limit was moved, where that was due. Who confirms it gives it up."""
        await self.writes.settle([order.intent])
        try:
            moved = await self.chaser.step([order])
        except SessionOver as over:
            return replace(order.state, reason=f"its limit could not be moved: {over}")
        return moved[0].state if moved else order.state


async def all_of(sends: Iterable[Awaitable[Result]]) -> list[Result]:
    """Let every one of them come to its end before the first failure is raised: an order that is being sent
    must not lose its connection because another could not be recorded."""
    results = await asyncio.gather(*sends, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]


def _as_seen(state: OrderState, row: BrokerOrder | None, note: str) -> OrderState:
    """What is known of an order by its answer and, where the book has shown it, by the book."""
    if row is None:
        return state
    return replace(
        state,
        status=row.status,
        reason=row.message or note,
        broker_order_id=row.broker_order_id,
        filled_quantity=row.filled_quantity,
        average_price=row.average_price,
        exchange_at=row.exchange_at,
        refusal=row.refusal,
    )


def _deadline(intent: Intent, state: OrderState) -> datetime:
    """Until when what leans on an order waits for it."""
    return min(intent.not_after, gives_up_at(Order(intent, state)) or intent.not_after)


def _too_late(ready: Ready) -> OrderState:
    limit = ready.intent.not_after.isoformat()
    return replace(ready.state, status=IntentStatus.MISSED, reason=f"not sent: it is past {limit}")


_STATUS = {
    Outcome.ACCEPTED: IntentStatus.ACCEPTED,
    Outcome.REFUSED: IntentStatus.REFUSED,
    Outcome.UNKNOWN: IntentStatus.UNKNOWN,
}


def _state_of(placement: Placement, before: OrderState) -> OrderState:
    taken = placement.outcome is Outcome.ACCEPTED
    return replace(
        before,
        status=_STATUS[placement.outcome],
        reason=before.reason or placement.reason if taken else placement.reason or before.reason,
        broker_order_id=placement.broker_order_id,
        sent_at=placement.sent_at,
        acknowledged_at=placement.acknowledged_at,
        refusal=placement.refusal,
    )
