"""Sending the orders of one run in one account: once each, in the order in which they lean on each other."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import FINAL, Intent, IntentStatus, OrderState
from lambdas.domain.pacing import Pacer
from lambdas.domain.protection import protected_limit, protection_percent
from lambdas.domain.timing import Timing
from lambdas.ports.broker import Broker, BrokerError, OrderRequest, Outcome, Placement, Send
from lambdas.ports.clock import Clock
from lambdas.ports.store import RunStore

Result = TypeVar("Result")


@dataclass(frozen=True)
class Ready:
    """One claimed intent with its request built: calling `send` does nothing but send it."""

    intent: Intent
    state: OrderState
    send: Send


def ready_order(broker: Broker, intent: Intent, quotes: Mapping[str, Quote]) -> Ready:
    """Price an intent and build its request. Raises ValueError when there is no price or no way to say it."""
    quote = quotes.get(intent.symbol)
    if quote is None:
        raise ValueError(f"the broker has no quote for {intent.symbol}")
    limit = protected_limit(intent.side, quote, intent.tick_size)
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
    )
    return Ready(intent, OrderState(IntentStatus.SENDING, limit_price=limit), broker.prepare(request))


async def withhold(runs: RunStore, intents: Sequence[Intent], reason: str) -> None:
    """Record that these claimed intents were not sent, and why."""
    state = OrderState(IntentStatus.WITHHELD, f"not sent: {reason}")
    await asyncio.gather(*(runs.record(intent, state) for intent in intents))


@dataclass(frozen=True)
class RunSender:
    """Sends the orders of one run in one account: buys, then the sells that lean on them."""

    broker: Broker
    pacer: Pacer
    runs: RunStore
    clock: Clock
    timing: Timing

    async def send(self, group: Sequence[Ready]) -> int:
        """Returns how many orders left. Sells are withheld when a buy before them is not filled in time."""
        buys = [ready for ready in group if ready.intent.side is Side.BUY]
        sells = [ready for ready in group if ready.intent.side is Side.SELL]
        states = await all_of(self._send_one(ready) for ready in buys)
        if sells and buys:
            reason = await self._unfilled(list(zip(buys, states, strict=True)))
            if reason:
                await withhold(self.runs, [ready.intent for ready in sells], reason)
                sells = []
        sold = await all_of(self._send_one(ready) for ready in sells)
        return sum(state.sent_at is not None for state in (*states, *sold))

    async def _send_one(self, ready: Ready) -> OrderState:
        clock = self.clock
        now = clock.now()
        await clock.sleep(self.pacer.reserve(now) - now)
        if clock.now() > ready.intent.not_after:
            limit = ready.intent.not_after.isoformat()
            state = replace(ready.state, status=IntentStatus.MISSED, reason=f"not sent: it is past {limit}")
        else:
            state = _state_of(await ready.send(), ready.state)
        await self.runs.record(ready.intent, state)
        return state

    async def _unfilled(self, buys: Sequence[tuple[Ready, OrderState]]) -> str | None:
        """Wait until every buy is filled; the reason why one is not, or None."""
        reasons = await asyncio.gather(*(self._await_fill(ready, state) for ready, state in buys))
        return next((reason for reason in reasons if reason), None)

    async def _await_fill(self, ready: Ready, state: OrderState) -> str | None:
        clock, name = self.clock, f"leg {ready.intent.leg} ({ready.intent.side} {ready.intent.symbol})"
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
                    reason=seen.message,
                    filled_quantity=seen.filled_quantity,
                    average_price=seen.average_price,
                    exchange_at=seen.exchange_at,
                )
                if state.status in FINAL:
                    await self.runs.record(ready.intent, state)
                    continue
            if clock.now() > ready.intent.not_after:
                return f"{name} was not filled by {ready.intent.not_after.isoformat()}"
            await clock.sleep(self.timing.poll)
        return None


async def all_of(sends: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """Let every one of them come to its end before the first failure is raised: an order that is being sent
    must not lose its connection because another could not be recorded."""
    results = await asyncio.gather(*sends, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]


_STATUS = {
    Outcome.ACCEPTED: IntentStatus.ACCEPTED,
    Outcome.REFUSED: IntentStatus.REFUSED,
    Outcome.UNKNOWN: IntentStatus.UNKNOWN,
}


def _state_of(placement: Placement, before: OrderState) -> OrderState:
    return replace(
        before,
        status=_STATUS[placement.outcome],
        reason=placement.reason,
        broker_order_id=placement.broker_order_id,
        sent_at=placement.sent_at,
        acknowledged_at=placement.acknowledged_at,
    )
