"""Intents: order slices that must be sent exactly once, and what is known of them."""

from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from lambdas.domain.contracts import Contract, Quote, Side
from lambdas.domain.intent_status import (
    FINAL,
    IN_FLIGHT,
    RESTING,
    TRANSITIONS,
    IntentStatus,
    statuses_before,
)
from lambdas.domain.moments import Tick
from lambdas.domain.order_rules import PROTECTED, OrderRules
from lambdas.domain.refusals import Refusal

__all__ = [
    "FINAL",
    "IN_FLIGHT",
    "RESTING",
    "TAG_LENGTH",
    "TRANSITIONS",
    "Intent",
    "IntentStatus",
    "Order",
    "OrderState",
    "Phase",
    "Quoted",
    "statuses_before",
]
TAG_LENGTH = 19
"""The shortest client reference among the brokers: Zerodha takes 20 characters, Angel One asks for less than 20."""


class Phase(StrEnum):
    """Which side of the run an intent serves."""

    ENTRY = "entry"
    EXIT = "exit"


@dataclass(frozen=True)
class Intent:
    """One order slice to send exactly once: run x leg x account x slice x attempt.

    It carries no price: the worker prices it from quotes of its last seconds. Past `not_after` it is not sent.
    One that is sent `at_once` mends or closes a run outside second 0; `intended_at` is then the tick it belongs to.
    `orders` says how it is priced and followed; what closes or mends a run keeps to the default, the protected style.
    `freeze_quantity` (units) is what it was cut by; None for one of which nobody wrote it down.
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
    at_once: bool = False
    orders: OrderRules = PROTECTED
    freeze_quantity: int | None = None

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
class Quoted:
    """What an order was priced from, and when its broker had told it (aware)."""

    quote: Quote
    at: datetime


@dataclass(frozen=True)
class OrderState:
    """What is known of an intent at the broker; times are aware, prices in rupees. `refusal` is why the broker or the
    exchange said no, None for what was never sent. `chased` is how often its limit was moved, `chased_at` when last.
    `quoted` is what its first limit was made from; None where nobody wrote it down."""

    status: IntentStatus = IntentStatus.PLANNED
    reason: str = ""
    limit_price: Decimal | None = None
    broker_order_id: str | None = None
    filled_quantity: int = 0
    average_price: Decimal | None = None
    sent_at: datetime | None = None
    acknowledged_at: datetime | None = None
    exchange_at: datetime | None = None
    refusal: Refusal | None = None
    chased: int = 0
    chased_at: datetime | None = None
    quoted: Quoted | None = None


@dataclass(frozen=True)
class Order:
    """An intent together with what its broker says of it."""

    intent: Intent
    state: OrderState

    @property
    def offset_ms(self) -> float | None:
        """Milliseconds from the intended instant to the first byte sent; None when nothing was sent, or when it was
        not meant for second 0."""
        if self.state.sent_at is None or self.intent.at_once:
            return None
        return (self.state.sent_at - self.intent.intended_at.instant).total_seconds() * 1000

    def waits_to_be_sent(self, now: datetime) -> bool:
        """Whether it was planned to be sent at once, nobody has begun to, and it is not too late."""
        return self.intent.at_once and self.state.status is IntentStatus.PLANNED and now <= self.intent.not_after
