"""One account at Groww."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.exact_number import json_number
from lambdas.adapters.brokers.groww.auth import PROFILE
from lambdas.adapters.brokers.groww.client import ABSENT_CODES, NAME, GrowwClient
from lambdas.adapters.brokers.groww.indices import SPOTS
from lambdas.adapters.brokers.groww.limits import LIMITS, SYMBOLS_PER_LAST_PRICE
from lambdas.adapters.brokers.groww.mapping import (
    funds_of,
    order_of,
    position_of,
    profile_of,
    quote_of,
    required_of,
)
from lambdas.adapters.brokers.groww.master import MASTER_BYTES, MASTER_PATH, MASTER_SECONDS, MasterReader
from lambdas.adapters.brokers.groww.placing import basket_body, order_body, read_placement
from lambdas.adapters.brokers.groww.segments import DERIVATIVES, exchange_of
from lambdas.adapters.brokers.http import Reply, Turns, Wire
from lambdas.adapters.brokers.ordering import check_limit
from lambdas.adapters.brokers.pacing import portions
from lambdas.adapters.brokers.placing import sender
from lambdas.adapters.brokers.reading import price, reading
from lambdas.adapters.brokers.tagged import tagged
from lambdas.adapters.brokers.warming import warm
from lambdas.adapters.brokers.whole_master import whole_master
from lambdas.domain.contracts import Listing, Quote
from lambdas.ports.broker import (
    Broker,
    BrokerError,
    BrokerGarbled,
    BrokerOrder,
    BrokerPosition,
    BrokerRefused,
    Funds,
    OrderRequest,
    Placement,
    Profile,
    Send,
    SessionOver,
)
from lambdas.ports.clock import Clock
from lambdas.ports.pace import Pace

PAGE_SIZE = 100
SMALLEST_PAGE = 25
"""Groww's default. A page with fewer rows is the last one, even if Groww should cap the size asked for."""
MOST_PAGES = 200
MOST_FULL_QUOTES = 10
"""As many as Groww answers in a second; for more instruments last prices are asked for, 50 a call."""
_FNO = (("segment", DERIVATIVES),)


