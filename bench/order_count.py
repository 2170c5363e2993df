"""How many requests an order takes, counted on the wire, by the adapter and by the official client."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import count

from bench.broker_wire import BrokerWire, Sent, wire_to_broker
from bench.official import Official, official_client
from bench.report import NOTHING
from bench.sandbox_rig import Exchange, Linked
from lambdas.domain.contracts import Right, Side
from lambdas.domain.intents import FINAL, IntentStatus
from lambdas.ports.broker import Broker, OrderRequest, Outcome, Placement
from local.steps import CannotContinue

COLUMNS = (
    "broker",
    "place",
    "→ seen filled",
    "→ cancelled",
    "official: place",
    "connections, ours",
    "connections, official",
)
TIMES = 10
POLL_SECONDS = 0.05
LOOKS = 60
TICK = Decimal("0.05")
_NUMBERS = count(1)


@dataclass
class Counted:
    """Requests of each order, by what was done with it, and the connections that all `TIMES` placed orders took."""

    place: list[int] = field(default_factory=list)
    filled: list[int] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    official: list[int] = field(default_factory=list)
    connections: int = 0
    official_connections: int | None = None

    def row(self, broker: str) -> tuple[str, ...]:
        """Cells for `COLUMNS`."""
        counts = (span(each) for each in (self.place, self.filled, self.cancelled, self.official))
        used = NOTHING if self.official_connections is None else str(self.official_connections)
        return (broker, *counts, str(self.connections), used)


@dataclass(frozen=True)
class Known:
    """What the timed orders need: an order that fills, and its request as the adapter sent it."""

    order: OrderRequest
    sent: Sent


def span(counts: Sequence[int]) -> str:
    """`2`, or `2–3` where it was not always the same; a dash for nothing."""
    if not counts:
        return NOTHING
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low}–{high}"


def new_tag() -> str:
    """A tag that no order had; all have the same length."""
    return f"LWBENCH{next(_NUMBERS):010d}"


async def counted(exchange: Exchange, linked: Linked) -> tuple[Counted, Known]:
    """Count everything at one broker. Raises CannotContinue when an order is not taken."""
    result = Counted()
    with wire_to_broker(linked.face) as wire:
        broker = linked.open(wire.url)
        try:
            order = await _an_order(broker)
            known = await _count_ours(exchange, linked, broker, wire, order, result)
        finally:
            await broker.aclose()
    if (found := official_client(linked.broker)) is not None:
        await _count_official(linked, found, known, result)
    return result, known


async def _count_ours(
    exchange: Exchange, linked: Linked, broker: Broker, wire: BrokerWire, order: OrderRequest, result: Counted
) -> Known:
    known = Known(order, (await _requests(wire, lambda: _place(broker, order)))[-1])
    wire.connections = 0
    again = linked.open(wire.url)  # a client that was not used: its first order opens the connection
    try:
        for _ in range(TIMES):
            result.place.append(len(await _requests(wire, lambda: _place(again, tagged(order)))))
    finally:
        await again.aclose()
    result.connections = wire.connections
    for _ in range(TIMES):
        result.filled.append(len(await _requests(wire, lambda: _fill(broker, tagged(order)))))
    for _ in range(TIMES):
        exchange.admin(
            "POST", "/faults", broker=linked.broker, operation="place", kind="partial_fill", share=0, times=1
        )
        result.cancelled.append(len(await _requests(wire, lambda: _cancel(broker, tagged(order)))))
    return known


async def _count_official(linked: Linked, official: Official, known: Known, result: Counted) -> None:
    with wire_to_broker(linked.face) as wire:
        async with official.running(wire.url, linked) as client:
            for _ in range(TIMES):
                wire.taken()
                await client.place(known.sent.tagged(known.order.tag, new_tag()).fields())
                result.official.append(len(wire.taken()))
        result.official_connections = wire.connections


async def _requests(wire: BrokerWire, what: Callable[[], Awaitable[object]]) -> list[Sent]:
    wire.taken()
    await what()
    return wire.taken()


async def _an_order(broker: Broker) -> OrderRequest:
    """One lot of the call nearest to the money of the second expiry (the first may end), bought 10 % above."""
    spot = (await broker.index_quote("NIFTY")).last
    calls = [one for one in await broker.listings(frozenset({"NIFTY"})) if one.contract.right is Right.CE]
    expiry = sorted({one.contract.expiry for one in calls})[1]
    nearest = min(
        (one for one in calls if one.contract.expiry == expiry), key=lambda one: abs(one.contract.strike - spot)
    )
    quotes = await broker.quotes([(nearest.exchange, nearest.symbol, nearest.token)])
    quote = quotes[nearest.symbol]
    reach = (quote.ask or quote.last) * Decimal("1.10") // TICK * TICK
    return OrderRequest(
        nearest.exchange,
        nearest.symbol,
        nearest.token,
        Side.BUY,
        nearest.lot_size,
        "MIS",
        reach,
        Decimal(10),
        new_tag(),
    )


def tagged(order: OrderRequest) -> OrderRequest:
    """The same order under a tag of its own."""
    return replace(order, tag=new_tag())


def accepted(placement: Placement) -> str:
    """The broker's order number. Raises CannotContinue when there is none: such an order measures nothing."""
    if placement.outcome is not Outcome.ACCEPTED or placement.broker_order_id is None:
        raise CannotContinue(f"an order was not taken: {placement.reason}")
    return placement.broker_order_id


async def _place(broker: Broker, order: OrderRequest) -> str:
    return accepted(await broker.prepare(order)())


async def _fill(broker: Broker, order: OrderRequest) -> None:
    order_id = await _place(broker, order)
    for _ in range(LOOKS):
        seen = await broker.order(order_id)
        if seen.status in FINAL:
            break
        await asyncio.sleep(POLL_SECONDS)
    if seen.status is not IntentStatus.FILLED:
        raise CannotContinue(f"an order was not filled: {seen.status} {seen.message}")


async def _cancel(broker: Broker, order: OrderRequest) -> None:
    await broker.cancel(await _place(broker, order))
