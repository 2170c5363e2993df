"""Prices on the tick: whole paise, multiples of 5."""

from decimal import Decimal, InvalidOperation

from sandbox.exchange.instruments import TICK_PAISE


def to_tick(paise: float) -> int:
    """The nearest tick, never below the smallest price of Rs 0.05."""
    return max(TICK_PAISE, TICK_PAISE * round(paise / TICK_PAISE))


def parse_paise(text: str) -> int | None:
    """Rupees as written on the wire, as paise; None when it is no amount or has a fraction of a paisa."""
    try:
        paise = Decimal(text.strip()) * 100
    except InvalidOperation:
        return None
    if not paise.is_finite() or paise != paise.to_integral_value():
        return None
    return int(paise)


def rupees(paise: int) -> float:
    """Rupees as a JSON number: only for rendering a wire message."""
    return round(paise / 100, 2)


def rupees_text(paise: int) -> str:
    """Rupees with two decimals, for wire fields that are strings."""
    return f"{Decimal(paise) / 100:.2f}"
