"""One thin HTTP client for all brokers: it stamps what it sends, bounds what it reads, and tries once."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote_plus

import httpx

from lambdas.adapters.brokers.limits import KindOf
from lambdas.ports.broker import BrokerBusy, BrokerError, BrokerGarbled, BrokerUnreachable
from lambdas.ports.clock import Clock
from lambdas.ports.pace import Pace

Read = TypeVar("Read")

ANSWER_BYTES = 16 * 1024 * 1024
"""More than the order book of the busiest day; an answer above it is not read to its end."""
ANSWER_SECONDS = 10.0
"""From the first attempt to connect to the last byte of the answer."""

_TIMEOUTS = httpx.Timeout(connect=3.0, read=7.0, write=3.0, pool=2.0)
_POOL = httpx.Limits(max_connections=16, max_keepalive_connections=16, keepalive_expiry=90.0)
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, TimeoutError)
_LONGEST_MESSAGE = 300
TRIES_WHEN_BUSY = 3
"""A call that the broker refused because of a rate limit had no effect; it is made again so many times in all."""


@dataclass(frozen=True)
class Reply:
    """A whole answer. `sent_at` is the instant at which the first byte of the request was written."""

    status: int
    body: bytes
    sent_at: datetime
    received_at: datetime


@dataclass(frozen=True)
class NoReply:
    """No whole answer. `sent_at` is None when it is certain that no byte of the request left."""

    why: str
    sent_at: datetime | None
    cause: Exception | None


class _Writing:
    """One request on its way to its connection: notes when the first byte is about to be written, as httpx tells its
    trace extension, and lets the next request begin when this one is written, needs a connection or has failed.

    Asking a proxy for a tunnel (CONNECT) is not yet the request. `told` is True once the transport told
    anything. Source: httpx "Request extensions, trace"; the events are httpcore's.
    """

    def __init__(self, clock: Clock, turn: asyncio.Lock) -> None:
        self._clock = clock
        self._turn: asyncio.Lock | None = turn
        self.at: datetime | None = None
        self.told = False

    def end_turn(self) -> None:
        """Let the next request be written."""
        if self._turn is not None:
            self._turn.release()
            self._turn = None

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        self.told = True
        if event.endswith((".send_request_body.complete", ".connect_tcp.started", ".failed")):
            self.end_turn()
        if event.endswith(".send_request_body.complete"):
            # Workers that share a processor take turns here: each sends its first order before one sends its second.
            time.sleep(0)  # noqa: ASYNC251 (yields the processor, not the loop)
        tunnel = getattr(info.get("request"), "method", b"") == b"CONNECT"
        if self.at is None and not tunnel and event.endswith(".send_request_headers.started"):
            self.at = self._clock.now()


@dataclass(frozen=True)
class Turns:
    """How the calls of an account wait for their turns, and what each counts as."""

    pace: Pace
    kind_of: KindOf


class Wire:
    """A pool of keep-alive connections for one account at one broker.

    Never retries, but for `exchange`, never follows redirects, reads neither proxies nor passwords from the
    environment.
    `secrets` are masked in whatever a broker says back. `proxy_url` is the egress route of the account;
    None goes out directly. Without `turns` (logins) nothing waits.
    """

    def __init__(
        self,
        broker: str,
        clock: Clock,
        *,
        secrets: Iterable[str] = (),
        proxy_url: str | None = None,
        turns: Turns | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.broker = broker
        self._clock = clock
        self._turns = turns
        told = {form for secret in secrets if secret for form in (secret, quote_plus(secret))}
        self._secrets = sorted(told, key=len, reverse=True)
        self._writes = asyncio.Lock()
        self._http = httpx.AsyncClient(
            timeout=_TIMEOUTS,
            transport=transport or httpx.AsyncHTTPTransport(limits=_POOL, retries=0, trust_env=False, proxy=proxy_url),
            trust_env=False,
            follow_redirects=False,
        )

    def build(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: tuple[tuple[str, str], ...] | None = None,
        form: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> httpx.Request:
        """A request ready to be sent: URL joined, body encoded, length and headers set."""
        return self._http.build_request(method, url, headers=headers, params=query, data=form, json=json)

    async def attempt(
        self,
        request: httpx.Request,
        *,
        sink: Callable[[bytes], object] | None = None,
        max_bytes: int = ANSWER_BYTES,
        seconds: float = ANSWER_SECONDS,
    ) -> Reply | NoReply:
        """Send once and read the whole answer. Raises nothing that the network or the broker caused.

        Requests that are begun at the same time are written one after the other, so that the first has left when the
        second is begun, and not all of them together a little later; their answers are awaited together.
        With a `sink`, the chunks of an answer with status 200 go there instead of into `Reply.body`;
        a BrokerError that the sink raises ends the reading and goes to the caller.
        """
        await self._writes.acquire()
        begun, stamp = self._clock.now(), _Writing(self._clock, self._writes)
        request.extensions = {**request.extensions, "trace": stamp}
        try:
            async with asyncio.timeout(seconds):
                status, body = await self._exchange(request, sink, max_bytes)
        except BrokerError:
            raise
        except Exception as error:
            return _no_reply(error, begun, stamp, self._secrets)
        finally:
            stamp.end_turn()
        return Reply(status, body, stamp.at or begun, self._clock.now())

    async def _exchange(
        self, request: httpx.Request, sink: Callable[[bytes], object] | None, max_bytes: int
    ) -> tuple[int, bytes]:
        response = await self._http.send(request, stream=True)
        try:
            body, size = bytearray(), 0
            take = sink if sink and response.status_code == httpx.codes.OK else body.extend
            async for chunk in response.aiter_bytes():
                size += len(chunk)
                if size > max_bytes:
                    raise httpx.DecodingError(f"the answer is longer than {max_bytes} bytes")
                take(chunk)
            return response.status_code, bytes(body)
        finally:
            await response.aclose()

    async def ask(
        self,
        request: httpx.Request,
        *,
        sink: Callable[[bytes], object] | None = None,
        max_bytes: int = ANSWER_BYTES,
        seconds: float = ANSWER_SECONDS,
    ) -> Reply:
        """As `attempt`, for requests that may be asked again.

        Raises BrokerUnreachable (nothing left) or BrokerGarbled (no whole answer).
        """
        reply = await self.attempt(request, sink=sink, max_bytes=max_bytes, seconds=seconds)
        if isinstance(reply, Reply):
            return reply
        if reply.sent_at is None:
            raise BrokerUnreachable(f"{self.broker}: not sent: {reply.why}") from reply.cause
        raise BrokerGarbled(f"{self.broker}: no whole answer: {reply.why}") from reply.cause

    async def exchange(self, request: httpx.Request, read: Callable[[Reply], Read]) -> tuple[Reply, Read]:
        """As `ask`, in its turn; the answer with what `read` makes of it.

        While `read` raises BrokerBusy, the account pauses and the call is made again, a few times: the broker
        refused it before it had any effect. Raises what `ask` and `read` raise.
        """
        if self._turns is None:
            reply = await self.ask(request)
            return reply, read(reply)
        pace, kind = self._turns.pace, self._turns.kind_of(request.method, request.url.path)
        tries = 0
        while True:
            await pace.turn(kind)
            reply, tries = await self.ask(request), tries + 1
            try:
                return reply, read(reply)
            except BrokerBusy:
                await pace.busy(kind)
                if tries >= TRIES_WHEN_BUSY:
                    raise

    def quote(self, text: object) -> str:
        """What a broker said, fit for a person and a log: bounded, one line, secrets masked."""
        line = " ".join(str(text).split())
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line[:_LONGEST_MESSAGE]

    async def aclose(self) -> None:
        """Close all connections, when the other processes know of all calls."""
        if self._turns is not None:
            await self._turns.pace.settle()
        await self._http.aclose()


def _no_reply(error: Exception, begun: datetime, stamp: _Writing, secrets: Iterable[str]) -> NoReply:
    """A request was never sent when the transport told of its steps and writing was none of them, or when
    the error is one of connecting. In doubt it counts as sent.

    The text of a local protocol error quotes the offending header, that of a remote one what the broker wrote:
    where it may hold a token it is dropped.
    """
    tells = isinstance(error, httpx.LocalProtocolError) or any(secret in str(error) for secret in secrets)
    cause = None if tells else error
    why = type(error).__name__
    if cause is not None and str(error):
        why = f"{why}: {error}"[:_LONGEST_MESSAGE]
    never_left = stamp.at is None and (stamp.told or isinstance(error, _NEVER_LEFT))
    return NoReply(why, None if never_left else stamp.at or begun, cause)
