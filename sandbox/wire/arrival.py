"""The outermost layer: notes when a request arrived and keeps hold of its connection."""

from typing import Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.clock import Clock

ARRIVED = "sandbox.arrived"
CONNECTION = "sandbox.connection"


class Connection(Protocol):
    """The part of an asyncio transport that a lost reply needs."""

    def abort(self) -> None: ...


class Arrival:
    """Stamps each request before its body is read."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope[ARRIVED] = self._clock.now()
            # uvicorn passes its request cycle's own method; in-process test clients have no transport.
            scope[CONNECTION] = getattr(getattr(send, "__self__", None), "transport", None)
        await self._app(scope, receive, send)
