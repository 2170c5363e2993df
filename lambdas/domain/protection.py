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


def protected_limit(side: Side, quote: Quote, tick_size: Decimal) -> Decimal:
    """The limit price (rupees) of a protected order: the far side of the spread plus the protection.

    Rounded to the tick so that the order stays as marketable as its protection allows, and never below
    one tick. An empty side of the book falls back to the last price. Raises ValueError when there is none.
    """
    base = (quote.ask if side is Side.BUY else quote.bid) or quote.last
    if base <= 0:
        raise ValueError(f"no price is known to {side} at: the book is empty and nothing was traded yet")
    if side is Side.BUY:
        raw = base * (1 + protection_percent(base) / 100)
        return _to_tick(raw, tick_size, ROUND_CEILING)
    raw = base * (1 - protection_percent(base) / 100)
    return max(tick_size, _to_tick(raw, tick_size, ROUND_FLOOR))


def _to_tick(price: Decimal, tick_size: Decimal, rounding: str) -> Decimal:
    return (price / tick_size).to_integral_value(rounding) * tick_size
