"""Connections that were opened early carry the orders, on a real server."""

import asyncio

import pytest

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.registry import open_broker
from lambdas.ports.broker import Outcome
from tests.unit.brokers.doubles import SteppingClock, an_order, loopback, payload, read_request


class Counter:
    """A Kite that counts connections and keeps them open; answers come when all that is expected is there."""

    def __init__(self) -> None:
        self.connections = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while not reader.at_eof():
            try:
                request = await read_request(reader)
            except asyncio.IncompleteReadError:
                return
            await asyncio.sleep(0.05)
            body = payload("zerodha", "place.json" if request.startswith(b"POST") else "profile.json")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()


@pytest.mark.anyio
async def test_orders_that_leave_together_find_their_connections_open() -> None:
    kite = Counter()
    async with loopback(kite.talk) as url:
        broker = open_broker(
            "zerodha",
            credentials={"api_key": "k", "api_secret": "s"},
            tokens={"access_token": "t"},
            endpoints=Endpoints(url),
            clock=SteppingClock(),
        )
        await broker.warm(3)
        assert kite.connections == 3
        sends = [broker.prepare(an_order(tag=f"LW{n}")) for n in range(3)]
        placements = await asyncio.gather(*(send() for send in sends))
        await broker.aclose()
    assert {placement.outcome for placement in placements} == {Outcome.ACCEPTED}
    assert kite.connections == 3
