"""A simple margin: premiums move cash, shorts block a share of the notional, less where hedged.

Not SPAN. It is meant to let ordinary strategies through and to refuse what an account cannot carry.
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
    """An account's money in paise."""

    opening: int
    premium: int
    blocked: int

    @property
    def available(self) -> int:
        return self.opening - self.premium - self.blocked


def funds_of(opening: int, holdings: Iterable[Holding], spot_paise: Callable[[str], int]) -> Funds:
    """Money left after the given holdings; a long of the same right and index hedges a short."""
    premium = 0
    longs: dict[tuple[str, str], int] = defaultdict(int)
    shorts: dict[tuple[str, str], int] = defaultdict(int)
    futures: dict[str, int] = defaultdict(int)
    for holding in holdings:
        instrument = holding.instrument
        if instrument.kind == "FUT":
            futures[instrument.underlying] += holding.net
            continue
        premium += holding.cash_paise
        book = longs if holding.net > 0 else shorts
        book[(instrument.underlying, instrument.kind)] += abs(holding.net)
    blocked = sum(_share(spot_paise(name), abs(net), NAKED_PERCENT) for name, net in futures.items())
    for (name, right), short in shorts.items():
        hedged = min(short, longs[(name, right)])
        spot = spot_paise(name)
        blocked += _share(spot, hedged, HEDGED_PERCENT) + _share(spot, short - hedged, NAKED_PERCENT)
    return Funds(opening, premium, blocked)


def _share(spot_paise: int, quantity: int, percent: int) -> int:
    return spot_paise * quantity * percent // 100
