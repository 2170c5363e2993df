"""One account at Upstox."""

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.http import Reply, Turns, Wire
from lambdas.adapters.brokers.pacing import portions
from lambdas.adapters.brokers.placing import sender
from lambdas.adapters.brokers.reading import reading
from lambdas.adapters.brokers.upstox.client import NAME, NOT_FOUND, UpstoxClient
from lambdas.adapters.brokers.upstox.indices import INDICES, exchanges_of
from lambdas.adapters.brokers.upstox.limits import LIMITS
from lambdas.adapters.brokers.upstox.mapping import (
    funds_of,
    is_derivative,
    margin_of,
    order_of,
    position_of,
    profile_of,
    quote_of,
)
from lambdas.adapters.brokers.upstox.margins import margin_body
from lambdas.adapters.brokers.upstox.master import (
    MASTER_BYTES,
    MASTER_PATH,
    MASTER_SECONDS,
    MasterReader,
)
from lambdas.adapters.brokers.upstox.placing import change_body, order_body, read_placement
from lambdas.adapters.brokers.warming import MOST_CONNECTIONS, warm
from lambdas.adapters.brokers.whole_master import whole_master
from lambdas.domain.accounts import NO_ALGO, Algo
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

_PROFILE = "/v2/user/profile"


class UpstoxBroker:
    """Implements `Broker` over Upstox's API; what each method raises is said there.

    A listing's token is the broker's instrument key (`NSE_FO|47164`): orders and quotes go by it.
    """

    def __init__(self, client: UpstoxClient, master_url: str) -> None:
        self._client = client
        self._master_url = master_url.rstrip("/")

    async def warm(self, connections: int) -> Profile:
        """Check the session and leave 1 to 4 connections open to the address that takes orders."""
        if self._client.order_url == self._client.api_url:
            return await warm(self._profile, connections, LIMITS.profiles_per_second)
        profile, _ = await asyncio.gather(warm(self._profile, 1, 1), self._open_for_orders(connections))
        return profile

    def prepare(self, order: OrderRequest) -> Send:
        """Build `POST /v3/order/place`. Raises ValueError when Upstox cannot carry the order."""
        request = self._client.order_request("POST", "/v3/order/place", json=order_body(order))

        def read(reply: Reply) -> Placement:
            return read_placement(self._client, reply)

        return sender(self._client.wire, request, read)

    async def cancel(self, broker_order_id: str) -> None:
        """`DELETE /v3/order/cancel`."""
        query = {"order_id": broker_order_id}
        await self._client.call(self._client.order_request("DELETE", "/v3/order/cancel", query=query))

    async def modify(self, broker_order_id: str, limit_price: Decimal, quantity: int) -> None:
        """`PUT /v3/order/modify`."""
        body = change_body(broker_order_id, limit_price, quantity)
        await self._client.call(self._client.order_request("PUT", "/v3/order/modify", json=body))

    async def orders(self) -> Sequence[BrokerOrder]:
        """`GET /v2/order/retrieve-all`."""
        rows = await self._ask("/v2/order/retrieve-all")
        with reading(NAME, "the order book"):
            return [order_of(row) for row in rows or []]

    async def order(self, broker_order_id: str) -> BrokerOrder:
        """`GET /v2/order/details`."""
        row = await self._ask("/v2/order/details", {"order_id": broker_order_id})
        with reading(NAME, "an order"):
            return order_of(row)

    async def order_by_tag(self, tag: str) -> BrokerOrder | None:
        """The order whose states `GET /v2/order/history` tells under the tag, as it is now.

        A state without a tag counts too: the broker was asked for this one.
        """
        request = self._client.request("GET", "/v2/order/history", query={"tag": tag})
        states = await self._client.call(request, absent=NOT_FOUND)
        with reading(NAME, "the orders under a tag"):
            numbers = [str(state["order_id"]) for state in states or [] if state.get("tag") in (tag, None)]
        return await self.order(numbers[-1]) if numbers else None

    async def positions(self) -> Sequence[BrokerPosition]:
        """`GET /v2/portfolio/short-term-positions`, those of derivatives."""
        rows = await self._ask("/v2/portfolio/short-term-positions")
        with reading(NAME, "positions"):
            return [position_of(row) for row in rows or [] if is_derivative(row)]

    async def funds(self) -> Funds:
        """`GET /v2/user/get-funds-and-margin`; Upstox does not answer it from midnight to 05:30."""
        data = await self._ask("/v2/user/get-funds-and-margin")
        with reading(NAME, "funds"):
            return funds_of(data)

    async def basket_margin(self, orders: Sequence[OrderRequest]) -> Decimal:
        """`POST /v2/charges/margin`, up to 20 contracts."""
        if not orders:
            return Decimal(0)
        data = await self._client.call(self._client.request("POST", "/v2/charges/margin", json=margin_body(orders)))
        with reading(NAME, "a margin"):
            return margin_of(data)

    async def quotes(self, instruments: Sequence[tuple[str, str, str]]) -> Mapping[str, Quote]:
        """The full market quotes, 500 instruments a call, 10 calls a second.

        What is not an instrument key is left out: one would have the broker refuse all of them.
        """
        quotes: dict[str, Quote] = {}
        keyed = [(symbol, token) for _, symbol, token in instruments if "|" in token]
        for portion in portions(keyed, LIMITS.instruments_per_quote):
            rows = await self._quote([token for _, token in portion])
            with reading(NAME, "quotes"):
                quotes |= {symbol: quote_of(rows[token]) for symbol, token in portion if rows.get(token)}
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
        """The instrument files of the exchanges that are needed; they are public, no token goes there."""
        listings: list[Listing] = []
        for exchange in exchanges_of(underlyings):
            reader = MasterReader(exchange, underlyings)
            request = self._client.wire.build("GET", self._master_url + MASTER_PATH.format(exchange))
            reply = await self._client.wire.ask(
                request, sink=reader.feed, max_bytes=MASTER_BYTES, seconds=MASTER_SECONDS
            )
            if reply.status != 200:
                raise BrokerGarbled(f"{NAME}: {exchange} instruments: HTTP {reply.status}")
            listings += reader.close()
        return whole_master(NAME, listings, underlyings)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.wire.aclose()

    async def _profile(self) -> Profile:
        data = await self._ask(_PROFILE)
        with reading(NAME, "the profile"):
            return profile_of(data)

    async def _open_for_orders(self, connections: int) -> None:
        """Orders have an address of their own: whatever it answers here, a connection to it is open then."""
        wire, count = self._client.wire, max(1, min(connections, MOST_CONNECTIONS))
        await asyncio.gather(*(wire.attempt(self._client.order_request("GET", _PROFILE)) for _ in range(count)))

    async def _quote(self, keys: Sequence[str]) -> dict[str, Any]:
        """Rows by instrument key; the answer's own keys have the exchange's symbols in them."""
        data = await self._ask("/v2/market-quote/quotes", {"instrument_key": ",".join(keys)})
        with reading(NAME, "quotes"):
            return {row["instrument_token"]: row for row in data.values()}

    async def _ask(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        return await self._client.call(self._client.request("GET", path, query=query))


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
    """A session at Upstox; without tokens only what needs no session works (listings)."""
    access_token = tokens.get("access_token", "")
    wire = Wire(
        NAME,
        clock,
        secrets=(credentials["api_secret"], access_token),
        proxy_url=proxy_url,
        turns=Turns(pace, LIMITS.kind_of),
    )
    client = UpstoxClient(wire, endpoints, access_token=access_token, algo_name=algo.name)
    return UpstoxBroker(client, endpoints.master_url)
