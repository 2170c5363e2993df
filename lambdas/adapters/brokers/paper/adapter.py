"""One paper account."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from lambdas.adapters.brokers.ordering import check_limit, check_order
from lambdas.adapters.brokers.paper.auth import NAME, client_id_of, token_of
from lambdas.adapters.brokers.paper.book import Book, KeptIn
from lambdas.adapters.brokers.paper.listed import Listed
from lambdas.adapters.brokers.paper.mapping import order_row, paper_order, position_row
from lambdas.adapters.brokers.paper.placing import Find, sender
from lambdas.adapters.brokers.paper.quoting import SharedQuotes
from lambdas.adapters.brokers.paper.source import OpenSource, Source
from lambdas.domain.accounts import Account, paper_capital
from lambdas.domain.contracts import Listing, Quote
from lambdas.domain.paper import PaperTerms, cancelled, modified
from lambdas.domain.paper_money import funds_of, margin_of_orders, positions_of
from lambdas.ports.broker import (
    Broker,
    BrokerError,
    BrokerOrder,
    BrokerPosition,
    BrokerRefused,
    Funds,
    OrderRequest,
    Profile,
    Send,
    SessionOver,
)
from lambdas.ports.clock import Clock
from lambdas.ports.paper import PaperStore
from lambdas.ports.store import ContractStore

PRODUCTS = frozenset({"MIS", "NRML"})
TERMS = PaperTerms()


@dataclass(frozen=True)
class PaperDesk:
    """What paper accounts share: where their orders are kept, and the instrument masters."""

    orders: PaperStore
    contracts: ContractStore


class PaperBroker:
    """Implements `Broker` over the quotes of another account; what each method raises is said there.

    Every read of orders first lets those that rest meet a fresh quote: nothing fills while nobody looks.
    """

    def __init__(
        self, profile: Profile, source: Source, listed: Listed, kept: KeptIn, clock: Clock, *, is_logged_in: bool
    ) -> None:
        self._profile = profile
        self._source = source
        self._listed = listed
        self._clock = clock
        self._is_logged_in = is_logged_in
        self._quotes = SharedQuotes(source, clock)
        self._book = Book(kept, self._quotes, clock, TERMS)
        self._ahead: list[asyncio.Task[None]] = []

    async def warm(self, connections: int) -> Profile:
        """Check the session here and at the source, and open connections there."""
        self._check_session()
        async with self._source.asked() as broker:
            await broker.warm(connections)
        return self._profile

    def prepare(self, order: OrderRequest) -> Send:
        """Check the order, and begin to look up what its margin needs. Raises ValueError for what no broker takes."""
        check_order(order, PRODUCTS)
        check_limit(order.limit_price, order.quantity)

        async def find() -> Listing:
            self._check_session()
            return await self._listed.listing(order.exchange, order.symbol, order.token)

        self._ahead.append(asyncio.get_running_loop().create_task(self._look_ahead(find)))
        return sender(order, find, book=self._book, quotes=self._quotes, clock=self._clock, terms=TERMS)

    async def cancel(self, broker_order_id: str) -> None:
        """Take a resting order off the book, after a last look at it."""
        self._check_session()
        await self._book.change(broker_order_id, cancelled)

    async def modify(self, broker_order_id: str, limit_price: Decimal, quantity: int) -> None:
        """Move a resting order; it meets a quote when somebody looks next. Raises ValueError as `prepare` does."""
        self._check_session()
        check_limit(limit_price, quantity)
        await self._book.change(broker_order_id, lambda order, now: modified(order, limit_price, quantity, now))

    async def orders(self) -> Sequence[BrokerOrder]:
        """The book of the day, after a look."""
        self._check_session()
        return [order_row(order) for order in (await self._book.looked_at()).orders]

    async def order_by_tag(self, tag: str) -> BrokerOrder | None:
        """The order under a tag: the store keeps one at most."""
        self._check_session()
        order = (await self._book.looked_at()).tagged(tag)
        return None if order is None else order_row(order)

    async def order(self, broker_order_id: str) -> BrokerOrder:
        """One order of today, after a look. Raises BrokerRefused when there is none."""
        self._check_session()
        order = (await self._book.looked_at()).numbered(broker_order_id)
        if order is None:
            raise BrokerRefused(f"{NAME}: there is no order {broker_order_id!r} today")
        return order_row(order)

    async def positions(self) -> Sequence[BrokerPosition]:
        """What the fills of the day come to."""
        self._check_session()
        held = positions_of((await self._book.looked_at()).orders)
        if not held:
            return []
        rows = [(one.listing.exchange, one.listing.symbol, one.listing.token) for one in held]
        quotes = await self._quotes.fresh(rows)
        return [position_row(one, quotes) for one in held]

    async def funds(self) -> Funds:
        """Capital and the day's result, and what positions and resting orders bind of it."""
        self._check_session()
        book = await self._book.looked_at()
        funds = funds_of(book, await self._book.spots(book), self._clock.now())
        return Funds(funds.available, funds.used)

    async def basket_margin(self, orders: Sequence[OrderRequest]) -> Decimal:
        """The platform's own estimate: there is no broker to ask."""
        self._check_session()
        now = self._clock.now()
        rows = []
        for order in orders:
            check_order(order, PRODUCTS)
            listing = await self._listed.listing(order.exchange, order.symbol, order.token)
            rows.append(paper_order(order, listing, now, TERMS.latency))
        spots = await self._quotes.spots(row.listing.contract.underlying for row in rows)
        return margin_of_orders(rows, spots, now)

    async def quotes(self, instruments: Sequence[tuple[str, str, str]]) -> Mapping[str, Quote]:
        """Those of the source."""
        self._check_session()
        async with self._source.asked() as broker:
            return await broker.quotes(instruments)

    async def index_quote(self, underlying: str) -> Quote:
        """That of the source."""
        self._check_session()
        async with self._source.asked() as broker:
            return await broker.index_quote(underlying)

    async def listings(self, underlyings: frozenset[str]) -> Sequence[Listing]:
        """Those of the source's broker, whose symbols a paper account trades under."""
        async with self._source.asked() as broker:
            return await broker.listings(underlyings)

    async def aclose(self) -> None:
        """Close the source's connections."""
        for looking in self._ahead:
            looking.cancel()
        await asyncio.gather(*self._ahead, return_exceptions=True)
        await self._source.aclose()

    async def _look_ahead(self, find: Find) -> None:
        """Know contract and spot when the order goes; what fails here is asked for again then."""
        with suppress(BrokerError):
            await self._quotes.spots([(await find()).contract.underlying])

    def _check_session(self) -> None:
        if not self._is_logged_in:
            raise SessionOver(f"{NAME}: this session is not of the account as it is linked now; log in again")


def open_broker(
    account: Account,
    *,
    credentials: Mapping[str, str],
    tokens: Mapping[str, str],
    desk: PaperDesk,
    open_source: OpenSource,
    clock: Clock,
) -> Broker:
    """A paper account; its source is opened when it is first asked. Raises ValueError for an unusable capital."""
    return PaperBroker(
        Profile(client_id_of(credentials), account.label),
        Source(credentials["quotes_from"], open_source),
        Listed(desk.contracts, account.master, clock),
        KeptIn(desk.orders, account.user_id, account.account_id, paper_capital(credentials["capital"])),
        clock,
        is_logged_in=tokens.get("access_token") == token_of(credentials),
    )
