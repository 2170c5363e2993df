"""A simple margin: premiums move cash, short options and all futures block a share of the notional.

The share is smaller where a long and a short of the same kind and index hedge each other: two strikes of a
right, two months of a future. A future's profit or loss counts at once. Not SPAN. It is meant to let ordinary
strategies through and to refuse what an account cannot carry.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sandbox.exchange.instruments import Instrument

NAKED_PERCENT = 12
HEDGED_PERCENT = 4


@dataclass(frozen=True, slots=True)
class Holding:
    """A net quantity with the cash it has cost (above 0) or brought (below 0), in paise."""

    instrument: Instrument
    net: int
    cash_paise: int


@dataclass(frozen=True, slots=True)
class Funds:
    """An account's money in paise; `futures_profit` is below 0 for a loss."""

    opening: int
    premium: int
    blocked: int
    futures_profit: int = 0

    @property
    def available(self) -> int:
        return self.opening - self.spent

    @property
    def spent(self) -> int:
        """What premiums, margin and the futures' losses take of the opening money."""
        return self.premium + self.blocked - self.futures_profit


@dataclass(frozen=True, slots=True)
class Requirement:
    """What orders would bind together, in paise: the price of the options bought, and the margin."""

    premium: int
    blocked: int

    @property
    def total(self) -> int:
        return self.premium + self.blocked


def requirement_of(holdings: Iterable[Holding], spot_paise: Callable[[str], int]) -> Requirement:
    """What holdings would bind that an account without any other makes. What options sold bring is not counted."""
    held = list(holdings)
    bought = sum(holding.cash_paise for holding in held if holding.instrument.is_option and holding.net > 0)
    return Requirement(bought, _blocked(held, spot_paise))


def funds_of(
    opening: int,
    holdings: Iterable[Holding],
    spot_paise: Callable[[str], int],
    last_paise: Callable[[Instrument], int],
) -> Funds:
    """Money left after the given holdings, at the present levels of their indices and prices of their futures."""
    held = list(holdings)
    options = [holding for holding in held if holding.instrument.is_option]
    futures = [holding for holding in held if not holding.instrument.is_option]
    return Funds(
        opening,
        premium=sum(option.cash_paise for option in options),
        blocked=_blocked(held, spot_paise),
        futures_profit=sum(future.net * last_paise(future.instrument) - future.cash_paise for future in futures),
    )


def _blocked(holdings: Iterable[Holding], spot_paise: Callable[[str], int]) -> int:
    longs: dict[tuple[str, str], int] = defaultdict(int)
    shorts: dict[tuple[str, str], int] = defaultdict(int)
    for holding in holdings:
        book = longs if holding.net > 0 else shorts
        book[(holding.instrument.underlying, holding.instrument.kind)] += abs(holding.net)
    return sum(
        _requirement(kind, longs[(name, kind)], shorts[(name, kind)], spot_paise(name))
        for name, kind in {*longs, *shorts}
    )


def _requirement(kind: str, long: int, short: int, spot_paise: int) -> int:
    """Either side of a future is at risk, of an option only the short one."""
    hedged = min(long, short)
    exposed = abs(long - short) if kind == "FUT" else short - hedged
    return _share(spot_paise, hedged, HEDGED_PERCENT) + _share(spot_paise, exposed, NAKED_PERCENT)


def _share(spot_paise: int, quantity: int, percent: int) -> int:
    return spot_paise * quantity * percent // 100
