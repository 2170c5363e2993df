"""One account at Angel One."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from lambdas.adapters.brokers.angel_one.client import NAME, SmartClient, read_envelope
from lambdas.adapters.brokers.angel_one.indices import SPOTS
from lambdas.adapters.brokers.angel_one.limits import LIMITS
from lambdas.adapters.brokers.angel_one.mapping import SEGMENTS, funds_of, order_of, position_of, profile_of, quote_of
from lambdas.adapters.brokers.angel_one.master import (
    MASTER_BYTES,
    MASTER_PATH,
    MASTER_SECONDS,
    MasterReader,
)
from lambdas.adapters.brokers.angel_one.placing import basket_body, limit_body, order_body, read_placement
from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.http import Reply, Turns, Wire
from lambdas.adapters.brokers.ordering import check_limit
from lambdas.adapters.brokers.pacing import portions
from lambdas.adapters.brokers.placing import sender
from lambdas.adapters.brokers.reading import amount, reading
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
    Outcome,
    Placement,
    Profile,
    Send,
)
from lambdas.ports.clock import Clock
from lambdas.ports.pace import Pace

_ORDERS = "/rest/secure/angelbroking/order/v1"
_PROFILE = "/rest/secure/angelbroking/user/v1/getProfile"
_FUNDS = "/rest/secure/angelbroking/user/v1/getRMS"
_MARGIN = "/rest/secure/angelbroking/margin/v1/batch"
_QUOTE = "/rest/secure/angelbroking/market/v1/quote/"


class AngelOneBroker:
    """Implements `Broker` over SmartAPI; what each method raises is said there.

    SmartAPI shows one order only by a second number, `uniqueorderid`; the adapter learns it from the
    answer to the order and from the order book.
    """

    def __init__(self, client: SmartClient, master_url: str) -> None:
        self._client = client
        self._master_url = master_url.rstrip("/")
        self._unique_ids: dict[str, str] = {}

    async def warm(self, connections: int) -> Profile:
        """Check the session and leave 1 to 3 connections open: `getProfile` is answered 3 times a second."""
        return await warm(self._profile, connections, LIMITS.profiles_per_second)

    def prepare(self, order: OrderRequest) -> Send:
        """Build `placeOrder`. Raises ValueError when SmartAPI cannot carry the order."""
        request = self._client.request("POST", f"{_ORDERS}/placeOrder", json=order_body(order))

        def read(reply: Reply) -> Placement:
            placement = read_placement(self._client, reply)
            if placement.outcome is Outcome.ACCEPTED:
                self._learn(read_envelope(reply)["data"])
            return placement

        return sender(self._client.wire, request, read)

    async def cancel(self, broker_order_id: str) -> None:
        """`cancelOrder`."""
        body = {"variety": "NORMAL", "orderid": broker_order_id}
        await self._call("POST", f"{_ORDERS}/cancelOrder", body)

    async def modify(self, broker_order_id: str, limit_price: Decimal, quantity: int) -> None:
        """`modifyOrder`, after a look at the order: SmartAPI wants it named in full again."""
        check_limit(limit_price, quantity)
        row = await self._row(broker_order_id)
        with reading(NAME, "an order"):
            body = limit_body(row, limit_price, quantity)
        await self._call("POST", f"{_ORDERS}/modifyOrder", body)

    async def orders(self) -> Sequence[BrokerOrder]:
        """`getOrderBook`; its data is null on a day without orders."""
        rows = await self._book()
        with reading(NAME, "the order book"):
            return [order_of(row) for row in rows]

    async def order_by_tag(self, tag: str) -> BrokerOrder | None:
        """The order in `getOrderBook`: SmartAPI does not search by tag."""
        return tagged(await self.orders(), tag)

    async def positions(self) -> Sequence[BrokerPosition]:
        """`getPosition`, once a second; its data is null for an account that holds nothing."""
        rows = await self._call("GET", f"{_ORDERS}/getPosition") or []
        with reading(NAME, "the positions"):
            return [position_of(row) for row in rows if row["exchange"] in SEGMENTS]

    async def funds(self) -> Funds:
        """`getRMS`, twice a second."""
        data = await self._call("GET", _FUNDS)
        with reading(NAME, "the funds"):
            return funds_of(data)

    async def basket_margin(self, orders: Sequence[OrderRequest]) -> Decimal:
        """`totalMarginRequired` of `margin/v1/batch`, without what the account holds; at most 50 orders."""
        body = basket_body(orders)
        if not orders:
            return Decimal(0)
        data = await self._call("POST", _MARGIN, body)
        with reading(NAME, "the basket margin"):
            return amount(data["totalMarginRequired"])

    async def order(self, broker_order_id: str) -> BrokerOrder:
        """`details/{uniqueorderid}`, or the order book for an order whose second number is not known."""
        row = await self._row(broker_order_id)
        with reading(NAME, "an order"):
            return order_of(row)

    async def quotes(self, instruments: Sequence[tuple[str, str, str]]) -> Mapping[str, Quote]:
        """The market data quote in mode FULL, 50 instruments a call, 10 calls a second."""
        quotes: dict[str, Quote] = {}
        for portion in portions(instruments, LIMITS.instruments_per_quote):
            rows = await self._quote([(exchange, token) for exchange, _, token in portion])
            with reading(NAME, "quotes"):
                for exchange, symbol, token in portion:
                    if row := rows.get((exchange, token)):
                        quotes[symbol] = quote_of(row)
        return quotes

    async def index_quote(self, underlying: str) -> Quote:
        """The spot by the platform's name. Raises BrokerRefused for an index that is not in the table."""
        if underlying not in SPOTS:
            raise BrokerRefused(f"{NAME}: no index is known as {underlying}")
        rows = await self._quote([SPOTS[underlying]])
        with reading(NAME, f"the quote of {underlying}"):
            return quote_of(rows[SPOTS[underlying]])

    async def listings(self, underlyings: frozenset[str]) -> Sequence[Listing]:
        """The scrip master, which is public: neither key nor token goes there."""
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
        data = await self._call("GET", _PROFILE)
        with reading(NAME, "the profile"):
            return profile_of(data)

    async def _book(self) -> list[dict[str, Any]]:
        rows = await self._call("GET", f"{_ORDERS}/getOrderBook") or []
        with reading(NAME, "the order book"):
            for row in rows:
                self._learn(row)
            return list(rows)

    async def _row(self, broker_order_id: str) -> dict[str, Any]:
        unique_id = self._unique_ids.get(broker_order_id)
        if unique_id is None:
            return await self._row_of_book(broker_order_id)
        row = await self._call("GET", f"{_ORDERS}/details/{quote(unique_id, safe='')}")
        with reading(NAME, "an order"):
            return dict(row)

    async def _row_of_book(self, broker_order_id: str) -> dict[str, Any]:
        for row in await self._book():
            if str(row.get("orderid")) == broker_order_id:
                return row
        raise BrokerRefused(f"{NAME}: no order {broker_order_id} in the order book")

    async def _quote(self, instruments: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Any]:
        tokens: defaultdict[str, list[str]] = defaultdict(list)
        for exchange, token in instruments:
            tokens[exchange].append(token)
        data = await self._call("POST", _QUOTE, {"mode": "FULL", "exchangeTokens": tokens})
        with reading(NAME, "quotes"):
            return {(row["exchange"], str(row["symbolToken"])): row for row in data["fetched"]}

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return await self._client.call(self._client.request(method, path, json=body))

    def _learn(self, row: Mapping[str, Any]) -> None:
        if row.get("uniqueorderid"):
            self._unique_ids[str(row["orderid"])] = str(row["uniqueorderid"])


def open_broker(
    *,
    credentials: Mapping[str, str],
    tokens: Mapping[str, str],
    endpoints: Endpoints,
    clock: Clock,
    proxy_url: str | None,
    pace: Pace,
) -> Broker:
    """A session at Angel One; without tokens only what needs no session works (listings)."""
    api_key, jwt_token = credentials["api_key"], tokens.get("jwt_token", "")
    secrets = (api_key, *tokens.values(), credentials["pin"], credentials["totp_secret"])
    wire = Wire(NAME, clock, secrets=secrets, proxy_url=proxy_url, turns=Turns(pace, LIMITS.kind_of))
    client = SmartClient(wire, endpoints, api_key=api_key, jwt_token=jwt_token)
    return AngelOneBroker(client, endpoints.master_url)
