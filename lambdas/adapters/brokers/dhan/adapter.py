"""One account at Dhan."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from lambdas.adapters.brokers.dhan.client import NAME, DhanClient
from lambdas.adapters.brokers.dhan.indices import EXCHANGES, INDEX_SEGMENT, SEGMENTS, SPOTS
from lambdas.adapters.brokers.dhan.limits import LIMITS
from lambdas.adapters.brokers.dhan.mapping import (
    funds_of,
    margin_of,
    order_of,
    position_of,
    profile_of,
    quote_of,
)
from lambdas.adapters.brokers.dhan.master import MASTER_BYTES, MASTER_PATH, MASTER_SECONDS, MasterReader
from lambdas.adapters.brokers.dhan.placing import leg_body, modify_body, order_body, read_placement
from lambdas.adapters.brokers.endpoints import Endpoints
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

_Instrument = tuple[str, int]


class DhanBroker:
    """Implements `Broker` over DhanHQ v2; what each method raises is said there."""

    def __init__(self, client: DhanClient, master_url: str) -> None:
        self._client = client
        self._master_url = master_url.rstrip("/")

    async def warm(self, connections: int) -> Profile:
        """Check the session and leave 1 to 4 connections open."""
        return await warm(self._profile, connections, LIMITS.profiles_per_second)

    def prepare(self, order: OrderRequest) -> Send:
        """Build `POST /orders`. Raises ValueError when Dhan cannot carry the order."""
        request = self._client.request("POST", "/orders", json=order_body(order, self._client.client_id))

        def read(reply: Reply) -> Placement:
            return read_placement(self._client, reply)

        return sender(self._client.wire, request, read)

    async def cancel(self, broker_order_id: str) -> None:
        """`DELETE /orders/{id}`."""
        await self._call("DELETE", _order_path(broker_order_id))

    async def modify(self, broker_order_id: str, limit_price: Decimal, quantity: int) -> None:
        """`PUT /orders/{id}`. Raises ValueError for a price or quantity that cannot be expressed."""
        body = modify_body(broker_order_id, limit_price, quantity, self._client.client_id)
        await self._call("PUT", _order_path(broker_order_id), body)

    async def orders(self) -> Sequence[BrokerOrder]:
        """`GET /orders`."""
        rows = await self._call("GET", "/orders")
        with reading(NAME, "the order book"):
            return [order_of(row) for row in _array(rows)]

    async def order(self, broker_order_id: str) -> BrokerOrder:
        """`GET /orders/{id}`, which answers with the order, or with an array of it."""
        row = _only(await self._call("GET", _order_path(broker_order_id)))
        if row is None:
            raise BrokerRefused(f"{NAME}: no order {broker_order_id}")
        with reading(NAME, "an order"):
            return order_of(row)

    async def order_by_tag(self, tag: str) -> BrokerOrder | None:
        """`GET /orders/external/{tag}`; what that does not find is looked for in the order book.

        How Dhan words that there is no such order is not documented, so its refusal alone proves nothing.
        """
        if not tag:
            return None
        try:
            row = _only(await self._call("GET", f"/orders/external/{quote(tag, safe='')}"))
        except BrokerRefused:
            row = None
        if row is not None:
            with reading(NAME, "an order"):
                found = order_of(row)
            if found.tag == tag:
                return found
        return tagged(await self.orders(), tag)

    async def positions(self) -> Sequence[BrokerPosition]:
        """`GET /positions`, those in derivatives."""
        rows = await self._call("GET", "/positions")
        with reading(NAME, "the positions"):
            return [position_of(row) for row in _array(rows) if row["exchangeSegment"] in EXCHANGES]

    async def funds(self) -> Funds:
        """`GET /fundlimit`."""
        data = await self._call("GET", "/fundlimit")
        with reading(NAME, "the funds"):
            return funds_of(data)

    async def basket_margin(self, orders: Sequence[OrderRequest]) -> Decimal:
        """`POST /margincalculator/multi`, without what the account holds. 0 for no orders.

        Raises ValueError when Dhan cannot carry an order.
        """
        if not orders:
            return Decimal(0)
        body = {
            "dhanClientId": self._client.client_id,
            "includePosition": False,
            "includeOrder": False,
            "scripList": [{**leg_body(order), "triggerPrice": 0} for order in orders],
        }
        data = await self._call("POST", "/margincalculator/multi", body)
        with reading(NAME, "the margin"):
            return margin_of(data)

    async def quotes(self, instruments: Sequence[tuple[str, str, str]]) -> Mapping[str, Quote]:
        """`POST /marketfeed/quote`, 1,000 instruments a call, one call a second. Security ids are numbers."""
        known = [
            (SEGMENTS[exchange], int(token), symbol)
            for exchange, symbol, token in instruments
            if exchange in SEGMENTS and token.isdecimal()
        ]
        quotes: dict[str, Quote] = {}
        for portion in portions(known, LIMITS.instruments_per_quote):
            rows = await self._quote([(segment, security) for segment, security, _ in portion])
            with reading(NAME, "quotes"):
                for segment, security, symbol in portion:
                    if row := rows.get((segment, security)):
                        quotes[symbol] = quote_of(row)
        return quotes

    async def index_quote(self, underlying: str) -> Quote:
        """The spot by the platform's name. Raises BrokerRefused for an index that is not in the table."""
        if underlying not in SPOTS:
            raise BrokerRefused(f"{NAME}: no index is known as {underlying}")
        spot = (INDEX_SEGMENT, int(SPOTS[underlying]))
        rows = await self._quote([spot])
        with reading(NAME, f"the quote of {underlying}"):
            return quote_of(rows[spot])

    async def listings(self, underlyings: frozenset[str]) -> Sequence[Listing]:
        """The scrip master, which is public: neither client id nor token goes there."""
        reader = MasterReader(underlyings)
        request = self._client.wire.build("GET", self._master_url + MASTER_PATH)
        reply = await self._client.wire.ask(request, sink=reader.feed, max_bytes=MASTER_BYTES, seconds=MASTER_SECONDS)
        if reply.status != 200:
            raise BrokerGarbled(f"{NAME}: scrip master: HTTP {reply.status}")
        return whole_master(NAME, reader.close(), underlyings)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.wire.aclose()

    async def _profile(self) -> Profile:
        data = await self._call("GET", "/profile")
        with reading(NAME, "the profile"):
            return profile_of(data)

    async def _quote(self, instruments: Sequence[_Instrument]) -> dict[_Instrument, Any]:
        asked: defaultdict[str, list[int]] = defaultdict(list)
        for segment, security in instruments:
            asked[segment].append(security)
        data = await self._call("POST", "/marketfeed/quote", dict(asked))
        with reading(NAME, "quotes"):
            return {
                (segment, int(security)): row
                for segment, rows in data["data"].items()
                for security, row in rows.items()
            }

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return await self._client.call(self._client.request(method, path, json=body))


def _order_path(broker_order_id: str) -> str:
    return f"/orders/{quote(broker_order_id, safe='')}"


def _array(rows: Any) -> list[Any]:
    """Raises TypeError for what is no array: nothing else may stand for an empty book."""
    if not isinstance(rows, list):
        raise TypeError(f"{type(rows).__name__} instead of an array")
    return rows


def _only(answer: Any) -> Any:
    """The order in an answer about one: itself, or the last of an array; None when there is none."""
    if isinstance(answer, list):
        return answer[-1] if answer else None
    return answer or None


def open_broker(
    *,
    credentials: Mapping[str, str],
    tokens: Mapping[str, str],
    endpoints: Endpoints,
    clock: Clock,
    proxy_url: str | None,
    pace: Pace,
) -> Broker:
    """A session at Dhan; without tokens only what needs no session works (listings)."""
    access_token = tokens.get("access_token", "")
    wire = Wire(
        NAME,
        clock,
        secrets=(credentials["api_secret"], access_token),
        proxy_url=proxy_url,
        turns=Turns(pace, LIMITS.kind_of),
    )
    client = DhanClient(wire, endpoints.api_url, client_id=credentials["client_id"], access_token=access_token)
    return DhanBroker(client, endpoints.master_url)
