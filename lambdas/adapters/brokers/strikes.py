"""The strike of a contract, from what an instrument master has in that column."""

from decimal import Decimal

from lambdas.domain.contracts import NO_STRIKE, Right


def strike_of(right: Right, written: Decimal) -> Decimal:
    """An option's strike in rupees as written; `NO_STRIKE` for a future, where Kite writes 0 and Angel One -1.

    Raises ValueError for an option without a strike, and for a future with one.
    """
    if (right is Right.FUT) == (written > 0):
        raise ValueError(f"strike {written} of a {right}")
    return NO_STRIKE if right is Right.FUT else written