class GrowwBroker:
    """Implements `Broker` over the Trade API; what each method raises is said there."""

    def __init__(self, client: GrowwClient, master_url: str) -> None:
        self._client = client
        self._master_url = master_url.rstrip("/")

    async def warm(self, connections: int) -> Profile:
        """Check the session and leave 1 to 4 connections open."""
        return await warm(self._profile, connections, LIMITS.profiles_per_second)

    def prepare(self, order: OrderRequest) -> Send:
        """Build `POST /v1/order/create`. Raises ValueError when Groww cannot carry the order."""
        request = self._client.request("POST", "/v1/order/create", json=order_body(order))

        def read(reply: Reply) -> Placement:
            return read_placement(self._client, reply)

        return sender(self._client.wire, request, read)

    async def cancel(self, broker_order_id: str) -> None:
        """`POST /v1/order/cancel`."""
        await self._post("/v1/order/cancel", {"segment": DERIVATIVES, "groww_order_id": broker_order_id})

    async def modify(self, broker_order_id: str, limit_price: Decimal, quantity: int) -> None:
        """`POST /v1/order/modify`. Raises ValueError for what cannot be written on an order."""
        check_limit(limit_price, quantity)
        body = {
            "segment": DERIVATIVES,
            "groww_order_id": broker_order_id,
            "order_type": "LIMIT",
            "price": json_number(limit_price),
            "quantity": quantity,
        }
        await self._post("/v1/order/modify", body)

    async def orders(self) -> Sequence[BrokerOrder]:
        """`GET /v1/order/list`, page after page. An order that moves to the next page in between is told once."""
        orders: dict[str, BrokerOrder] = {}
        for page in range(MOST_PAGES):
            rows = await self._page(page)
            with reading(NAME, "the order book"):
                fresh = {order.broker_order_id: order for order in map(order_of, rows)}
            known = len(orders)
            orders |= fresh
            if len(rows) < SMALLEST_PAGE or len(orders) == known:
                return list(orders.values())
        raise BrokerGarbled(f"{NAME}: the order book has no end after {MOST_PAGES} pages")

    async def order_by_tag(self, tag: str) -> BrokerOrder | None:
        """`GET /v1/order/status/reference/{tag}`, which tells the order's number, then the order itself.

        Where Groww knows no such reference, or means another, the order book has the last word.
        """
        if not tag:
            return None
        path = f"/v1/order/status/reference/{quote(tag, safe='')}"
        found = await self._client.call(self._client.request("GET", path, query=_FNO), absent=ABSENT_CODES)
        if found is not None:
            with reading(NAME, "an order's status"):
                order_id = str(found["groww_order_id"])
            order = await self.order(order_id)
            if order.tag == tag:
                return order
        return tagged(await self.orders(), tag)

    async def order(self, broker_order_id: str) -> BrokerOrder:
        """`GET /v1/order/detail/{id}`."""
        data = await self._get(f"/v1/order/detail/{quote(broker_order_id, safe='')}", _FNO)
        with reading(NAME, "an order"):
            return order_of(data)

    async def positions(self) -> Sequence[BrokerPosition]:
        """`GET /v1/positions/user` with the last prices of `/v1/live-data/ltp`; None where those cannot be had."""
        data = await self._get("/v1/positions/user", _FNO)
        with reading(NAME, "the positions"):
            keyed = [(f"{row['exchange']}_{row['trading_symbol']}", row) for row in data["positions"] or []]
        last_prices = await self._known_prices([key for key, _ in keyed])
        with reading(NAME, "the positions"):
            return [position_of(row, last_prices.get(key)) for key, row in keyed]

    async def funds(self) -> Funds:
        """`GET /v1/margins/detail/user`."""
        data = await self._get("/v1/margins/detail/user")
        with reading(NAME, "the funds"):
            return funds_of(data)

    async def basket_margin(self, orders: Sequence[OrderRequest]) -> Decimal:
        """`POST /v1/margins/detail/orders`; nothing is asked for no orders."""
        if not orders:
            return Decimal(0)
        request = self._client.request("POST", "/v1/margins/detail/orders", query=_FNO, json=basket_body(orders))
        data = await self._client.call(request)
        with reading(NAME, "the margin of a basket"):
            return required_of(data)

    async def quotes(self, instruments: Sequence[tuple[str, str, str]]) -> Mapping[str, Quote]:
        """Up to 10 instruments with their books, one call each; more with their last prices alone."""
        if len(instruments) > MOST_FULL_QUOTES:
            return await self._last_quotes(instruments)
        quotes: dict[str, Quote] = {}
        for segment, symbol, _ in instruments:
            if (quoted := await self._full_quote(exchange_of(segment), symbol)) is not None:
                quotes[symbol] = quoted
        return quotes

    async def index_quote(self, underlying: str) -> Quote:
        """The spot by the platform's name. Raises BrokerRefused for an index that is not in the table."""
        if underlying not in SPOTS:
            raise BrokerRefused(f"{NAME}: no index is known as {underlying}")
        last_prices = await self._last_prices([SPOTS[underlying]], "CASH")
        with reading(NAME, f"the quote of {underlying}"):
            return Quote(last_prices[SPOTS[underlying]])

    async def listings(self, underlyings: frozenset[str]) -> Sequence[Listing]:
        """The instrument list, which is public: neither key nor token goes there."""
        reader = MasterReader(underlyings)
        request = self._client.wire.build("GET", self._master_url + MASTER_PATH)
        reply = await self._client.wire.ask(request, sink=reader.feed, max_bytes=MASTER_BYTES, seconds=MASTER_SECONDS)
        if reply.status != HTTPStatus.OK:
            raise BrokerGarbled(f"{NAME}: instrument list: HTTP {reply.status}")
        return whole_master(NAME, reader.close(), underlyings)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.wire.aclose()

    async def _profile(self) -> Profile:
        data = await self._get(PROFILE)
        with reading(NAME, "the profile"):
            return profile_of(data)

    async def _page(self, page: int) -> list[dict[str, Any]]:
        paging = (("page", str(page)), ("page_size", str(PAGE_SIZE)))
        data = await self._get("/v1/order/list", _FNO + paging)
        with reading(NAME, "the order book"):
            return list(data["order_list"] or [])

    async def _full_quote(self, exchange: str, symbol: str) -> Quote | None:
        query = (("exchange", exchange), *_FNO, ("trading_symbol", symbol))
        request = self._client.request("GET", "/v1/live-data/quote", query=query)
        data = await self._client.call(request, absent=ABSENT_CODES)
        if data is None:
            return None
        with reading(NAME, f"the quote of {symbol}"):
            return quote_of(data)

    async def _last_quotes(self, instruments: Sequence[tuple[str, str, str]]) -> dict[str, Quote]:
        keys = {symbol: f"{exchange_of(segment)}_{symbol}" for segment, symbol, _ in instruments}
        last_prices = await self._last_prices(list(keys.values()), DERIVATIVES)
        return {symbol: Quote(last_prices[key]) for symbol, key in keys.items() if key in last_prices}

    async def _known_prices(self, keys: Sequence[str]) -> dict[str, Decimal]:
        try:
            return await self._last_prices(keys, DERIVATIVES)
        except SessionOver:
            raise
        except BrokerError:
            return {}

    async def _last_prices(self, keys: Sequence[str], segment: str) -> dict[str, Decimal]:
        """`GET /v1/live-data/ltp`, 50 a call: rupees by `EXCHANGE_SYMBOL`."""
        found: dict[str, Decimal | None] = {}
        for portion in portions(keys, SYMBOLS_PER_LAST_PRICE):
            query = (("segment", segment), ("exchange_symbols", ",".join(portion)))
            data = await self._get("/v1/live-data/ltp", query)
            with reading(NAME, "last prices"):
                found |= {key: price(value) for key, value in data.items()}
        return {key: value for key, value in found.items() if value is not None}

    async def _get(self, path: str, query: tuple[tuple[str, str], ...] | None = None) -> Any:
        return await self._client.call(self._client.request("GET", path, query=query))

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        return await self._client.call(self._client.request("POST", path, json=body))


def open_broker(
    *,
    credentials: Mapping[str, str],
    tokens: Mapping[str, str],
    endpoints: Endpoints,
    clock: Clock,
    proxy_url: str | None,
    pace: Pace,
) -> Broker:
    """A session at Groww; without tokens only what needs no session works (listings)."""
    token = tokens.get("access_token", "")
    wire = Wire(
        NAME, clock, secrets=(*credentials.values(), token), proxy_url=proxy_url, turns=Turns(pace, LIMITS.kind_of)
    )
    client = GrowwClient(wire, endpoints.api_url, bearer=token)
    return GrowwBroker(client, endpoints.master_url)
