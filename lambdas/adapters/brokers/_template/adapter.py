"""One account at the broker: which call answers which question of the port.

Each method is a few lines: build a request with the client, call it, read the answer with a function of
`mapping` inside `reading(NAME, "what it is")`. Its docstring names the broker's call. Calls that
the platform makes in numbers (quotes) go in `portions`; turns are taken by the wire. Nothing is ever sent twice.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.domain.contracts import Listing, Quote
from lambdas.ports.broker import Broker, BrokerOrder, BrokerPosition, Funds, OrderRequest, Profile, Send
from lambdas.ports.clock import Clock
from lambdas.ports.pace import Pace


class TemplateBroker:
    """Implements `Broker`; what each method raises is said there."""

    async def warm(self, connections: int) -> Profile:
        """Use `warming.warm` over the cheapest call that proves the session."""
        raise NotImplementedError("ask for the profile over several connections")

    def prepare(self, order: OrderRequest) -> Send:
        """Build the request now and return `placing.sender` with `read_placement`."""
        raise NotImplementedError("prepare one order")

    async def cancel(self, broker_order_id: str) -> None:
        """Quote the id into the path; an order that is final is an error of the broker."""
        raise NotImplementedError("cancel one order")

    async def modify(self, broker_order_id: str, limit_price: Decimal, quantity: int) -> None:
        """Check the limit before anything is sent; look the order up first where the broker wants it in full."""
        raise NotImplementedError("modify one order")

    async def orders(self) -> Sequence[BrokerOrder]:
        """Some brokers answer null, or an error of its own, on a day without orders: that is an empty book."""
        raise NotImplementedError("read the order book")

    async def order_by_tag(self, tag: str) -> BrokerOrder | None:
        """The broker's search where its "not found" is certain, else `tagged(await self.orders(), tag)`."""
        raise NotImplementedError("find one order by its tag")

    async def positions(self) -> Sequence[BrokerPosition]:
        """Derivatives only; closed ones with net 0."""
        raise NotImplementedError("read the positions")

    async def funds(self) -> Funds:
        """The segment that derivatives draw on."""
        raise NotImplementedError("read the funds")

    async def basket_margin(self, orders: Sequence[OrderRequest]) -> Decimal:
        """The figure with hedges counted, apart from what is held; 0 for no orders, without a call."""
        raise NotImplementedError("ask for the margin of a basket")

    async def order(self, broker_order_id: str) -> BrokerOrder:
        """As its row in the order book."""
        raise NotImplementedError("read one order")

    async def quotes(self, instruments: Sequence[tuple[str, str, str]]) -> Mapping[str, Quote]:
        """In portions, at the broker's pace; what has no quote is absent."""
        raise NotImplementedError("ask for quotes")

    async def index_quote(self, underlying: str) -> Quote:
        """From the table in `indices`; BrokerRefused for an index that is not in it."""
        raise NotImplementedError("ask for the spot of an index")

    async def listings(self, underlyings: frozenset[str]) -> Sequence[Listing]:
        """Without key or token where the master is public; what was read goes through `whole_master`."""
        raise NotImplementedError("read the instrument master")

    async def aclose(self) -> None:
        """Close the wire."""
        raise NotImplementedError("close the connections")


def open_broker(
    *,
    credentials: Mapping[str, str],
    tokens: Mapping[str, str],
    endpoints: Endpoints,
    clock: Clock,
    proxy_url: str | None,
    pace: Pace,
) -> Broker:
    """Make the wire (every secret named to it, with `Turns`), the client and the adapter. The registry calls this.

    With `algo=` too where the broker's orders carry an algo id or name; its `BrokerKind` says so.
    """
    raise NotImplementedError("open one account")
