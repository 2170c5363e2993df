"""One account at Zerodha."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.http import Reply, Turns, Wire
from lambdas.adapters.brokers.pacing import portions
from lambdas.adapters.brokers.placing import sender
from lambdas.adapters.brokers.reading import amount, reading
from lambdas.adapters.brokers.tagged import tagged
from lambdas.adapters.brokers.warming import warm
from lambdas.adapters.brokers.whole_master import whole_master
from lambdas.adapters.brokers.zerodha.client import NAME, KiteClient
from lambdas.adapters.brokers.zerodha.indices import INDICES, SEGMENTS, segments_of
from lambdas.adapters.brokers.zerodha.limits import LIMITS
from lambdas.adapters.brokers.zerodha.mapping import funds_of, order_of, position_of, profile_of, quote_of
from lambdas.adapters.brokers.zerodha.master import MASTER_BYTES, read_master
from lambdas.adapters.brokers.zerodha.placing import basket_row, limit_form, order_form, read_placement
from lambdas.domain.accounts import NO_ALGO, Algo
from lambdas.domain.contracts import Listing, Quote
from lambdas.ports.broker import (
    Broker,
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


class ZerodhaBroker:
    """Implements `Broker` over Kite Connect v3; what each method raises is said there."""

    def __init__(self, client: KiteClient, algo: Algo = NO_ALGO) -> None:
        self._client = client
        self._algo = algo

    async def warm(self, connections: int) -> Profile:
        """Check the session and leave 1 to 4 connections open."""
        return await warm(self._profile, connections, LIMITS.profiles_per_second)

    def prepare(self, order: OrderRequest) -> Send:
        """Build `POST /orders/regular`. Raises ValueError when Kite cannot carry the order."""
        request = self._client.request("POST", "/orders/regular", form=order_form(order, self._algo.id))

        def read(reply: Reply) -> Placement:
            return read_placement(self._client, reply)

        return sender(self._client.wire, request, read)

    async def cancel(self, broker_order_id: str) -> None:
        """`DELETE /orders/regular/{id}`."""
        await self._call("DELETE", f"/orders/regular/{quote(broker_order_id, safe='')}")

    async def modify(self, broker_order_id: str, limit_price: Decimal, quantity: int) -> None:
        """`PUT /orders/regular/{id}`; Kite takes 25 modifications of one order."""
        path = f"/orders/regular/{quote(broker_order_id, safe='')}"
        await self._client.call(self._client.request("PUT", path, form=limit_form(limit_price, quantity)))

    async def orders(self) -> Sequence[BrokerOrder]:
        """`GET /orders`."""
        data = await self._call("GET", "/orders")
        with reading(NAME, "the order book"):
            return [order_of(row) for row in data or []]

    async def order_by_tag(self, tag: str) -> BrokerOrder | None:
        """The order in `GET /orders`: Kite does not search by tag."""
        return tagged(await self.orders(), tag)

    async def positions(self) -> Sequence[BrokerPosition]:
        """The `net` rows of `GET /portfolio/positions` in derivatives."""
        data = await self._call("GET", "/portfolio/positions")
        with reading(NAME, "the positions"):
            return [position_of(row) for row in data["net"] if row["exchange"] in SEGMENTS]

    async def funds(self) -> Funds:
        """The equity segment of `GET /user/margins`."""
        data = await self._call("GET", "/user/margins")
        with reading(NAME, "the funds"):
            return funds_of(data["equity"])

    async def basket_margin(self, orders: Sequence[OrderRequest]) -> Decimal:
        """`final.total` of `POST /margins/basket`, without what the account holds."""
        rows = [basket_row(order) for order in orders]
        if not rows:
            return Decimal(0)
        query = (("consider_positions", "false"),)
        data = await self._client.call(self._client.request("POST", "/margins/basket", query=query, json=rows))
        with reading(NAME, "the basket margin"):
            return amount(data["final"]["total"])

    async def order(self, broker_order_id: str) -> BrokerOrder:
        """The last state in `GET /orders/{id}`, which answers with all states in order."""
        data = await self._call("GET", f"/orders/{quote(broker_order_id, safe='')}")
        with reading(NAME, "an order"):
            return order_of(data[-1])

    async def quotes(self, instruments: Sequence[tuple[str, str, str]]) -> Mapping[str, Quote]:
        """`GET /quote`, 500 instruments a call, one call a second."""
        quotes: dict[str, Quote] = {}
        for portion in portions(instruments, LIMITS.instruments_per_quote):
            rows = await self._quote([f"{exchange}:{symbol}" for exchange, symbol, _ in portion])
            with reading(NAME, "quotes"):
                for exchange, symbol, _ in portion:
                    if row := rows.get(f"{exchange}:{symbol}"):
                        quotes[symbol] = quote_of(row)
        return quotes

    async def index_quote(self, underlying: str) -> Quote:
        """The spot by the platform's name. Raises BrokerRefused for an index that is not in the table."""
        if underlying not in INDICES:
            raise BrokerRefused(f"{NAME}: no index is known as {underlying}")
        spot = INDICES[underlying].spot
        rows = await self._quote([spot])
        with reading(NAME, f"the quote of {spot}"):
            return quote_of(rows[spot])

    async def listings(self, underlyings: frozenset[str]) -> Sequence[Listing]:
        """`GET /instruments/NFO` and `/instruments/BFO`, as far as they are needed."""
        listings: list[Listing] = []
        for segment in segments_of(underlyings):
            request = self._client.request("GET", f"/instruments/{segment}")
            text = await self._client.text(request, max_bytes=MASTER_BYTES)
            listings += read_master(text, segment, underlyings)
        return whole_master(NAME, listings, underlyings)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.wire.aclose()

    async def _profile(self) -> Profile:
        data = await self._call("GET", "/user/profile")
        with reading(NAME, "the profile"):
            return profile_of(data)

    async def _quote(self, instruments: Sequence[str]) -> dict[str, Any]:
        data = await self._call("GET", "/quote", query=tuple(("i", instrument) for instrument in instruments))
        with reading(NAME, "quotes"):
            return dict(data)

    async def _call(self, method: str, path: str, query: tuple[tuple[str, str], ...] | None = None) -> Any:
        return await self._client.call(self._client.request(method, path, query=query))


def open_broker(
    *,
    credentials: Mapping[str, str],
    tokens: Mapping[str, str],
    endpoints: Endpoints,
    clock: Clock,
    proxy_url: str | None,
    pace: Pace,
    algo: Algo = NO_ALGO,
) -> Broker:
    """A session at Zerodha; without tokens only what needs no session works (listings)."""
    access_token = tokens.get("access_token", "")
    secrets = (credentials["api_secret"], access_token)
    wire = Wire(NAME, clock, secrets=secrets, proxy_url=proxy_url, turns=Turns(pace, LIMITS.kind_of))
    client = KiteClient(wire, endpoints.api_url, api_key=credentials["api_key"], access_token=access_token)
    return ZerodhaBroker(client, algo)
