"""What a paper account holds, what that binds, and whether another order can be paid for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from lambdas.domain.contracts import Contract, Listing, Side
from lambdas.domain.margin import MarginLeg, estimate_margin
from lambdas.domain.paper import PaperBook, PaperOrder, PaperRefused, check_terms

PAISA = Decimal("0.01")
ZERO = Decimal(0)


@dataclass(frozen=True)
class PaperPosition:
    """What an account holds of one contract in one product: units, `net` below 0 when short.

    `average_price` is what the open units cost or brought, None when nothing is open; `realised` is what the closed
    ones earned, in rupees.
    """

    listing: Listing
    product: str
    bought: int
    sold: int
    average_price: Decimal | None
    realised: Decimal

    @property
    def net(self) -> int:
        return self.bought - self.sold


@dataclass(frozen=True)
class PaperFunds:
    """Rupees: `available` and `used` are together the capital and what the day has realised."""

    available: Decimal
    used: Decimal


def positions_of(orders: Sequence[PaperOrder]) -> list[PaperPosition]:
    """The positions of a day, closed ones included, netted by contract and product.

    A fill that closes earns the difference to the average of what is open; one that goes beyond it opens the other
    side at its own price.
    """
    running: dict[tuple[str, str, str], _Running] = {}
    fills = [(fill.at, order, fill) for order in orders for fill in order.fills]
    for _, order, fill in sorted(fills, key=lambda row: row[0]):
        key = order.listing.exchange, order.listing.symbol, order.product
        held = running.setdefault(key, _Running(order.listing, order.product))
        held.take(fill.quantity if order.side is Side.BUY else -fill.quantity, fill.price)
    return [held.position() for held in running.values()]


def funds_of(book: PaperBook, spots: Mapping[str, Decimal], now: datetime) -> PaperFunds:
    """What the account may use and uses, by the spot (rupees) of each underlying in its book."""
    used = used_by(book, spots, now)
    money = book.capital + sum((position.realised for position in positions_of(book.orders)), ZERO)
    return PaperFunds(money - used, used)


def used_by(book: PaperBook, spots: Mapping[str, Decimal], now: datetime) -> Decimal:
    """Rupees that positions and resting orders bind: premiums that were paid, and the estimated margin.

    A resting order that closes something frees nothing before it fills, so the dearer of both states counts.
    """
    held = [_Part(one.listing.contract, one.net, one.average_price or ZERO) for one in positions_of(book.orders)]
    resting = [_part_of(order) for order in book.orders if order.left]
    return max(_margin(held, spots, now), _margin([*held, *resting], spots, now))


def check_affordable(book: PaperBook, order: PaperOrder, spots: Mapping[str, Decimal], now: datetime) -> None:
    """Raises PaperRefused for a quantity or limit that the contract does not have, or without the funds for it.

    An order that binds nothing more, like one that closes, needs none.
    """
    check_terms(order.listing, order.quantity, order.limit_price)
    before = funds_of(book, spots, now)
    needed = used_by(book.with_order(order), spots, now) - before.used
    if needed > 0 and needed > before.available:
        raise PaperRefused(f"not enough funds: needs ₹{needed:,.2f}, available ₹{before.available:,.2f}")


def margin_of_orders(orders: Iterable[PaperOrder], spots: Mapping[str, Decimal], now: datetime) -> Decimal:
    """Rupees that orders would bind together, hedges counted."""
    return _margin([_part_of(order) for order in orders], spots, now)


@dataclass(frozen=True)
class _Part:
    contract: Contract
    net: int
    price: Decimal


def _part_of(order: PaperOrder) -> _Part:
    return _Part(order.listing.contract, order.left if order.side is Side.BUY else -order.left, order.limit_price)


def _margin(parts: Iterable[_Part], spots: Mapping[str, Decimal], now: datetime) -> Decimal:
    by_contract: dict[Contract, list[_Part]] = defaultdict(list)
    for part in parts:
        by_contract[part.contract].append(part)
    legs: dict[str, list[MarginLeg]] = defaultdict(list)
    for contract, rows in sorted(by_contract.items()):
        if net := sum(row.net for row in rows):
            side = Side.BUY if net > 0 else Side.SELL
            legs[contract.underlying].append(MarginLeg(contract, side, abs(net), _price(rows, side)))
    return sum((estimate_margin(rows, spot=spots[name], now=now).total for name, rows in legs.items()), ZERO)


def _price(parts: Sequence[_Part], side: Side) -> Decimal:
    """The average price of what is on the side that prevails."""
    own = [part for part in parts if part.net and (part.net > 0) is (side is Side.BUY)]
    quantity = sum(abs(part.net) for part in own)
    return sum((abs(part.net) * part.price for part in own), ZERO) / quantity


class _Running:
    """A position while its fills are counted; exact, so that nothing is lost to rounding on the way."""

    def __init__(self, listing: Listing, product: str) -> None:
        self._listing = listing
        self._product = product
        self._bought = 0
        self._sold = 0
        self._average = Fraction(0)
        self._realised = Fraction(0)

    def take(self, units: int, price: Decimal) -> None:
        """Count a fill: units above 0 when bought."""
        net = self._bought - self._sold
        opening = units if net * units >= 0 else units + net if abs(units) > abs(net) else 0
        closing = abs(units) - abs(opening)
        self._realised += closing * (Fraction(price) - self._average) * (1 if net > 0 else -1)
        kept = abs(net) - closing
        if opening:
            cost = kept * self._average + abs(opening) * Fraction(price)
            self._average = cost / (kept + abs(opening))
        self._bought += max(units, 0)
        self._sold += max(-units, 0)

    def position(self) -> PaperPosition:
        """What it came to."""
        is_open = self._bought != self._sold
        return PaperPosition(
            self._listing,
            self._product,
            self._bought,
            self._sold,
            _decimal(self._average) if is_open else None,
            _decimal(self._realised).quantize(PAISA),
        )


def _decimal(exact: Fraction) -> Decimal:
    return Decimal(exact.numerator) / Decimal(exact.denominator)
