"""The book of one paper account: read from the store, looked at with fresh quotes, and written back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from lambdas.adapters.brokers.paper.auth import NAME
from lambdas.adapters.brokers.paper.quoting import SharedQuotes
from lambdas.domain.contracts import Quote
from lambdas.domain.moments import IST
from lambdas.domain.paper import PaperBook, PaperOrder, PaperRefused, PaperTerms, matched
from lambdas.domain.paper_money import check_affordable
from lambdas.ports.broker import BrokerBusy, BrokerGarbled, BrokerRefused
from lambdas.ports.clock import Clock
from lambdas.ports.paper import PaperStore, PaperUnclear

ATTEMPTS = 5


@dataclass(frozen=True)
class KeptIn:
    """Where a paper account's orders are, and what it begins each day with (rupees)."""

    store: PaperStore
    user_id: str
    account_id: str
    capital: Decimal


class Book:
    """The orders of today.

    Orders that this process sends at once are admitted one after the other, so that all of them see what the ones
    before bind. Orders that another process sends meanwhile are seen at the next reading.
    """

    def __init__(self, kept: KeptIn, quotes: SharedQuotes, clock: Clock, terms: PaperTerms) -> None:
        self._kept = kept
        self._quotes = quotes
        self._clock = clock
        self._terms = terms
        self._changing = asyncio.Lock()

    async def looked_at(self) -> PaperBook:
        """The book after resting orders met a fresh quote. Raises BrokerGarbled, and what the source raises."""
        async with self._changing:
            return await self._look()

    async def admit(self, order: PaperOrder, quotes: Mapping[str, Quote]) -> PaperOrder:
        """Keep an order, as it is after its first look; the one that carries its tag already, if there is one.

        Raises PaperRefused, and PaperUnclear when nobody knows whether it is kept; before that BrokerError.
        """
        async with self._changing:
            async with _readable():
                book = await self._read()
            present = book.tagged(order.tag)
            if present is not None:
                return present
            await self._check(book, order)
            quote = quotes.get(order.listing.symbol)
            if quote is not None:
                order = matched(order, quote, self._clock.now(), self._terms)
            if await self._kept.store.append(self._kept.user_id, self._kept.account_id, order):
                return order
            return (await self._read()).tagged(order.tag) or order

    async def change(self, number: str, by: Callable[[PaperOrder, datetime], PaperOrder]) -> None:
        """Change an order after a look at the book. Raises BrokerRefused when there is none, or it cannot be."""
        async with self._changing:
            for _ in range(ATTEMPTS):
                order = (await self._look()).numbered(number)
                if order is None:
                    raise BrokerRefused(f"{NAME}: there is no order {number!r} today")
                try:
                    after = by(order, self._clock.now())
                except PaperRefused as refused:
                    raise BrokerRefused(f"{NAME}: {refused}") from refused
                if await self._write(after):
                    return
            raise BrokerBusy(f"{NAME}: order {number} changes again and again; try again")

    async def spots(self, book: PaperBook, *more: str) -> dict[str, Decimal]:
        """The spots of every underlying in a book, and of others."""
        held = {order.listing.contract.underlying for order in book.orders if order.left or order.fills}
        return await self._quotes.spots(held | set(more))

    async def _check(self, book: PaperBook, order: PaperOrder) -> None:
        spots = await self.spots(book, order.listing.contract.underlying)
        check_affordable(book, order, spots, self._clock.now())

    async def _look(self) -> PaperBook:
        async with _readable():
            book = await self._read()
        due = [order for order in book.orders if order.fillable_at(self._clock.now(), self._terms)]
        if not due:
            return book
        rows = {(row.exchange, row.symbol, row.token) for row in (order.listing for order in due)}
        quotes = await self._quotes.fresh(sorted(rows))
        now = self._clock.now()
        for order in due:
            quote = quotes.get(order.listing.symbol)
            after = matched(order, quote, now, self._terms) if quote else order
            if after != order:
                await self._write(after)
        async with _readable():
            return await self._read()

    async def _write(self, order: PaperOrder) -> bool:
        async with _readable():
            return await self._kept.store.replace(self._kept.user_id, self._kept.account_id, order)

    async def _read(self) -> PaperBook:
        today = self._clock.now().astimezone(IST).date()
        orders = await self._kept.store.orders(self._kept.user_id, self._kept.account_id, today)
        return PaperBook(self._kept.capital, orders)


@asynccontextmanager
async def _readable() -> AsyncIterator[None]:
    """An answer of the store that nobody has is BrokerGarbled: ask again."""
    try:
        yield
    except PaperUnclear as unclear:
        raise BrokerGarbled(f"{NAME}: {unclear}") from unclear
