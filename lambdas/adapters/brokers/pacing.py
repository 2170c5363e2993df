"""Asking in portions, at the pace that a broker allows."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import count
from typing import TypeVar

from lambdas.ports.clock import Clock

Item = TypeVar("Item")


class Paced:
    """Keeps `per_second` calls a second by sleeping before the call that would be one too many."""

    def __init__(self, clock: Clock, per_second: int) -> None:
        self._clock = clock
        self._gap = timedelta(seconds=1) / per_second
        self._free_at = clock.now()

    async def turn(self) -> None:
        """Return when the next call may go."""
        now = self._clock.now()
        start = max(now, self._free_at)
        self._free_at = start + self._gap
        if start > now:
            await self._clock.sleep_until(start)


def portions(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """The items in order, at most `size` at a time."""
    for start in count(0, size):
        if start >= len(items):
            return
        yield items[start : start + size]
