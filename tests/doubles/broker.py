"""A broker account in memory that does what a test tells it to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from lambdas.domain.contracts import Listing, Quote, Side
from lambdas.domain.intents import FINAL, IntentStatus
from lambdas.domain.refusals import Refusal
from lambdas.ports.broker import (
    BrokerError,
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
from tests.doubles.holdings import positions_of
from tests.doubles.markets import model_quotes
from tests.doubles.reactions import Reaction


@dataclass(frozen=True)
class Sent:
    """One send: when its first byte left and what it asked for."""

    at: datetime
    order: OrderRequest


@dataclass(frozen=True)
class Resting:
    """An order at the exchange: until `changes_at` it rests, then it is what `row` says."""

    row: BrokerOrder
    changes_at: datetime

    def at(self, now: datetime) -> BrokerOrder:
        """The order as the book shows it at `now`."""
        if now >= self.changes_at:
            return self.row
        nothing_yet: dict[str, Any] = {"average_price": None, "exchange_at": None, "refusal": None}
        return replace(self.row, status=IntentStatus.ACCEPTED, filled_quantity=0, **nothing_yet)


class FakeBroker:
    """Implements `Broker`.

    `reactions` says by symbol what happens to an order (without one it is filled `fill_after` sending);
    `trouble` is raised by every other call while it lasts, `unreadable_quotes` only by quotes of contracts.
    `quoted` holds quotes by symbol, `default_quote` is that of every other one. `reply_after` is how long the answers
    to sends take and `fills_after` how long fills do where it is not `fill_after`, by symbol.
    The next `busy_times` orders are refused because of a rate limit. `refusals` says by symbol why an order is
    refused, when it is.
    The next modifications meet `modify_troubles`, one each; one that is BrokerGarbled takes effect all the same.
    A resting order fills once it is modified to a limit that reaches `fills_at`, by symbol. `held` are positions
    from before the first order, `money` is what `funds` tells; a basket needs `margin_per_short`
    rupees for each unit that it sells beyond what it buys, and the price of what it buys.
    """

    def __init__(self, clock: Clock, *, client_id: str = "AB1234") -> None:
        self.clock = clock
        self.client_id = client_id
        self.default_quote: Quote | None = Quote(Decimal(100), Decimal("99.95"), Decimal("100.05"))
        self.quoted: dict[str, Quote] = {}
        self.missing_quotes: set[str] = set()
        self.unreadable_quotes: BrokerError | None = None
        self.spots: dict[str, Decimal] = {"NIFTY": Decimal("24512.30")}
        self.master: list[Listing] = []
        self.reactions: dict[str, Reaction] = {}
        self.fill_after = timedelta(0)
        self.fills_after: dict[str, timedelta] = {}
        self.busy_times = 0
        self.refusals: dict[str, Refusal] = {}
        self.reply_after: dict[str, timedelta] = {}
        self.trouble: BrokerError | None = None
        self.trouble_until: datetime | None = None
        self.unreadable_orders: BrokerError | None = None
        self.sent: list[Sent] = []
        self.cancelled: list[str] = []
        self.modified: list[tuple[str, Decimal, int]] = []
        self.modify_troubles: list[BrokerError] = []
        self.fills_at: dict[str, Decimal] = {}
        self.held: list[BrokerPosition] = []
        self.money = Funds(available=Decimal(5_000_000), used=Decimal(0))
        self.margin_per_short = Decimal(0)
        self.calls: list[str] = []
        self.asked: list[frozenset[str]] = []
        self.closed = 0
        self._book: dict[str, Resting] = {}
        self._requests: dict[str, OrderRequest] = {}
        self._numbers = count(1)

    @property
    def sent_symbols(self) -> list[str]:
        """The symbols of all sends, in order."""
        return [sent.order.symbol for sent in self.sent]

    def market(self, spot: Decimal, volatility: float, listings: Sequence[Listing] | None = None) -> None:
        """Quote these listings (the master's, unless told) by Black-76 at one volatility, and their indices."""
        by_contract = {listing.contract: listing for listing in (self.master if listings is None else listings)}
        quotes = model_quotes(by_contract, spot, volatility, self.clock.now())
        self.quoted |= {by_contract[contract].symbol: quote for contract, quote in quotes.items()}
        self.spots |= {contract.underlying: spot for contract in by_contract}

    async def warm(self, connections: int) -> Profile:
        self._meet_trouble("warm")
        return Profile(self.client_id, "A trader")

    def prepare(self, order: OrderRequest) -> Send:
        if order.limit_price <= 0:
            raise ValueError(f"{order.symbol} needs a price")

        async def send() -> Placement:
            return await self._send(order)

        return send

    async def cancel(self, broker_order_id: str) -> None:
        self._meet_trouble("cancel")
        now = self.clock.now()
        row = self._book[broker_order_id].at(now)
        if row.status in (IntentStatus.FILLED, IntentStatus.REFUSED, IntentStatus.CANCELLED):
            raise BrokerRefused(f"order {broker_order_id} is {row.status} already")
        self.cancelled.append(broker_order_id)
        self._book[broker_order_id] = Resting(replace(row, status=IntentStatus.CANCELLED), now)

    async def modify(self, broker_order_id: str, limit_price: Decimal, quantity: int) -> None:
        self._meet_trouble("modify")
        now = self.clock.now()
        trouble = self.modify_troubles.pop(0) if self.modify_troubles else None
        if trouble and not isinstance(trouble, BrokerGarbled):
            raise trouble
        if broker_order_id not in self._book:
            raise BrokerRefused(f"there is no order {broker_order_id}")
        row = self._book[broker_order_id].at(now)
        if row.status in FINAL:
            raise BrokerRefused(f"order {broker_order_id} is {row.status} already")
        self.modified.append((broker_order_id, limit_price, quantity))
        row = replace(row, quantity=quantity)
        if self._reaches(row, limit_price):
            row = replace(
                row,
                status=IntentStatus.FILLED,
                filled_quantity=quantity,
                average_price=limit_price,
                exchange_at=now + self.fill_after,
            )
        self._book[broker_order_id] = Resting(row, now + self.fill_after)
        if trouble:
            raise trouble

    async def orders(self) -> Sequence[BrokerOrder]:
        self._meet_trouble("orders")
        if self.unreadable_orders:
            raise self.unreadable_orders
        return [resting.at(self.clock.now()) for resting in self._book.values()]

    async def order_by_tag(self, tag: str) -> BrokerOrder | None:
        self._meet_trouble("order_by_tag")
        now = self.clock.now()
        return next((resting.at(now) for resting in self._book.values() if resting.row.tag == tag), None)

    async def positions(self) -> Sequence[BrokerPosition]:
        self._meet_trouble("positions")
        return positions_of(self.held, self._fills(), self.quoted)

    async def funds(self) -> Funds:
        self._meet_trouble("funds")
        return self.money

    async def basket_margin(self, orders: Sequence[OrderRequest]) -> Decimal:
        self._meet_trouble("basket_margin")
        bought = [order for order in orders if order.side is Side.BUY]
        short = sum(order.quantity if order.side is Side.SELL else -order.quantity for order in orders)
        premium = sum((order.quantity * order.limit_price for order in bought), Decimal(0))
        return premium + self.margin_per_short * max(0, short)

    async def order(self, broker_order_id: str) -> BrokerOrder:
        self._meet_trouble("order")
        if self.unreadable_orders:
            raise self.unreadable_orders
        return self._book[broker_order_id].at(self.clock.now())

    async def quotes(self, instruments: Sequence[tuple[str, str, str]]) -> Mapping[str, Quote]:
        self._meet_trouble("quotes")
        self.asked.append(frozenset(symbol for _, symbol, _ in instruments))
        if self.unreadable_quotes:
            raise self.unreadable_quotes
        found = {symbol: self.quoted.get(symbol, self.default_quote) for _, symbol, _ in instruments}
        return {symbol: quote for symbol, quote in found.items() if quote and symbol not in self.missing_quotes}

    async def index_quote(self, underlying: str) -> Quote:
        self._meet_trouble("index_quote")
        if underlying not in self.spots:
            raise BrokerRefused(f"there is no index {underlying}")
        return Quote(self.spots[underlying])

    async def listings(self, underlyings: frozenset[str]) -> Sequence[Listing]:
        self._meet_trouble("listings")
        return [listing for listing in self.master if listing.contract.underlying in underlyings]

    async def aclose(self) -> None:
        self.closed += 1

    def _meet_trouble(self, call: str) -> None:
        self.calls.append(call)
        over = self.trouble_until is not None and self.clock.now() >= self.trouble_until
        if self.trouble and not over:
            raise self.trouble

    async def _send(self, order: OrderRequest) -> Placement:
        reaction = self.reactions.get(order.symbol, Reaction.FILL)
        if reaction is Reaction.UNREACHABLE:
            return Placement(Outcome.REFUSED, "not sent: no connection", None, None)
        sent_at = self.clock.now()
        self.sent.append(Sent(sent_at, order))
        if self.busy_times:
            self.busy_times -= 1
            limited = Placement(Outcome.REFUSED, "the broker says: rate limited", sent_at, sent_at)
            return replace(limited, busy=True, refusal=Refusal.RATE_LIMIT)
        order_id = self._accept(order, reaction, sent_at) if reaction in _ROWS else None
        if order.symbol in self.reply_after:
            await self.clock.sleep(self.reply_after[order.symbol])
        if reaction in (Reaction.LOSE_REPLY, Reaction.LOSE_ORDER):
            return Placement(Outcome.UNKNOWN, "the answer did not come", sent_at, None)
        if order_id is None:
            reason, refusal = f"the broker says: {reaction.value}", self.refusals.get(order.symbol)
            return Placement(Outcome.REFUSED, reason, sent_at, self.clock.now(), refusal=refusal)
        return Placement(Outcome.ACCEPTED, "", sent_at, self.clock.now(), order_id)

    def _reaches(self, row: BrokerOrder, limit_price: Decimal) -> bool:
        if row.symbol not in self.fills_at:
            return False
        needed = self.fills_at[row.symbol]
        return limit_price >= needed if row.side is Side.BUY else limit_price <= needed

    def _fills(self) -> list[tuple[OrderRequest, BrokerOrder]]:
        now = self.clock.now()
        rows = [(self._requests[order_id], resting.at(now)) for order_id, resting in self._book.items()]
        return [(request, row) for request, row in rows if row.filled_quantity]

    def _accept(self, order: OrderRequest, reaction: Reaction, sent_at: datetime) -> str:
        order_id = f"{self.client_id}-{next(self._numbers)}"
        status, divisor = _ROWS[reaction]
        quantity = order.quantity // divisor if divisor else 0
        row = BrokerOrder(
            broker_order_id=order_id,
            tag=order.tag,
            symbol=order.symbol,
            side=order.side,
            quantity=order.quantity,
            status=status,
            filled_quantity=quantity,
            average_price=order.limit_price if quantity else None,
            exchange_at=sent_at + self.fill_after if quantity else None,
            message="the exchange refused it" if reaction is Reaction.KILL_AT_EXCHANGE else "",
            refusal=self.refusals.get(order.symbol) if reaction is Reaction.KILL_AT_EXCHANGE else None,
        )
        self._requests[order_id] = order
        self._book[order_id] = Resting(row, sent_at + self.fills_after.get(order.symbol, self.fill_after))
        return order_id


_ROWS: dict[Reaction, tuple[IntentStatus, int]] = {
    Reaction.FILL: (IntentStatus.FILLED, 1),
    Reaction.LOSE_REPLY: (IntentStatus.FILLED, 1),
    Reaction.PARTLY: (IntentStatus.PARTLY_FILLED, 2),
    Reaction.REST: (IntentStatus.ACCEPTED, 0),
    Reaction.KILL_AT_EXCHANGE: (IntentStatus.REFUSED, 0),
}
"""How accepted orders end, and by how much their quantity is divided to give what is filled (0: nothing)."""
