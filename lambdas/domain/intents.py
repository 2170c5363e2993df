"""Intents: order slices that must be sent exactly once, and what is known of them."""

from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from lambdas.domain.contracts import Contract, Side
from lambdas.domain.moments import Tick

TAG_LENGTH = 19
"""The shortest client reference among the brokers: Zerodha takes 20 characters, Angel One asks for less than 20."""


class Phase(StrEnum):
    """Which side of the run an intent serves."""

    ENTRY = "entry"
    EXIT = "exit"


class IntentStatus(StrEnum):
    """What is known of an intent. `UNKNOWN` was sent and has no readable answer yet."""

    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    PARTLY_FILLED = "partly_filled"
    UNKNOWN = "unknown"
    FILLED = "filled"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    MISSED = "missed"
    WITHHELD = "withheld"


S = IntentStatus
_AFTER_SENDING = frozenset({S.ACCEPTED, S.PARTLY_FILLED, S.FILLED, S.REFUSED, S.CANCELLED, S.EXPIRED, S.UNKNOWN})
TRANSITIONS: dict[IntentStatus, frozenset[IntentStatus]] = {
    S.PLANNED: frozenset({S.SENDING, S.MISSED, S.WITHHELD}),
    S.SENDING: _AFTER_SENDING | {S.MISSED, S.WITHHELD},
    S.ACCEPTED: _AFTER_SENDING - {S.UNKNOWN},
    S.PARTLY_FILLED: frozenset({S.PARTLY_FILLED, S.FILLED, S.CANCELLED, S.EXPIRED}),
    S.UNKNOWN: _AFTER_SENDING | {S.MISSED},
    S.FILLED: frozenset(),
    S.REFUSED: frozenset(),
    S.CANCELLED: frozenset(),
    S.EXPIRED: frozenset(),
    S.MISSED: frozenset(),
    S.WITHHELD: frozenset(),
}
"""Which status may follow which. MISSED and WITHHELD mean that the broker was never asked."""

FINAL = frozenset(status for status, following in TRANSITIONS.items() if not following)
IN_FLIGHT = frozenset(TRANSITIONS) - FINAL
"""Intents that somebody still has to bring to an end: the reconciler's work list."""


def statuses_before(status: IntentStatus) -> frozenset[IntentStatus]:
    """The statuses from which `status` may be reached: the condition of the write that sets it."""
    return frozenset(earlier for earlier, following in TRANSITIONS.items() if status in following)


@dataclass(frozen=True)
class Intent:
    """One order slice to send exactly once: run x leg x account x slice x attempt.

    It carries no price: the worker prices it from quotes of its last seconds. Past `not_after` it is not sent.
    """

    user_id: str
    run_id: str
    leg: int
    account_id: str
    phase: Phase
    slice_number: int
    attempt: int
    contract: Contract
    exchange: str
    symbol: str
    token: str
    side: Side
    lots: int
    quantity: int
    product: str
    tick_size: Decimal
    intended_at: Tick
    not_after: datetime

    @property
    def intent_id(self) -> str:
        """Deterministic: preparing the same tick twice gives the same id."""
        return f"{self.run_id}.{self.phase}.L{self.leg}.{self.account_id}.S{self.slice_number}.A{self.attempt}"

    @property
    def tag(self) -> str:
        """the client reference that the broker stores: 19 alphanumerics derived from the id and its user."""
        digest = sha256(f"{self.user_id}/{self.intent_id}".encode()).digest()
        return ("LW" + b32encode(digest).decode())[:TAG_LENGTH]


@dataclass(frozen=True)
class OrderState:
    """What is known of an intent at the broker; times are aware, prices in rupees."""

    status: IntentStatus = IntentStatus.PLANNED
    reason: str = ""
    limit_price: Decimal | None = None
    broker_order_id: str | None = None
    filled_quantity: int = 0
    average_price: Decimal | None = None
    sent_at: datetime | None = None
    acknowledged_at: datetime | None = None
    exchange_at: datetime | None = None


@dataclass(frozen=True)
class Order:
    """An intent together with what its broker says of it."""

    intent: Intent
    state: OrderState

    @property
    def offset_ms(self) -> float | None:
        """Milliseconds from the intended instant to the first byte sent; None when nothing was sent."""
        if self.state.sent_at is None:
            return None
        return (self.state.sent_at - self.intent.intended_at.instant).total_seconds() * 1000
