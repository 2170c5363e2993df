"""What multipliers and allocations make of the lots of a strategy, and what rounding did to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lambdas.domain.allocation import whole_lots
from lambdas.domain.strategy import StrategyDefinition


@dataclass(frozen=True)
class AccountShare:
    """The exact lots that fall to an account, and the whole ones that it trades."""

    account_id: str
    exact: Fraction
    lots: int


@dataclass(frozen=True)
class LegLots:
    """The lots of one leg over its accounts."""

    number: int
    shares: tuple[AccountShare, ...]

    @property
    def exact(self) -> Fraction:
        """The lots of the leg before rounding."""
        return sum((share.exact for share in self.shares), Fraction(0))

    @property
    def lots(self) -> int:
        """The lots that the leg trades."""
        return sum(share.lots for share in self.shares)


def lots_of_legs(definition: StrategyDefinition, basket_multiplier: Decimal = Decimal(1)) -> tuple[LegLots, ...]:
    """The lots of every leg over its accounts, exact and whole."""
    legs: list[LegLots] = []
    for number, leg in enumerate(definition.legs, 1):
        exact = definition.shares_of(leg, basket_multiplier)
        whole = whole_lots(exact)
        shares = tuple(AccountShare(account, exact[account], whole[account]) for account in exact)
        legs.append(LegLots(number, shares))
    return tuple(legs)


def rounding_notes(legs: Sequence[LegLots]) -> list[str]:
    """What rounding did, in words; nothing when every share is whole and every ratio is kept."""
    notes = [
        f"legs[{leg.number}]: {in_words(leg.exact)} lots became {leg.lots}" for leg in legs if leg.exact != leg.lots
    ]
    for leg in legs:
        notes += [
            f"legs[{leg.number}]: {share.account_id} trades {share.lots} instead of {in_words(share.exact)} lots"
            for share in leg.shares
            if share.exact != share.lots
        ]
    return notes + _changed_ratios(legs)


def in_words(lots: Fraction) -> str:
    """`2`, `1.5`, or `1/3` where no short decimal is exact."""
    if lots.denominator == 1:
        return str(lots.numerator)
    decimal = Decimal(lots.numerator) / Decimal(lots.denominator)
    exact = Fraction(decimal) == lots and -int(decimal.as_tuple().exponent) <= 8
    return f"{decimal.normalize():f}" if exact else f"{lots.numerator}/{lots.denominator}"


def _changed_ratios(legs: Sequence[LegLots]) -> list[str]:
    return [
        f"legs[{leg.number}]: the ratio to legs[{first.number}] is {leg.lots}:{first.lots} now, not "
        f"{in_words(leg.exact / first.exact)}:1"
        for first in legs[:1]
        for leg in legs[1:]
        if leg.lots * first.exact != first.lots * leg.exact
    ]
