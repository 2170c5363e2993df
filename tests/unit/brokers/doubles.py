"""Doubles for brokers on the wire: a scripted transport, a loopback server, a clock that tests move."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from lambdas.domain.contracts import Side
from lambdas.ports.broker import OrderRequest

PAYLOADS = Path(__file__).parent / "payloads"
NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


class SteppingClock:
    """Moves one second with every reading, so that the order of readings shows; sleeping jumps."""

    def __init__(self, start: datetime = NOON) -> None:
        self.current = start
        self.slept_until: list[datetime] = []

    def now(self) -> datetime:
        self.current += timedelta(seconds=1)
        return self.current

    async def sleep_until(self, instant: datetime) -> None:
        self.slept_until.append(instant)
        self.current = max(self.current, instant)

    async def sleep(self, duration: timedelta) -> None:
        await self.sleep_until(self.current + duration)


class FrozenClock:
    """Stands still until somebody sleeps."""

    def __init__(self, start: datetime = NOON) -> None:
        self.current = start
        self.slept_until: list[datetime] = []

    def now(self) -> datetime:
        return self.current

    async def sleep_until(self, instant: datetime) -> None:
        self.slept_until.append(instant)
        self.current = max(self.current, instant)

    async def sleep(self, duration: timedelta) -> None:
        await self.sleep_until(self.current + duration)


Answer = httpx.Response | Exception


class ScriptedTransport(httpx.AsyncBaseTransport):
    """Answers with what it was given, in order; the last answer stays. Keeps every request.

    It tells the trace extension that writing began, as a real transport does, except before the errors of
    connecting.
    """

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if not isinstance(answer, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
            await request.extensions["trace"]("http11.send_request_headers.started", {})
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)

    @property
    def last(self) -> httpx.Request:
        return self.requests[-1]


def payload(broker: str, name: str) -> bytes:
    """A recorded answer."""
    return (PAYLOADS / broker / name).read_bytes()


def answer(status: int, body: bytes | str | dict[str, Any]) -> httpx.Response:
    """An answer with that body."""
    if isinstance(body, dict):
        return httpx.Response(status, json=body)
    return httpx.Response(status, content=body)


def an_order(**changes: Any) -> OrderRequest:
    """An order for one lot of NIFTY."""
    fields: dict[str, Any] = {
        "exchange": "NFO",
        "symbol": "NIFTY26NOV26000CE",
        "token": "47164",
        "side": Side.BUY,
        "quantity": 65,
        "product": "MIS",
        "limit_price": Decimal("104.50"),
        "protection_percent": Decimal("3"),
        "tag": "LWAAAAAAAAAAAAAAAAA1",
    }
    return OrderRequest(**{**fields, **changes})


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def loopback(talk: Talk) -> AsyncIterator[str]:
    """A real server on this machine for one test; yields its base URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.close()
        await server.wait_closed()


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """The head and body of one request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")),
        0,
    )
    return head + await reader.readexactly(length)
