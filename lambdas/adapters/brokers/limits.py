"""How much one account may ask of its broker."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """A broker's published rate limits for one account; None where it publishes none."""

    orders_per_second: int
    quotes_per_second: int
    instruments_per_quote: int
    order_book_per_second: int
    profiles_per_second: int
    orders_per_minute: int | None = None
    orders_per_hour: int | None = None
    orders_per_day: int | None = None
    modifications_per_order: int | None = None
