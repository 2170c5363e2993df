"""The paper exchange: orders of an account that trades no money, filled at the quotes of a real one.

Nothing here is random: everything follows from the orders, the quotes that were read, and the time. It is a model,
and kinder than a market in one way: an order moves no price. It is stricter in two: a price gives only so many lots
at a look, and what was taken comes back only after a while, however often somebody looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from lambdas.domain.contracts import Listing, Quote, Side
from lambdas.domain.intents import FINAL, IntentStatus
from lambdas.domain.moments import IST


@dataclass(frozen=True)
class PaperTerms:
    """How the paper exchange behaves.

    An order reaches the book `latency` after it was sent. One look fills at most `lots_at_a_price`; more is there
    `refills_after` the last fill. Where a book has no quote on the far side, the price is the last one and
    `assumed_half_spread` of it, at least a tick.
    """

    latency: timedelta = timedelta(milliseconds=80)
    lots_at_a_price: int = 20
    refills_after: timedelta = timedelta(seconds=1)
    assumed_half_spread: Decimal = Decimal("0.0025")


@dataclass(frozen=True)
class Fill:
    """So many units at a price in rupees."""

    at: datetime
    quantity: int
    price: Decimal


@dataclass(frozen=True)
class PaperOrder:
    """One order of a paper account. `version` grows with every change; `visible_at` is when it reached the book."""

    tag: str
    listing: Listing
    side: Side
    quantity: int
    product: str
    limit_price: Decimal
    placed_at: datetime
    visible_at: datetime
    changed_at: datetime
    status: IntentStatus = IntentStatus.ACCEPTED
    fills: tuple[Fill, ...] = ()
    modifications: int = 0
    message: str = ""
    version: int = 1

    @property
    def number(self) -> str:
        """The order's number: unique as its tag is, and it tells the day."""
        return number_of(self.day, self.tag)

    @property
    def day(self) -> date:
        """The date (IST) in whose book the order is."""
        return self.placed_at.astimezone(IST).date()

    @property
    def filled_quantity(self) -> int:
        return sum(fill.quantity for fill in self.fills)

    @property
    def left(self) -> int:
        """Units that may still fill."""
        return 0 if self.status in FINAL else self.quantity - self.filled_quantity

    @property
    def traded(self) -> Decimal:
        """Rupees that changed hands."""
        return sum((fill.quantity * fill.price for fill in self.fills), Decimal(0))

    @property
    def average_price(self) -> Decimal | None:
        """Rupees a unit; None before the first fill."""
        return self.traded / self.filled_quantity if self.fills else None

    def fillable_at(self, now: datetime, terms: PaperTerms) -> bool:
        """Whether a quote read at `now` may fill something of it."""
        refilled = not self.fills or now >= self.fills[-1].at + terms.refills_after
        return self.left > 0 and now >= self.visible_at and refilled


@dataclass(frozen=True)
class PaperBook:
    """What an account begins a day with, in rupees, and its orders of that day in the order of their placing.

    Positions are not carried to the next day: its book begins empty.
    """

    capital: Decimal
    orders: Sequence[PaperOrder] = ()

    def tagged(self, tag: str) -> PaperOrder | None:
        return next((order for order in self.orders if order.tag == tag), None)

    def numbered(self, number: str) -> PaperOrder | None:
        return next((order for order in self.orders if order.number == number), None)

    def with_order(self, order: PaperOrder) -> "PaperBook":
        """The same with one more order."""
        return replace(self, orders=(*self.orders, order))


class PaperRefused(Exception):
    """The paper exchange does not do what it was asked; the message says why."""


def number_of(day: date, tag: str) -> str:
    """The number of the order that carries a tag on a day."""
    return f"P{day:%y%m%d}{tag}"


def matched(order: PaperOrder, quote: Quote, now: datetime, terms: PaperTerms) -> PaperOrder:
    """The order after this quote was read at `now`: never worse than its limit, never more than its quantity."""
    if not order.fillable_at(now, terms):
        return order
    price = taking_price(order.side, quote, order.listing.tick_size, terms)
    if price is None or not _within(order, price):
        return order
    quantity = min(order.left, terms.lots_at_a_price * order.listing.lot_size)
    is_whole = quantity == order.left
    return replace(
        order,
        fills=(*order.fills, Fill(now, quantity, price)),
        status=IntentStatus.FILLED if is_whole else IntentStatus.PARTLY_FILLED,
        changed_at=now,
        version=order.version + 1,
    )


def taking_price(side: Side, quote: Quote, tick_size: Decimal, terms: PaperTerms) -> Decimal | None:
    """What a taker pays or gets a unit, in rupees; None when no price is known or nobody would buy."""
    told = quote.ask if side is Side.BUY else quote.bid
    if told is not None and told > 0:
        return told
    if quote.last <= 0:
        return None
    half_spread = max(quote.last * terms.assumed_half_spread, tick_size)
    if side is Side.BUY:
        return _to_tick(quote.last + half_spread, tick_size, ROUND_CEILING)
    price = _to_tick(quote.last - half_spread, tick_size, ROUND_FLOOR)
    return price if price > 0 else None


def cancelled(order: PaperOrder, now: datetime) -> PaperOrder:
    """The order without what is left of it; its fills stay. Raises PaperRefused when it is final."""
    _check_resting(order)
    return replace(order, status=IntentStatus.CANCELLED, changed_at=now, version=order.version + 1)


def modified(order: PaperOrder, limit_price: Decimal, quantity: int, now: datetime) -> PaperOrder:
    """The order at another limit (rupees) and of another quantity.

    Raises PaperRefused when it is final, for a limit off the tick grid, for part of a lot, and for a quantity that
    is filled already.
    """
    _check_resting(order)
    check_terms(order.listing, quantity, limit_price)
    if quantity <= order.filled_quantity:
        raise PaperRefused(f"quantity {quantity}: {order.filled_quantity} are filled already; cancel the rest")
    return replace(
        order,
        limit_price=limit_price,
        quantity=quantity,
        modifications=order.modifications + 1,
        changed_at=now,
        version=order.version + 1,
    )


def check_terms(listing: Listing, quantity: int, limit_price: Decimal) -> None:
    """Raises PaperRefused for a limit off the tick grid or a quantity that is not whole lots."""
    if limit_price <= 0 or limit_price % listing.tick_size:
        raise PaperRefused(f"limit {limit_price} is no multiple of the tick of {listing.tick_size}")
    if quantity <= 0 or quantity % listing.lot_size:
        raise PaperRefused(f"quantity {quantity} is no multiple of the lot of {listing.lot_size}")


def _check_resting(order: PaperOrder) -> None:
    if order.status in FINAL:
        raise PaperRefused(f"order {order.number} is {order.status} already")


def _within(order: PaperOrder, price: Decimal) -> bool:
    return price <= order.limit_price if order.side is Side.BUY else price >= order.limit_price


def _to_tick(price: Decimal, tick_size: Decimal, rounding: str) -> Decimal:
    return (price / tick_size).to_integral_value(rounding) * tick_size
