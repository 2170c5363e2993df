"""Sending the orders of one run in one account: once each, in the order in which they lean on each other."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from lambdas.domain.chasing import gives_up_at
from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import FINAL, Intent, IntentStatus, Order, OrderState, Phase
from lambdas.domain.limit_price import limit_of
from lambdas.domain.price_sanity import price_problem
from lambdas.domain.protection import protection_percent
from lambdas.domain.timing import Timing
from lambdas.ports.broker import Broker, BrokerBusy, BrokerError, OrderRequest, Outcome, Placement, Send, SessionOver
from lambdas.ports.clock import Clock
from lambdas.ports.meter import Meter
from lambdas.ports.pace import CallKind, Pace
from lambdas.ports.store import RunStore
from lambdas.use_cases.chase_orders import Chaser
from lambdas.use_cases.ledger_writes import LedgerWrites

Result = TypeVar("Result")
ClosedTo = Callable[[Sequence[Intent]], Awaitable[Mapping[str, str]]]
"""Asks whether these intents may still be sent: why not, by the id of their run."""
A_LOOK_HOLDS = timedelta(seconds=1)


class PriceInsane(ValueError):
    """The book at which an entry would be priced cannot be believed."""


@dataclass(frozen=True)
class Ready:
    """One claimed intent with its request built: calling `send` does nothing but send it."""

    intent: Intent
    state: OrderState
    request: OrderRequest
    send: Send


def ready_order(broker: Broker, intent: Intent, quotes: Mapping[str, Quote], sanity_percent: Decimal) -> Ready:
    """Price an intent and build its request. Raises ValueError when there is no price or no way to say it, and
    PriceInsane for an entry whose price is further from the last one.

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
    return Ready(intent, OrderState(IntentStatus.SENDING, note, limit_price=limit), request, broker.prepare(request))


def first_of(group: Sequence[Ready]) -> Sequence[Ready]:
    """What leaves first of the orders of one run: its buys, or all when it has none or its trader does not want the
    others to wait."""
    if not all(ready.intent.orders.hedges_first for ready in group):
        return group
    return [ready for ready in group if ready.intent.side is Side.BUY] or group


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
    timing: Timing
    chaser: Chaser
    closed_to: ClosedTo
    meter: Meter
    writes: LedgerWrites

    async def send(self, group: Sequence[Ready]) -> int:
        """Returns how many orders left, when all that is known of them is written. Sells are withheld when a buy before
        them is not filled in time, or when entries were stopped while they waited for it."""
        try:
            return await self._send(group)
        finally:
            await self.writes.settle(ready.intent for ready in group)

    async def _send(self, group: Sequence[Ready]) -> int:
        begun = self.clock.now()
        first = first_of(group)
        sells = [ready for ready in group if ready not in first]
        states = await all_of(self._send_one(ready) for ready in first)
        if sells:
            reason = await self._unfilled(list(zip(first, states, strict=True))) or await self._stopped(sells, begun)
            if reason:
                await withhold(self.runs, [ready.intent for ready in sells], reason)
                sells = []
        sold = await all_of(self._send_one(ready) for ready in sells)
        return sum(state.sent_at is not None for state in (*states, *sold))

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

    async def _unfilled(self, buys: Sequence[tuple[Ready, OrderState]]) -> str | None:
        """Wait until every buy is filled; the reason why one is not, or None."""
        reasons = await asyncio.gather(*(self._await_fill(ready, state) for ready, state in buys))
        return next((reason for reason in reasons if reason), None)

    async def _stopped(self, sells: Sequence[Ready], begun: datetime) -> str | None:
        """Why sells must not follow their buys any more, or None. They are asked about only when the last look before
        the buys is old: it costs them the time of two reads."""
        if self.clock.now() - begun < A_LOOK_HOLDS:
            return None
        closed = await self.closed_to([ready.intent for ready in sells])
        return closed.get(sells[0].intent.run_id)

    async def _await_fill(self, ready: Ready, state: OrderState) -> str | None:
        clock, name = self.clock, f"leg {ready.intent.leg} ({ready.intent.side} {ready.intent.symbol})"
        deadline = min(ready.intent.not_after, gives_up_at(Order(ready.intent, state)) or ready.intent.not_after)
        while state.status is not IntentStatus.FILLED:
            if state.status in FINAL or state.status is IntentStatus.UNKNOWN or state.broker_order_id is None:
                return f"{name} is {state.status}: {state.reason}"
            try:
                seen = await self.broker.order(state.broker_order_id)
            except BrokerError as error:
                state = replace(state, reason=f"its fill could not be read: {error}")
            else:
                state = replace(
                    state,
                    status=seen.status,
                    reason=seen.message or ready.state.reason,
                    filled_quantity=seen.filled_quantity,
                    average_price=seen.average_price,
                    exchange_at=seen.exchange_at,
                    refusal=seen.refusal,
                )
                if state.status in FINAL:
                    self.writes.record(ready.intent, state)
                    continue
                state = await self._chased(Order(ready.intent, state))
            if clock.now() > deadline:
                return f"{name} was not filled by {deadline.isoformat()}"
            await clock.sleep(self.timing.poll)
        return None

    async def _chased(self, order: Order) -> OrderState:
        """What is known of a hedge after its limit was moved, where that was due. Who confirms it gives it up."""
        await self.writes.settle([order.intent])
        try:
            moved = await self.chaser.step([order])
        except SessionOver as over:
            return replace(order.state, reason=f"its limit could not be moved: {over}")
        return moved[0].state if moved else order.state


async def all_of(sends: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """Let every one of them come to its end before the first failure is raised: an order that is being sent
    must not lose its connection because another could not be recorded."""
    results = await asyncio.gather(*sends, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]


def _too_late(ready: Ready) -> OrderState:
    limit = ready.intent.not_after.isoformat()
    return replace(ready.state, status=IntentStatus.MISSED, reason=f"not sent: it is past {limit}")


_STATUS = {
    Outcome.ACCEPTED: IntentStatus.ACCEPTED,
    Outcome.REFUSED: IntentStatus.REFUSED,
    Outcome.UNKNOWN: IntentStatus.UNKNOWN,
}


def _state_of(placement: Placement, before: OrderState) -> OrderState:
    return replace(
        before,
        status=_STATUS[placement.outcome],
        reason=placement.reason or before.reason,
        broker_order_id=placement.broker_order_id,
        sent_at=placement.sent_at,
        acknowledged_at=placement.acknowledged_at,
        refusal=placement.refusal,
    )
