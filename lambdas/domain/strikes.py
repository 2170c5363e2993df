"""Choosing a strike among those that are listed."""

from collections.abc import Collection
from decimal import Decimal


def atm_strike(spot: Decimal, strikes: Collection[Decimal]) -> Decimal:
    """The listed strike nearest to the spot; of two equally near, the lower.

    Raises ValueError when nothing is listed.
    """
    if not strikes:
        raise ValueError("no strike is listed")
    return min(strikes, key=lambda strike: (abs(strike - spot), strike))


def strike_by_offset(spot: Decimal, strikes: Collection[Decimal], steps: int) -> Decimal:
    """The strike `steps` listed strikes above (below, when negative) the one at the money.

    Raises ValueError saying how far the listed strikes reach.
    """
    ladder = sorted(strikes)
    position = ladder.index(atm_strike(spot, ladder)) + steps
    if not 0 <= position < len(ladder):
        raise ValueError(
            f"strike ATM{steps:+d} is not listed: at spot {spot} the strikes reach from {ladder[0]} to {ladder[-1]}"
        )
    return ladder[position]
