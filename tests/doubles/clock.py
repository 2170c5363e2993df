"""A clock whose time passes only while everybody sleeps."""

import asyncio
from datetime import datetime, timedelta
from heapq import heappop, heappush

IDLE_PASSES = 30
"""Passes of the event loop without a new sleeper after which nobody is taken to be working."""


class VirtualClock:
    """Implements `Clock`. Sleepers wake one after the other, in the order of their instants and then of
    their calls; between two of them everything that can go on does, so that a test always sees the same."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._calls = 0
        self._passes_left = 0
        self._watching = False

    def now(self) -> datetime:
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Let time pass while nobody sleeps."""
        if instant < self._now:
            raise ValueError(f"time does not run back from {self._now} to {instant}")
        self._now = instant

    async def sleep_until(self, instant: datetime) -> None:
        if instant <= self._now:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._calls += 1
        heappush(self._sleepers, (instant, self._calls, future))
        self._watch()
        await future

    async def sleep(self, duration: timedelta) -> None:
        await self.sleep_until(self._now + duration)

    def _watch(self) -> None:
        self._passes_left = IDLE_PASSES
        if not self._watching:
            self._watching = True
            asyncio.get_running_loop().call_soon(self._pass)

    def _pass(self) -> None:
        self._passes_left -= 1
        if self._passes_left <= 0:
            self._wake_next()
        if self._sleepers:
            asyncio.get_running_loop().call_soon(self._pass)
        else:
            self._watching = False

    def _wake_next(self) -> None:
        self._passes_left = IDLE_PASSES
        instant, _, future = heappop(self._sleepers)
        if not future.done():
            self._now = max(self._now, instant)
            future.set_result(None)
