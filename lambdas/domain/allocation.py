"""How the lots of a leg are divided over broker accounts."""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil

HALF = Fraction(1, 2)


def allocate(lots: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Divide whole lots over accounts in proportion to their weights, losing and inventing none.

    Largest-remainder rounding; equal remainders go to the account named first. Accounts that end with
    no lot stay in the answer with 0. Raises ValueError for negative lots or weights that are not positive.
    """
    return whole_lots(shares_by_weight(Fraction(lots), weights))


def shares_by_weight(lots: Fraction, weights: Mapping[str, int]) -> dict[str, Fraction]:
    """The exact share of each account. Raises ValueError for weights that are not positive."""
    if not weights or any(weight <= 0 for weight in weights.values()):
        raise ValueError("every account of an allocation needs a weight of at least 1")
    total = sum(weights.values())
    return {account: lots * weight / total for account, weight in weights.items()}


def whole_lots(shares: Mapping[str, Fraction]) -> dict[str, int]:
    """Whole lots for exact shares: their sum is the exact sum to the nearest lot (a half goes down), and each
    is its share rounded up or down.

    Largest-remainder rounding; equal remainders go to the account named first. Raises ValueError for a
    negative share.
    """
    if any(share < 0 for share in shares.values()):
        raise ValueError(f"lots must not be negative, got {min(shares.values())}")
    lots = {account: int(share) for account, share in shares.items()}
    left = nearest_whole(sum(shares.values(), Fraction(0))) - sum(lots.values())
    by_remainder = sorted(shares, key=lambda account: lots[account] - shares[account])
    for account in by_remainder[:left]:
        lots[account] += 1
    return lots


def nearest_whole(lots: Fraction) -> int:
    """The nearest whole number of lots; a half goes down, so that rounding alone never adds risk."""
    return ceil(lots - HALF)
