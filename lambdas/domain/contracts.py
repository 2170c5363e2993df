"""Contracts, and how one broker lists them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Right(StrEnum):
    """The kind of a contract as the exchanges write it: a call (CE), a put (PE), or a future (FUT)."""

    CE = "CE"
    PE = "PE"
    FUT = "FUT"


OPTION_RIGHTS = (Right.CE, Right.PE)
NO_STRIKE = Decimal(0)
"""The strike of a future."""


class Side(StrEnum):
    """Direction of an order."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def opposite(self) -> "Side":
        """The side that closes this one."""
        return Side.SELL if self is Side.BUY else Side.BUY


@dataclass(frozen=True, order=True)
class Contract:
    """One option or future (then `strike` is 0); the key under which every broker's symbols are found."""

    underlying: str
    expiry: date
    strike: Decimal
    right: Right

    def __str__(self) -> str:
        if self.right is Right.FUT:
            return f"{self.underlying} {self.expiry:%d %b %y} FUT"
        strike = f"{self.strike.normalize():f}"
        return f"{self.underlying} {self.expiry:%d %b %y} {strike} {self.right}"


@dataclass(frozen=True)
class Listing:
    """A contract as one broker lists it in its instrument master of the day.

    `symbol` and `token` are the broker's own; `exchange` is the segment code that the broker's orders
    carry (NFO, BFO). `freeze_quantity` is None where the master does not tell it.
    """

    contract: Contract
    exchange: str
    symbol: str
    token: str
    lot_size: int
    tick_size: Decimal
    freeze_quantity: int | None = None


@dataclass(frozen=True)
class Quote:
    """Prices of one instrument in rupees; bid and ask are None where the book is empty."""

    last: Decimal
    bid: Decimal | None = None
    ask: Decimal | None = None
