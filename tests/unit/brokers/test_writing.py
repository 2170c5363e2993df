"""Requests of one moment are written one after the other and answered together, on real connections to this machine."""

import asyncio

import httpx
import pytest

from lambdas.adapters.brokers.http import Reply, Wire
from tests.unit.brokers.doubles import SteppingClock, loopback, read_request

pytestmark = pytest.mark.anyio
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Told(httpx.AsyncHTTPTransport):
    """Remembers what the transport told of each request, by path; a request to /connects stays at connecting."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[tuple[str, str]] = []
        self.may_connect = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        traced, path = request.extensions["trace"], request.url.path

        async def trace(event: str, info: dict[str, object]) -> None:
            self.steps.append((path, event))
            await traced(event, info)
            if path == "/connects" and event == "connection.connect_tcp.started":
                await self.may_connect.wait()

        request.extensions = {**request.extensions, "trace": trace}
        return await super().handle_async_request(request)


class Server:
    """Answers every request when its `gate` is open; `came` counts what has arrived."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.came = asyncio.Semaphore(0)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                await read_request(reader)
            except asyncio.IncompleteReadError:
                return
            self.came.release()
            await self.gate.wait()
            writer.write(ANSWER)
            await writer.drain()


@pytest.fixture
def told() -> Told:
    return Told()


async def opened(wire: Wire, url: str, connections: int) -> None:
    """Leave this many connections open."""
    await asyncio.gather(*(wire.attempt(wire.build("GET", f"{url}/warm")) for _ in range(connections)))


async def test_a_request_is_written_whole_before_the_next_is_begun(told: Told) -> None:
    server = Server()
    async with loopback(server.talk) as url:
        wire = Wire("zerodha", SteppingClock(), transport=told)
        await opened(wire, url, 5)
        told.steps.clear()
        requests = [wire.build("POST", f"{url}/{number}", form={"a": "b"}) for number in range(5)]
        replies = await asyncio.gather(*(wire.attempt(request) for request in requests))
        await wire.aclose()
    assert all(isinstance(reply, Reply) for reply in replies)
    written = [
        (path, event.rsplit(".", 2)[-2])
        for path, event in told.steps
        if event.endswith((".send_request_headers.started", ".send_request_body.complete"))
    ]
    assert written == [
        (f"/{number}", step) for number in range(5) for step in ("send_request_headers", "send_request_body")
    ]


async def test_nobody_waits_for_the_answer_of_another(told: Told) -> None:
    server = Server()
    async with loopback(server.talk) as url:
        wire = Wire("zerodha", SteppingClock(), transport=told)
        await opened(wire, url, 3)
        server.gate.clear()
        server.came = asyncio.Semaphore(0)
        asked = [asyncio.create_task(wire.attempt(wire.build("GET", f"{url}/{number}"))) for number in range(3)]
        for _ in asked:
            await server.came.acquire()
        server.gate.set()
        assert all(isinstance(reply, Reply) for reply in await asyncio.gather(*asked))
        await wire.aclose()


async def test_nobody_waits_for_the_connection_of_another(told: Told) -> None:
    server = Server()
    async with loopback(server.talk) as url, loopback(server.talk) as elsewhere:
        wire = Wire("zerodha", SteppingClock(), transport=told)
        await opened(wire, url, 1)
        connecting = asyncio.create_task(wire.attempt(wire.build("GET", f"{elsewhere}/connects")))
        await asyncio.sleep(0)
        assert isinstance(await wire.attempt(wire.build("GET", f"{url}/1")), Reply)
        assert not connecting.done()
        told.may_connect.set()
        assert isinstance(await connecting, Reply)
        await wire.aclose()


async def test_a_request_that_is_given_up_lets_the_next_one_go(told: Told) -> None:
    server = Server()
    async with loopback(server.talk) as url:
        wire = Wire("zerodha", SteppingClock(), transport=told)
        await opened(wire, url, 1)
        server.gate.clear()
        given_up = asyncio.create_task(wire.attempt(wire.build("GET", f"{url}/0")))
        await asyncio.sleep(0)
        given_up.cancel()
        server.gate.set()
        assert isinstance(await wire.attempt(wire.build("GET", f"{url}/1")), Reply)
        await wire.aclose()
