"""What the platform asks of a broker account. One implementation for each broker, one suite for all."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Protocol

from lambdas.domain.contracts import Listing, Quote, Side
from lambdas.domain.intent_status import IntentStatus
from lambdas.domain.refusals import Refusal


class BrokerError(Exception):
    """Root of what can go wrong at a broker; the branch says what to do next.

    BrokerError
    ├── SessionOver      the user must log in again; nothing was sent
    ├── BrokerRefused    the broker read the request and said no; tell the user
    ├── BrokerBusy       a rate limit; wait and ask again
    ├── BrokerUnreachable  no connection; nothing was sent
    └── BrokerGarbled    an answer nobody can read; ask again or reconcile
    """


class SessionOver(BrokerError):
    """The broker does not accept the session (expired, revoked, wrong key)."""


class BrokerRefused(BrokerError):
    """The broker understood the request and refused it."""


class BrokerBusy(BrokerError):
    """The account is over one of the broker's rate limits."""


class BrokerUnreachable(BrokerError):
    """No connection could be made in time: the request did not leave."""


class BrokerGarbled(BrokerError):
    """The request left, and the answer was missing or unreadable."""


class Outcome(StrEnum):
    """What is known right after sending. UNKNOWN is resolved by the tag, never by sending again."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class OrderRequest:
    """What one order asks for. A `protected` one is a market order with `protection_percent` at brokers that protect
    those; everywhere else, and always in the style `limit`, it is a limit order at `limit_price` (rupees, a multiple
    of the tick size)."""

    exchange: str
    symbol: str
    token: str
    side: Side
    quantity: int
    product: str
    limit_price: Decimal
    protection_percent: Decimal
    tag: str
    style: Literal["protected", "limit"] = "protected"


@dataclass(frozen=True)
class Placement:
    """The answer to one order. `sent_at` is the instant at which its first byte was written, None when
    nothing left this machine (then the outcome is REFUSED and the reason says so). `busy` is a refusal because of a
    rate limit: the broker certainly has no order, and the same one may be prepared and sent again later. `refusal` is
    why the broker said no: None when it did not, or was never asked."""

    outcome: Outcome
    reason: str
    sent_at: datetime | None
    acknowledged_at: datetime | None
    broker_order_id: str | None = None
    busy: bool = False
    refusal: Refusal | None = None


Send = Callable[[], Awaitable[Placement]]
"""Sends one prepared order, once. Never raises for what the broker or the network does."""


@dataclass(frozen=True)
class BrokerOrder:
    """One row of the broker's order book, in the platform's words.

    A status that the adapter does not know is ACCEPTED (in flight), never a failure. `refusal` goes with the
    status REFUSED: why the broker or the exchange rejected the order.
    """

    broker_order_id: str
    tag: str | None
    symbol: str
    side: Side
    quantity: int
    status: IntentStatus
    filled_quantity: int
    average_price: Decimal | None
    exchange_at: datetime | None
    message: str = ""
    refusal: Refusal | None = None


@dataclass(frozen=True)
class BrokerPosition:
    """What an account holds of one contract today: units, below 0 when short. Prices in rupees a unit."""

    exchange: str
    symbol: str
    token: str
    product: str
    net: int
    bought: int
    sold: int
    average_price: Decimal | None
    last_price: Decimal | None


@dataclass(frozen=True)
class Funds:
    """Rupees for derivatives: what new orders may bind, and what is bound."""

    available: Decimal
    used: Decimal


@dataclass(frozen=True)
class Profile:
    """Who the session belongs to, as the broker says."""

    client_id: str
    name: str


class Broker(Protocol):
    """One logged-in account at one broker. Every call has a timeout; all raise `BrokerError` branches
    unless they say otherwise."""

    async def warm(self, connections: int) -> Profile:
        """Check the session and leave that many open connections ready for orders."""
        ...

    def prepare(self, order: OrderRequest) -> Send:
        """Build the request now, so that calling the result does nothing but send it.

        Raises ValueError when the order cannot be expressed at this broker.
        """
        ...

    async def cancel(self, broker_order_id: str) -> None:
        """Ask for the cancellation of a resting order; the order book tells whether it happened."""
        ...

    async def modify(self, broker_order_id: str, limit_price: Decimal, quantity: int) -> None:
        """Ask for another limit price (rupees, a multiple of the tick size) of a resting order of `quantity` units.

        The order book tells whether it happened.
        """
        ...

    async def orders(self) -> Sequence[BrokerOrder]:
        """The account's order book of the day."""
        ...

    async def order_by_tag(self, tag: str) -> BrokerOrder | None:
        """The order that carries this tag; None when the broker says that there is none.

        Asked of the broker directly where it can search by tag, else found in the order book.
        """
        ...

    async def positions(self) -> Sequence[BrokerPosition]:
        """What the account holds of derivatives today, closed positions of the day with net 0 included."""
        ...

    async def funds(self) -> Funds:
        """What the account may use and uses."""
        ...

    async def basket_margin(self, orders: Sequence[OrderRequest]) -> Decimal:
        """Rupees that these orders would bind together, by the broker's own calculator, hedges counted."""
        ...

    async def order(self, broker_order_id: str) -> BrokerOrder:
        """The present state of one order."""
        ...

    async def quotes(self, instruments: Sequence[tuple[str, str, str]]) -> Mapping[str, Quote]:
        """Quotes for (exchange, symbol, token); keys are the symbols. A symbol without a quote is absent."""
        ...

    async def index_quote(self, underlying: str) -> Quote:
        """The spot of an index by its platform name (NIFTY, SENSEX, …)."""
        ...

    async def listings(self, underlyings: frozenset[str]) -> Sequence[Listing]:
        """The option contracts of those underlyings from the broker's instrument master of the day.

        Needs no session at brokers whose master is public.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...
