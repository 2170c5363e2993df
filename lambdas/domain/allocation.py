"""How the lots of a leg are divided over broker accounts."""

from collections.abc import Mapping
from fractions import Fraction


def allocate(lots: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Divide whole lots over accounts in proportion to their weights, losing and inventing none.

    Largest-remainder rounding; equal remainders go to the account named first. Accounts that end with
    no lot stay in the answer with 0. Raises ValueError for negative lots or weights that are not positive.
    """
    if lots < 0:
        raise ValueError(f"lots must not be negative, got {lots}")
    if not weights or any(weight <= 0 for weight in weights.values()):
        raise ValueError("every account of an allocation needs a weight of at least 1")
    total = sum(weights.values())
    exact = {account: Fraction(lots * weight, total) for account, weight in weights.items()}
    shares = {account: int(share) for account, share in exact.items()}
    left = lots - sum(shares.values())
    by_remainder = sorted(exact, key=lambda account: shares[account] - exact[account])
    for account in by_remainder[:left]:
        shares[account] += 1
    return shares
