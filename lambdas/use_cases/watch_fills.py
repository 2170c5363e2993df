"""What became of orders that others wait for, read from the broker's book again and again."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from lambdas.domain.intents import FINAL
from lambdas.ports.broker import Broker, BrokerError, BrokerOrder
from lambdas.ports.clock import Clock

FIRST_LOOK = timedelta(milliseconds=10)
"""After the orders began to leave: what fills at once is seen with the answer to the order, not a round trip later."""
MOST_LOOKS = 4
"""Looks that may be under way at the same time."""
AMPLE_BOOKS = 5
"""Where a broker gives fewer order books a second, a few orders are asked for one by one once they have a number."""
FEW = 2
"""Orders for which that is quicker than waiting for the next book: Angel One answers three such calls a second."""


@dataclass(eq=False)
class Awaited:
    """One order that something waits for: `row` is how the book showed it last, `trouble` why it could not be read,
    `seen` the number of the latest look that was answered. Its `number` at the broker is set by who learns it; `lost`
    says that nobody will, because the answer with it was lost."""

    tag: str
    number: str | None = None
    lost: bool = False
    row: BrokerOrder | None = None
    trouble: str = ""
    seen: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self, *_: object) -> None:
        """Let whoever waits look at what is known, and at the clock."""
        self._news.set()

    async def news(self) -> None:
        """Return when something may have changed since the last call."""
        await self._news.wait()
        self._news.clear()

    def take(self, look: int, row: BrokerOrder | None) -> None:
        """What a look showed. Answers may overtake each other; an order at its end stays there, whoever saw it."""
        ended, ends = self.row and self.row.status in FINAL, row and row.status in FINAL
        if not ended and (ends or look > self.seen):
            self.row, self.trouble = row or self.row, ""
        self.seen = max(self.seen, look)
        self.wake()

    def fail(self, look: int, why: str) -> None:
        """A look that was not answered."""
        if look > self.seen:
            self.seen, self.trouble = look, why
        self.wake()


@dataclass(eq=False)
class FillWatch:
    """Looks for all that is awaited in one account, together: ten orders cost one book, not ten.

    A look is begun every `pause` whether or not the one before it has been answered, so that a fill is seen one way to
    the broker and back after it happened, not up to two. `began` counts them.
    """

    broker: Broker
    clock: Clock
    pause: timedelta
    books_per_second: int | None
    began: int = 0
    _awaited: dict[str, Awaited] = field(default_factory=dict)
    _looks: set[asyncio.Task[None]] = field(default_factory=set)
    _ticking: asyncio.Task[None] | None = None

    @contextmanager
    def watching(self, tag: str) -> Iterator[Awaited]:
        """Look for the order with this tag from now on, until the block ends."""
        awaited = self._awaited[tag] = Awaited(tag)
        if self._ticking is None or self._ticking.done():
            self._ticking = asyncio.create_task(self._tick())
        try:
            yield awaited
        finally:
            del self._awaited[tag]

    async def aclose(self) -> None:
        """Give up what is under way: nobody waits for it any more."""
        tasks = [*self._looks, *([self._ticking] if self._ticking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _tick(self) -> None:
        await self.clock.sleep(FIRST_LOOK)
        while self._awaited:
            if len(self._looks) < MOST_LOOKS:
                self.began += 1
                look = asyncio.create_task(self._look(self.began))
                self._looks.add(look)
                look.add_done_callback(self._looks.discard)
            await self.clock.sleep(self.pause)
            for awaited in self._awaited.values():
                awaited.wake()

    async def _look(self, look: int) -> None:
        ample = self.books_per_second is None or self.books_per_second >= AMPLE_BOOKS
        lost = any(one.lost for one in self._awaited.values())
        whole = look == 1 or ample or lost or len(self._awaited) > FEW
        awaited = [one for one in self._awaited.values() if whole or one.number]
        try:
            rows = await (self.broker.orders() if whole else self._one_by_one(awaited))
            by_tag = {row.tag: row for row in rows}
        except Exception as error:  # told by whoever gives up waiting; the next look may do better
            told = str(error) if isinstance(error, BrokerError) else type(error).__name__
            for one in awaited:
                one.fail(look, told)
            return
        for one in awaited:
            one.take(look, by_tag.get(one.tag))

    async def _one_by_one(self, awaited: Iterable[Awaited]) -> Sequence[BrokerOrder]:
        return await asyncio.gather(*(self.broker.order(one.number) for one in awaited if one.number))
