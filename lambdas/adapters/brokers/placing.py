"""Sending one prepared order once, and what may be concluded from what comes back."""

from collections.abc import Callable
from dataclasses import replace

import httpx

from lambdas.adapters.brokers.http import NoReply, Reply, Wire
from lambdas.domain.refusals import Refusal
from lambdas.ports.broker import BrokerError, Outcome, Placement, Send


def sender(wire: Wire, request: httpx.Request, read: Callable[[Reply], Placement]) -> Send:
    """The closure that sends `request` once and reads its answer with `read`.

    It raises for nothing that broker or network do: no connection is REFUSED without `sent_at`, any
    other missing answer and any answer that `read` cannot read is UNKNOWN. Calling it a second time is a
    fault of the caller and raises RuntimeError before anything is sent.
    """
    used = False

    async def send() -> Placement:
        nonlocal used
        if used:
            raise RuntimeError("this order was sent before; an order is never sent twice")
        used = True
        reply = await wire.attempt(request)
        if isinstance(reply, NoReply):
            return _unanswered(wire, reply)
        try:
            return read(reply)
        except BrokerError as error:
            return unknown(reply, str(error))
        except Exception as error:
            return unknown(reply, f"{wire.broker}: unreadable answer: {type(error).__name__}")

    return send


def accepted(reply: Reply, order_id: str) -> Placement:
    """The broker took the order and gave it a number."""
    return Placement(Outcome.ACCEPTED, "accepted", reply.sent_at, reply.received_at, order_id)


def refused(reply: Reply, reason: str, refusal: Refusal) -> Placement:
    """The broker said, readably, that there is no order, and why."""
    return Placement(Outcome.REFUSED, reason, reply.sent_at, reply.received_at, refusal=refusal)


def limited(reply: Reply, reason: str) -> Placement:
    """A rate limit refused the request before the broker's order system saw it."""
    return replace(refused(reply, reason, Refusal.RATE_LIMIT), busy=True)


def unknown(reply: Reply, reason: str) -> Placement:
    """The order may exist: only the order book can tell."""
    return Placement(Outcome.UNKNOWN, reason, reply.sent_at, None)


def _unanswered(wire: Wire, reply: NoReply) -> Placement:
    if reply.sent_at is None:
        return Placement(Outcome.REFUSED, f"{wire.broker}: not sent: {reply.why}", None, None)
    return Placement(Outcome.UNKNOWN, f"{wire.broker}: no whole answer: {reply.why}", reply.sent_at, None)
