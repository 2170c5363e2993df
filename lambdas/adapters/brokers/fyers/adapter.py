"""One account at Fyers."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.fyers.client import NAME, FyersClient
from lambdas.adapters.brokers.fyers.indices import SPOTS, segments_of
from lambdas.adapters.brokers.fyers.limits import LIMITS
from lambdas.adapters.brokers.fyers.mapping import (
    funds_of,
    is_derivative,
    margin_of,
    order_of,
    position_of,
    profile_of,
    quote_of,
)
from lambdas.adapters.brokers.fyers.master import MASTER_BYTES, MASTER_PATHS, MASTER_SECONDS, read_master
from lambdas.adapters.brokers.fyers.placing import margin_body, modify_body, order_body, read_placement
from lambdas.adapters.brokers.fyers.symbols import ticker_of
from lambdas.adapters.brokers.http import Reply, Turns, Wire
from lambdas.adapters.brokers.pacing import portions
from lambdas.adapters.brokers.placing import sender
from lambdas.adapters.brokers.reading import reading
from lambdas.adapters.brokers.tagged import tagged
from lambdas.adapters.brokers.warming import warm
from lambdas.adapters.brokers.whole_master import whole_master
from lambdas.domain.contracts import Listing, Quote
from lambdas.ports.broker import (
    Broker,
    BrokerGarbled,
    BrokerOrder,
    BrokerPosition,
    BrokerRefused,
    Funds,
    OrderRequest,
    Placement,
    Profile,
    Send,
)
from lambdas.ports.clock import Clock
from lambdas.ports.pace import Pace

_ORDERS = "/api/v3/orders"
_SYNC = "/api/v3/orders/sync"


class FyersBroker:
    """Implements `Broker` over API v3; what each method raises is said there."""

    def __init__(self, client: FyersClient, master_url: str) -> None:
        self._client = client
        self._master_url = master_url.rstrip("/")

    async def warm(self, connections: int) -> Profile:
        """Check the session and leave 1 to 4 connections open."""
        return await warm(self._profile, connections, LIMITS.profiles_per_second)

    def prepare(self, order: OrderRequest) -> Send:
        """Build `POST /orders/sync`. Raises ValueError when Fyers cannot carry the order."""
        request = self._client.request("POST", _SYNC, json=order_body(order))

        def read(reply: Reply) -> Placement:
            return read_placement(self._client, reply)

        return sender(self._client.wire, request, read)

    async def cancel(self, broker_order_id: str) -> None:
        """`DELETE /orders/sync`."""
        await self._call("DELETE", _SYNC, json={"id": broker_order_id})

    async def modify(self, broker_order_id: str, limit_price: Decimal, quantity: int) -> None:
        """`PATCH /orders/sync`."""
        await self._call("PATCH", _SYNC, json=modify_body(broker_order_id, limit_price, quantity))

    async def orders(self) -> Sequence[BrokerOrder]:
        """`GET /orders`; its list may be missing on a day without orders."""
        return await self._book("the order book")

    async def order_by_tag(self, tag: str) -> BrokerOrder | None:
        """Found in the order book. Fyers documents a filter `order_tag`, but not what it answers when it finds
        nothing or does not understand the tag: an order must not seem absent by mistake."""
        return tagged(await self.orders(), tag)

    async def positions(self) -> Sequence[BrokerPosition]:
        """`GET /positions`, those of derivatives."""
        data = await self._call("GET", "/api/v3/positions")
        with reading(NAME, "the positions"):
            return [position_of(row) for row in data["netPositions"] or [] if is_derivative(row)]

    async def funds(self) -> Funds:
        """`GET /funds`."""
        data = await self._call("GET", "/api/v3/funds")
        with reading(NAME, "the funds"):
            return funds_of(data["fund_limit"])

    async def basket_margin(self, orders: Sequence[OrderRequest]) -> Decimal:
        """`POST /multiorder/margin`; nothing is asked for no orders."""
        if not orders:
            return Decimal(0)
        data = await self._call(
            "POST", "/api/v3/multiorder/margin", json={"data": [margin_body(order) for order in orders]}
        )
        with reading(NAME, "the margin"):
            return margin_of(data["data"])

    async def order(self, broker_order_id: str) -> BrokerOrder:
        """`GET /orders?id=`. Raises BrokerRefused when the answer does not hold that order."""
        for order in await self._book("an order", (("id", broker_order_id),)):
            if order.broker_order_id == broker_order_id:
                return order
        raise BrokerRefused(f"{NAME}: no order {broker_order_id} in the order book")

    async def quotes(self, instruments: Sequence[tuple[str, str, str]]) -> Mapping[str, Quote]:
        """`GET /data/quotes`, 50 instruments a call."""
        quotes: dict[str, Quote] = {}
        for portion in portions(instruments, LIMITS.instruments_per_quote):
            symbols = {ticker_of(exchange, symbol): symbol for exchange, symbol, _ in portion}
            rows = await self._quote(list(symbols))
            with reading(NAME, "quotes"):
                quotes |= {symbols[ticker]: quote_of(row) for ticker, row in rows.items() if ticker in symbols}
        return quotes

    async def index_quote(self, underlying: str) -> Quote:
        """The spot by the platform's name. Raises BrokerRefused for an index that is not in the table."""
        if underlying not in SPOTS:
            raise BrokerRefused(f"{NAME}: no index is known as {underlying}")
        rows = await self._quote([SPOTS[underlying]])
        with reading(NAME, f"the quote of {underlying}"):
            return Quote(quote_of(rows[SPOTS[underlying]]).last)

    async def listings(self, underlyings: frozenset[str]) -> Sequence[Listing]:
        """The symbol masters as far as they are needed; they are public: neither key nor token goes there."""
        listings: list[Listing] = []
        for segment in segments_of(underlyings):
            request = self._client.wire.build("GET", self._master_url + MASTER_PATHS[segment])
            reply = await self._client.wire.ask(request, max_bytes=MASTER_BYTES, seconds=MASTER_SECONDS)
            if reply.status != 200:
                raise BrokerGarbled(f"{NAME}: {segment} master: HTTP {reply.status}")
            listings += read_master(reply.body.decode("utf-8", errors="replace"), segment, underlyings)
        return whole_master(NAME, listings, underlyings)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.wire.aclose()

    async def _profile(self) -> Profile:
        data = await self._call("GET", "/api/v3/profile")
        with reading(NAME, "the profile"):
            return profile_of(data["data"])

    async def _book(self, what: str, query: tuple[tuple[str, str], ...] | None = None) -> list[BrokerOrder]:
        data = await self._call("GET", _ORDERS, query)
        with reading(NAME, what):
            return [order_of(row) for row in data["orderBook"] or []]

    async def _quote(self, tickers: Sequence[str]) -> dict[str, Any]:
        """The values by ticker; Fyers answers a ticker that it does not know with an error of its own."""
        data = await self._call("GET", "/data/quotes", (("symbols", ",".join(tickers)),))
        with reading(NAME, "quotes"):
            return {row["n"]: row["v"] for row in data["d"] if row.get("s") == "ok"}

    async def _call(
        self,
        method: str,
        path: str,
        query: tuple[tuple[str, str], ...] | None = None,
        json: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        return await self._client.call(self._client.request(method, path, query=query, json=json))


def open_broker(
    *,
    credentials: Mapping[str, str],
    tokens: Mapping[str, str],
    endpoints: Endpoints,
    clock: Clock,
    proxy_url: str | None,
    pace: Pace,
) -> Broker:
    """A session at Fyers; without tokens only what needs no session works (listings)."""
    secrets = (credentials["api_secret"], credentials.get("pin", ""), *tokens.values())
    wire = Wire(NAME, clock, secrets=secrets, proxy_url=proxy_url, turns=Turns(pace, LIMITS.kind_of))
    client = FyersClient(
        wire, endpoints.api_url, app_id=credentials["api_key"], access_token=tokens.get("access_token", "")
    )
    return FyersBroker(client, endpoints.master_url)
