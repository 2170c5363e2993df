"""Orders as the exchange keeps them, in neutral words; each broker's face renders its own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sandbox.exchange.instruments import Instrument


class Status(StrEnum):
    """An order's life. The first three pass within milliseconds of each other."""

    RECEIVED = "received"
    VALIDATING = "validating"
    OPENING = "opening"
    OPEN = "open"
    TRIGGER_PENDING = "trigger_pending"
    COMPLETE = "complete"
    REJECTED = "rejected"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        return self in (Status.COMPLETE, Status.REJECTED, Status.CANCELLED)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a client asks for. Prices in paise; `protection_percent` marks a protected market order.

    `trigger_paise` makes it a stop-limit order. `received_at` is when the request reached the sandbox.
    """

    account: str
    instrument: Instrument
    side: str
    quantity: int
    price_paise: int
    product: str
    received_at: datetime
    trigger_paise: int = 0
    protection_percent: float | None = None
    immediate: bool = False
    tag: str = ""
    wire: dict[str, str] = field(default_factory=dict)
    fill_share: float | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """One trade of an order."""

    trade_id: str
    quantity: int
    price_paise: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an order's history."""

    at: datetime
    status: Status
    filled: int
    pending: int
    cancelled: int
    price_paise: int
    quantity: int
    average_paise: int
    message: str


@dataclass(slots=True)
class Order:
    """A placed order. `fill_limit` caps what may fill (a fault); a modification lifts the cap.

    `moved` is told of each new line of the history, while the order is as that line says.
    """

    order_id: str
    exchange_order_id: str
    ticket: Ticket
    placed_at: datetime
    price_paise: int
    trigger_paise: int
    quantity: int
    status: Status = Status.RECEIVED
    message: str = ""
    fill_limit: int | None = None
    triggered: bool = False
    modifications: int = 0
    reached_exchange_at: datetime | None = None
    updated_at: datetime | None = None
    fills: list[Fill] = field(default_factory=list)
    history: list[Event] = field(default_factory=list)
    moved: "Callable[[Order], None] | None" = field(default=None, repr=False, compare=False)

    @property
    def filled(self) -> int:
        return sum(fill.quantity for fill in self.fills)

    @property
    def cancelled_quantity(self) -> int:
        return self.quantity - self.filled if self.status is Status.CANCELLED else 0

    @property
    def pending(self) -> int:
        return 0 if self.status.final else self.quantity - self.filled

    @property
    def average_paise(self) -> int:
        """Average fill price in paise, rounded; 0 before the first fill."""
        value = sum(fill.quantity * fill.price_paise for fill in self.fills)
        return round(value / self.filled) if self.filled else 0

    def move(self, status: Status, at: datetime, message: str = "") -> None:
        """Enter a status and note it in the history."""
        self.status = status
        self.updated_at = at
        if message:
            self.message = message
        self.history.append(
            Event(
                at, status, self.filled, self.pending, self.cancelled_quantity, self.price_paise,
                self.quantity, self.average_paise, self.message,
            )
        )  # fmt: skip
        if self.moved is not None:
            self.moved(self)
