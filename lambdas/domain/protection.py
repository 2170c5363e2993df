"""Price protection: what takes the place of market orders, which exchanges refuse from algorithms."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from lambdas.domain.contracts import Quote, Side

LADDER: tuple[tuple[Decimal | None, Decimal], ...] = (
    (Decimal(10), Decimal(5)),
    (Decimal(100), Decimal(3)),
    (Decimal(500), Decimal(2)),
    (None, Decimal(1)),
)
"""Protection by option premium: below this many rupees, so many percent (the brokers' usual steps)."""


def protection_percent(premium: Decimal) -> Decimal:
    """How many percent away from the premium an order may still fill."""
    return next(percent for below, percent in LADDER if below is None or premium < below)


LIMIT_WIDENING = 2
LEAST_BUFFER_TICKS = 5
"""A limit is priced seconds before it is sent, while a broker's own protection is priced on arrival: so it gets
twice the room and at least five ticks. It fills at the best price all the same; only the worst one moves."""


def protected_limit(side: Side, quote: Quote, tick_size: Decimal) -> Decimal:
    """The limit price (rupees) of a protected order: the far side of the spread plus twice the protection.

    Rounded to the tick so that the order stays as marketable as its room allows, and never below one tick.
    An empty side of the book falls back to the last price. Raises ValueError when there is none.
    """
    base = (quote.ask if side is Side.BUY else quote.bid) or quote.last
    if base <= 0:
        raise ValueError(f"no price is known to {side} at: the book is empty and nothing was traded yet")
    room = max(base * LIMIT_WIDENING * protection_percent(base) / 100, LEAST_BUFFER_TICKS * tick_size)
    if side is Side.BUY:
        return _to_tick(base + room, tick_size, ROUND_CEILING)
    return max(tick_size, _to_tick(base - room, tick_size, ROUND_FLOOR))


def _to_tick(price: Decimal, tick_size: Decimal, rounding: str) -> Decimal:
    return (price / tick_size).to_integral_value(rounding) * tick_size
