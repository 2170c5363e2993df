"""Quotes for many orders at once: who asks while a call is on its way is answered by the next one."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from lambdas.adapters.brokers.paper.source import Source
from lambdas.domain.contracts import Quote
from lambdas.ports.clock import Clock

SPOT_SERVES = timedelta(seconds=60)
"""How long a spot is good for a margin, which is an estimate."""

Instrument = tuple[str, str, str]


class SharedQuotes:
    """Fresh quotes and spots of the source. Brokers allow few quote calls a second; a burst of orders needs two."""

    def __init__(self, source: Source, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._wanted: dict[Instrument, None] = {}
        self._next: asyncio.Task[Mapping[str, Quote]] | None = None
        self._calling = asyncio.Lock()
        self._spots: dict[str, tuple[Decimal, datetime]] = {}
        self._asking_spots = asyncio.Lock()

    async def fresh(self, instruments: Sequence[Instrument]) -> Mapping[str, Quote]:
        """Quotes that were read after this call, by symbol. Raises the branches of BrokerError."""
        self._wanted |= dict.fromkeys(instruments)
        if self._next is None:
            self._next = asyncio.create_task(self._ask())
        return await asyncio.shield(self._next)

    async def spots(self, underlyings: Iterable[str]) -> dict[str, Decimal]:
        """The spots (rupees) of indices, at most a minute old. Raises the branches of BrokerError."""
        async with self._asking_spots:
            return {underlying: await self._spot(underlying) for underlying in sorted(set(underlyings))}

    async def _ask(self) -> Mapping[str, Quote]:
        async with self._calling:
            wanted, self._wanted, self._next = list(self._wanted), {}, None
            async with self._source.asked() as broker:
                return await broker.quotes(wanted)

    async def _spot(self, underlying: str) -> Decimal:
        known = self._spots.get(underlying)
        if known is not None and self._clock.now() < known[1] + SPOT_SERVES:
            return known[0]
        async with self._source.asked() as broker:
            spot = (await broker.index_quote(underlying)).last
        self._spots[underlying] = spot, self._clock.now()
        return spot
