"""Order and trade numbers: the day, then a counter that starts at the second of the day.

Starting at the second keeps the numbers of a restarted sandbox apart from those before.
"""

from datetime import datetime
from itertools import count


class OrderIds:
    """Hands out numbers that look like the brokers' own (15 digits, date first)."""

    def __init__(self, started: datetime) -> None:
        second = started.hour * 3600 + started.minute * 60 + started.second
        self._next = count(second * 10_000 + 1)

    def order(self, now: datetime) -> str:
        """For instance 261123332100001."""
        return f"{now:%y%m%d}{next(self._next):09d}"

    def exchange_order(self) -> str:
        """The exchange's own number for an order, 16 digits."""
        return f"11{next(self._next):014d}"

    def trade(self) -> str:
        """A trade number."""
        return str(next(self._next))
