"""The send stamp and the bounds of an answer, on real connections to this machine."""

import asyncio
import socket

import httpx
import pytest

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.http import NoReply, Reply, Wire
from lambdas.adapters.brokers.registry import open_broker
from lambdas.ports.broker import Outcome
from tests.unit.brokers.doubles import FrozenClock, SteppingClock, an_order, loopback, payload, read_request

pytestmark = pytest.mark.anyio
ACCEPTED = payload("zerodha", "place.json")


def http_answer(body: bytes, status: str = "200 OK", extra: bytes = b"") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + extra + b"\r\n" + body


class SlowConnect(httpx.AsyncHTTPTransport):
    """Connecting takes the clock far ahead, as it does in the minute when everybody connects."""

    def __init__(self, clock: FrozenClock) -> None:
        super().__init__()
        self._clock = clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        traced = request.extensions["trace"]

        async def trace(event: str, info: dict[str, object]) -> None:
            if event == "connection.connect_tcp.complete":
                await self._clock.sleep_until(self._clock.now().replace(second=30))
            await traced(event, info)

        request.extensions = {**request.extensions, "trace": trace}
        return await super().handle_async_request(request)


async def test_the_stamp_is_taken_when_writing_begins_not_when_connecting_begins() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(http_answer(ACCEPTED))
        await writer.drain()

    clock = FrozenClock()
    async with loopback(talk) as url:
        wire = Wire("zerodha", clock, transport=SlowConnect(clock))
        reply = await wire.attempt(wire.build("POST", url, form={"a": "b"}))
        await wire.aclose()
    assert isinstance(reply, Reply)
    assert reply.sent_at.second == 30


async def test_a_reply_is_received_after_it_was_sent() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(http_answer(ACCEPTED))
        await writer.drain()

    async with loopback(talk) as url:
        wire = Wire("zerodha", SteppingClock())
        reply = await wire.attempt(wire.build("GET", url))
        await wire.aclose()
    assert isinstance(reply, Reply)
    assert reply.sent_at < reply.received_at


async def test_a_server_that_takes_the_order_and_hangs_up_leaves_it_unknown() -> None:
    taken: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(await read_request(reader))

    async with loopback(talk) as url:
        broker = open_broker(
            "zerodha",
            credentials={"api_key": "k", "api_secret": "s"},
            tokens={"access_token": "t"},
            endpoints=Endpoints(url),
            clock=SteppingClock(),
        )
        placement = await broker.prepare(an_order())()
        await broker.aclose()
    assert placement.outcome is Outcome.UNKNOWN
    assert placement.sent_at is not None
    assert len(taken) == 1


async def test_a_port_that_nobody_listens_on_means_not_sent() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        wire = Wire("zerodha", SteppingClock())
        reply = await wire.attempt(wire.build("POST", url, form={"a": "b"}))
        await wire.aclose()
    assert isinstance(reply, NoReply)
    assert reply.sent_at is None
    assert reply.why.startswith("ConnectError")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(http_answer(ACCEPTED)[:-5], id="cut off in the body"),
        pytest.param(http_answer(ACCEPTED)[:20], id="cut off in the head"),
        pytest.param(b"not http at all\r\n\r\n", id="another protocol"),
    ],
)
async def test_half_an_answer_is_no_answer(sent: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(sent)
        await writer.drain()

    async with loopback(talk) as url:
        wire = Wire("zerodha", SteppingClock())
        reply = await wire.attempt(wire.build("GET", url))
        await wire.aclose()
    assert isinstance(reply, NoReply)
    assert reply.sent_at is not None


async def test_an_endless_answer_is_not_read_to_its_end() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(http_answer(b"x" * 5000))
        await writer.drain()

    async with loopback(talk) as url:
        wire = Wire("zerodha", SteppingClock())
        reply = await wire.attempt(wire.build("GET", url), max_bytes=1000)
        await wire.aclose()
    assert isinstance(reply, NoReply)
    assert "longer than 1000 bytes" in reply.why


async def test_an_answer_that_drips_is_given_up() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        for byte in http_answer(ACCEPTED):
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)

    async with loopback(talk) as url:
        wire = Wire("zerodha", SteppingClock())
        reply = await wire.attempt(wire.build("GET", url), seconds=0.2)
        await wire.aclose()
    assert isinstance(reply, NoReply)
    assert reply.sent_at is not None


class Telling(httpx.AsyncBaseTransport):
    """Tells these events, then fails with this error, or answers."""

    def __init__(self, events: tuple[str, ...], error: Exception | None = None) -> None:
        self._events = events
        self._error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        for event in self._events:
            await request.extensions["trace"](event, {})
        if self._error:
            raise self._error
        return httpx.Response(200)


async def attempt(transport: httpx.AsyncBaseTransport) -> Reply | NoReply:
    wire = Wire("zerodha", SteppingClock(), transport=transport)
    return await wire.attempt(wire.build("GET", "http://api.test"))


async def test_only_the_first_byte_is_stamped() -> None:
    once = await attempt(Telling(("http11.send_request_headers.started",)))
    twice = await attempt(Telling(("http11.send_request_headers.started", "http11.send_request_headers.started")))
    assert once.sent_at == twice.sent_at


async def test_a_failure_between_connecting_and_writing_sent_nothing() -> None:
    reply = await attempt(Telling(("connection.connect_tcp.complete",), httpx.ReadError("tunnel lost")))
    assert isinstance(reply, NoReply)
    assert reply.sent_at is None


async def test_a_transport_that_tells_nothing_is_taken_to_have_sent() -> None:
    reply = await attempt(Telling((), httpx.ReadError("reset")))
    assert isinstance(reply, NoReply)
    assert reply.sent_at is not None


async def test_a_header_that_cannot_be_sent_is_not_quoted() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with loopback(talk) as url:
        wire = Wire("zerodha", SteppingClock())
        reply = await wire.attempt(wire.build("GET", url, headers={"Authorization": "token CAN\nARY"}))
        await wire.aclose()
    assert isinstance(reply, NoReply)
    assert reply.why == "LocalProtocolError"
    assert reply.cause is None


async def test_a_redirect_is_not_followed() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(http_answer(b"", "302 Found", b"Location: /elsewhere\r\n"))
        await writer.drain()

    async with loopback(talk) as url:
        wire = Wire("zerodha", SteppingClock())
        reply = await wire.attempt(wire.build("POST", url, form={"a": "b"}))
        await wire.aclose()
    assert isinstance(reply, Reply)
    assert reply.status == 302
