"""Positions from fills: one line for each contract and product of an account."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sandbox.exchange.instruments import Instrument


@dataclass(slots=True)
class Side:
    """Bought or sold so far: quantity, and value in paise."""

    quantity: int = 0
    value: int = 0

    def add(self, quantity: int, price_paise: int) -> None:
        self.quantity += quantity
        self.value += quantity * price_paise

    @property
    def average_paise(self) -> int:
        return round(self.value / self.quantity) if self.quantity else 0


@dataclass(slots=True)
class Position:
    """One account's holding of one contract under one product (MIS or NRML)."""

    instrument: Instrument
    product: str
    bought: Side = field(default_factory=Side)
    sold: Side = field(default_factory=Side)
    today: date = date.min
    bought_today: Side = field(default_factory=Side)
    sold_today: Side = field(default_factory=Side)

    @property
    def net(self) -> int:
        """Net quantity: above 0 long, below 0 short."""
        return self.bought.quantity - self.sold.quantity

    @property
    def overnight(self) -> int:
        """Net quantity carried in from earlier days."""
        return self.net - self.bought_today.quantity + self.sold_today.quantity

    @property
    def average_paise(self) -> int:
        """Average price of the open side; 0 when flat."""
        if self.net == 0:
            return 0
        return self.bought.average_paise if self.net > 0 else self.sold.average_paise

    def roll(self, now: datetime) -> None:
        """Start a new day's counts when the date has changed."""
        if self.today != now.date():
            self.today = now.date()
            self.bought_today, self.sold_today = Side(), Side()

    def add(self, side: str, quantity: int, price_paise: int, at: datetime) -> None:
        """Take one fill in."""
        self.roll(at)
        for book in (self.bought, self.bought_today) if side == "BUY" else (self.sold, self.sold_today):
            book.add(quantity, price_paise)

    def pnl_paise(self, last_paise: int) -> int:
        """Realised and unrealised together, at that last price."""
        return self.sold.value - self.bought.value + self.net * last_paise

    def realised_paise(self) -> int:
        """Profit of the closed quantity, at average prices."""
        closed = min(self.bought.quantity, self.sold.quantity)
        return closed * (self.sold.average_paise - self.bought.average_paise)
