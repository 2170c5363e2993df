"""What can be quoted and traded: an index, an index future, an index option."""

from dataclasses import dataclass
from datetime import date

TICK_PAISE = 5


@dataclass(frozen=True, slots=True)
class Instrument:
    """One line of the exchange's contract list.

    `kind` is INDEX, FUT, CE or PE; `strike` is in whole rupees (0 for others); `token` is the exchange
    token. `monthly` tells the month's last expiry from a weekly one.
    """

    underlying: str
    exchange: str
    kind: str
    symbol: str
    token: int
    lot: int
    freeze: int
    expiry: date | None = None
    strike: int = 0
    monthly: bool = False

    @property
    def is_option(self) -> bool:
        return self.kind in ("CE", "PE")

    @property
    def is_index(self) -> bool:
        return self.kind == "INDEX"


def exchange_token(number: int, expiry: date, steps: int, kind: str) -> int:
    """A token that depends only on the contract, so it survives a restart (24 bits).

    7 bits of expiry day, 3 of index, 12 of strike in steps, 2 of kind: unique among the expiries of any
    128 days.
    """
    right = {"FUT": 1, "CE": 2, "PE": 3}[kind]
    return (expiry.toordinal() % 128) << 17 | number << 14 | steps << 2 | right
