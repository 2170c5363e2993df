"""The same orders by a bare HTTP client: what the broker's delay alone makes of them.

The requests are those that Zerodha's adapter sent; each goes out under a tag of its own over kept connections.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import httpx

from bench.broker_wire import Sent, wire_to_broker
from bench.order_count import accepted, new_tag
from bench.sandbox_rig import Linked
from lambdas.domain.contracts import Side
from lambdas.domain.intents import Order
from lambdas.ports.broker import OrderRequest
from local.steps import CannotContinue

PAUSE = 0.6
"""Seconds between two times four orders, so that the face's 10 a second are kept."""
WARM_UP = 1
Way = Callable[["BareSender"], Awaitable[None]]


@dataclass(frozen=True)
class Known:
    """One order as the adapter sent it, under which tag, and how it asked for it (`number` is in that path)."""

    placed: Sent
    tag: str
    asked: Sent
    number: str


@dataclass(frozen=True)
class BareSender:
    """Places known orders anew: the hedges, and the shorts that lean on them."""

    client: httpx.AsyncClient
    face: str
    hedges: Sequence[Known]
    shorts: Sequence[Known]

    async def place(self, known: Known) -> str:
        """The broker's order number. Raises CannotContinue when it is refused."""
        answer = await self.send(known)
        if not answer.is_success:
            raise CannotContinue(f"the bare request was refused: {answer.text}")
        return str(json.loads(answer.content)["data"]["order_id"])

    async def send(self, known: Known) -> httpx.Response:
        """The answer, whatever it is."""
        return await self._request(known.placed.tagged(known.tag, new_tag()))

    async def until_filled(self, known: Known, number: str) -> None:
        """Look at an order again and again until it is filled."""
        asked = Sent(known.asked.method, known.asked.path.replace(known.number, number), known.asked.headers, b"")
        while True:
            answer = await self._request(asked)
            if answer.is_success and json.loads(answer.content)["data"][-1]["status"] == "COMPLETE":
                return

    async def _request(self, sent: Sent) -> httpx.Response:
        return await self.client.send(
            self.client.build_request(
                sent.method, self.face + sent.path, headers=dict(sent.headers), content=sent.body or None
            )
        )


async def one_by_one(sender: BareSender) -> None:
    """Each waits for the answer to the one before."""
    for known in (*sender.hedges, *sender.shorts):
        await sender.place(known)


async def all_at_once(sender: BareSender) -> None:
    """Nobody waits for a hedge."""
    await asyncio.gather(*(sender.place(known) for known in (*sender.hedges, *sender.shorts)))


async def two_by_two(sender: BareSender) -> None:
    """The shorts follow the answers to the hedges: two round trips."""
    await asyncio.gather(*(sender.place(known) for known in sender.hedges))
    await asyncio.gather(*(sender.place(known) for known in sender.shorts))


async def two_filled_two(sender: BareSender) -> None:
    """The shorts follow when the hedges are seen filled: three round trips, if the first look sees it."""
    numbers = await asyncio.gather(*(sender.place(known) for known in sender.hedges))
    await asyncio.gather(*map(sender.until_filled, sender.hedges, numbers))
    await asyncio.gather(*(sender.place(known) for known in sender.shorts))


WAYS: Mapping[str, Way] = {
    "bare httpx: all four at once": all_at_once,
    "bare httpx: two, then two": two_by_two,
    "bare httpx: two, seen filled, then two": two_filled_two,
    "bare httpx: one after the other": one_by_one,
}


async def times_of(sender: BareSender, repetitions: int) -> dict[str, list[float]]:
    """Milliseconds for the four orders, of each way in turn."""
    took: dict[str, list[float]] = {name: [] for name in WAYS}
    for count in range(WARM_UP + repetitions):
        for name, way in WAYS.items():
            began = time.perf_counter()
            await way(sender)
            if count >= WARM_UP:
                took[name].append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(PAUSE)
    return took


async def burst_of(sender: BareSender, orders: int) -> Counter[int]:
    """So many orders at once, by the HTTP status of their answers."""
    answers = await asyncio.gather(*(sender.send(sender.hedges[0]) for _ in range(orders)))
    return Counter(answer.status_code for answer in answers)


async def known_orders(linked: Linked, orders: Sequence[Order]) -> list[Known]:
    """The orders of a run, placed once more by the adapter in another account, with what that put on the wire."""
    found: list[Known] = []
    with wire_to_broker(linked.face) as wire:
        broker = linked.open(wire.url)
        try:
            for order in sorted(orders, key=lambda one: one.intent.side is Side.SELL):
                request = request_of(order)
                number = accepted(await broker.prepare(request)())
                placed = wire.taken()[-1]
                await broker.order(number)
                found.append(Known(placed, request.tag, wire.taken()[-1], number))
        finally:
            await broker.aclose()
    return found


def request_of(order: Order) -> OrderRequest:
    """What an order of a run asked for, under another tag. Raises CannotContinue when it never had a price."""
    intent, limit = order.intent, order.state.limit_price
    if limit is None:
        raise CannotContinue(f"{intent.intent_id} was not priced: {order.state.reason}")
    return OrderRequest(
        intent.exchange,
        intent.symbol,
        intent.token,
        intent.side,
        intent.quantity,
        intent.product,
        limit,
        Decimal(10),
        new_tag(),
    )
