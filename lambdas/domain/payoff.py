"""What a set of legs earns at each level of the underlying: at the first expiry, and today.

The curve at expiry is exact (`Decimal`, straight lines between strikes) where all legs expire together. Legs
that live longer are valued at the first expiry by Black-76 at their own volatility, in floats; so is every
option today. Money leaves this module as `Decimal` rupees rounded to the paisa.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise

from lambdas.domain.black76 import option_price, settlement_of, years_to
from lambdas.domain.contracts import Contract, Right, Side

PAISA = Decimal("0.01")
ZERO = Decimal(0)
REACH = Decimal("0.05")
"""The chart reaches at least 5 % of the spot to either side, …"""
BREAKEVEN_REACH = Decimal("0.20")
"""… to the breakevens within 20 % of it, …"""
MARGIN = Decimal("0.02")
"""… and 2 % beyond the outermost strike and breakeven."""
STEPS = 70
FINE_STEPS = 3 * STEPS
"""A bent curve is searched this finely wherever it may be drawn, and coarsely down to 0 and 4 times as high."""
TAIL_STEPS = 25
TAIL_REACH = 4
NOTHING = Decimal("0.000001")
"""Rupees that count as zero."""
MAX_STEPS = 100

Curve = Callable[[Decimal], Decimal]
"""Rupees earned at a level of the underlying."""


@dataclass(frozen=True)
class PayoffLeg:
    """One leg as it was or would be entered.

    `quantity` is in units (lots × lot size), above 0; `premium` is the entry price in rupees a unit, of a
    future its price. `volatility` (annual, 0.15 is 15 %) is None where no quote implies one. `forward` is the
    present forward of the expiry as parity or the future tells it, None to take the spot for it: what it is
    above the spot shrinks to nothing, evenly, until the expiry.
    """

    contract: Contract
    side: Side
    quantity: int
    premium: Decimal
    volatility: float | None = None
    forward: Decimal | None = None

    @property
    def sign(self) -> int:
        """1 for a bought leg, −1 for a sold one."""
        return 1 if self.side is Side.BUY else -1

    @property
    def is_option(self) -> bool:
        return self.contract.right is not Right.FUT


@dataclass(frozen=True)
class PayoffPoint:
    """Rupees earned if the underlying stands at a level at the first expiry, or stood there today.

    `today` is None when some option has no volatility.
    """

    underlying: Decimal
    at_expiry: Decimal
    today: Decimal | None


@dataclass(frozen=True)
class Payoff:
    """The curve to draw and what is worth knowing of it, in rupees; all but `today` at the first expiry.

    `max_profit` is the highest profit and `max_loss` the lowest, so it is below 0 for a loss; None stands for
    unlimited. A curve that comes near a limit far above the strikes counts as reaching it. `breakevens` are
    the levels, ascending and to the paisa, at which the profit is zero; of a stretch of zeros its ends.
    `net_premium` is what the options' sale brings less what their purchase costs.
    """

    points: tuple[PayoffPoint, ...]
    max_profit: Decimal | None
    max_loss: Decimal | None
    breakevens: tuple[Decimal, ...]
    net_premium: Decimal


def payoff(legs: Sequence[PayoffLeg], *, spot: Decimal, now: datetime) -> Payoff:
    """The curve of the legs around the spot: some 70 levels, the spot and every strike.

    Raises ValueError for no legs, a quantity or a spot that is not above 0, legs on several underlyings, and
    an option that outlives the first expiry without a volatility.
    """
    _check(legs, spot)
    first = max(settlement_of(min(leg.contract.expiry for leg in legs)), now)
    final = _final_curve(legs, spot, now, first)
    today = _today_curve(legs, spot, now)
    levels = _searched_levels(legs, spot)
    slope = sum(leg.sign * leg.quantity for leg in legs if leg.contract.right is not Right.PE)
    breakevens = _breakevens(final, levels, slope)
    shown = _shown_levels(legs, spot, breakevens)
    profits = _extremes(final, sorted({*levels, *shown}), bent=bool(_later(legs)))
    if slope == 0:
        profits.append(_limit(legs, spot, now, first))
    return Payoff(
        points=tuple(
            PayoffPoint(level, _to_paisa(final(level)), None if today is None else _to_paisa(today(level)))
            for level in shown
        ),
        max_profit=None if slope > 0 else _to_paisa(max(profits)),
        max_loss=None if slope < 0 else _to_paisa(min(profits)),
        breakevens=breakevens,
        net_premium=_to_paisa(sum((-leg.sign * leg.quantity * leg.premium for leg in legs if leg.is_option), ZERO)),
    )


def _check(legs: Sequence[PayoffLeg], spot: Decimal) -> None:
    if not legs:
        raise ValueError("a payoff needs at least one leg")
    if spot <= 0:
        raise ValueError(f"the spot must be above 0, got {spot}")
    if len({leg.contract.underlying for leg in legs}) > 1:
        raise ValueError("the legs of a payoff share one underlying")
    for leg in legs:
        if leg.quantity <= 0:
            raise ValueError(f"{leg.contract}: the quantity must be above 0, got {leg.quantity}")
    for leg in _later(legs):
        if leg.is_option and leg.volatility is None:
            raise ValueError(f"{leg.contract} outlives the first expiry and has no volatility")


def _later(legs: Sequence[PayoffLeg]) -> list[PayoffLeg]:
    first = min(leg.contract.expiry for leg in legs)
    return [leg for leg in legs if leg.contract.expiry > first]


def _final_curve(legs: Sequence[PayoffLeg], spot: Decimal, now: datetime, first: datetime) -> Curve:
    later = _later(legs)
    settled = [leg for leg in legs if leg not in later]
    models = [_model(leg, leg.volatility or 0.0, spot, now, first) for leg in later]

    def earned(level: Decimal) -> Decimal:
        exact = sum((leg.sign * leg.quantity * (_settled(leg.contract, level) - leg.premium) for leg in settled), ZERO)
        return exact + Decimal(sum(model(float(level)) for model in models))

    return earned


def _today_curve(legs: Sequence[PayoffLeg], spot: Decimal, now: datetime) -> Curve | None:
    if any(leg.is_option and leg.volatility is None for leg in legs):
        return None
    models = [_model(leg, leg.volatility or 0.0, spot, now, now) for leg in legs]
    return lambda level: Decimal(sum(model(float(level)) for model in models))


def _settled(contract: Contract, level: Decimal) -> Decimal:
    """What one unit is worth when its own expiry settles it at a level."""
    if contract.right is Right.FUT:
        return level
    inside = level - contract.strike if contract.right is Right.CE else contract.strike - level
    return max(inside, ZERO)


def _model(leg: PayoffLeg, volatility: float, spot: Decimal, now: datetime, at: datetime) -> Callable[[float], float]:
    """Rupees that a leg still alive at an instant has earned then, by the level of the underlying."""
    contract, size, premium = leg.contract, leg.sign * leg.quantity, float(leg.premium)
    basis, strike, years = float(_basis(leg, spot, now, at)), float(contract.strike), years_to(contract.expiry, at)
    if contract.right is Right.FUT:
        return lambda level: size * (level + basis - premium)
    return lambda level: (
        size * (option_price(contract.right, max(level + basis, 0.0), strike, years, volatility) - premium)
    )


def _basis(leg: PayoffLeg, spot: Decimal, now: datetime, at: datetime) -> Decimal:
    """By how much the leg's forward exceeds the underlying at an instant; it shrinks evenly until the expiry."""
    if leg.forward is None:
        return ZERO
    expiry = leg.contract.expiry
    return (leg.forward - spot) * Decimal(years_to(expiry, at) / years_to(expiry, now))


def _extremes(curve: Curve, levels: Sequence[Decimal], *, bent: bool) -> list[Decimal]:
    """Values of the curve, among them its highest and lowest; of a bent curve these may lie between the levels."""
    values = [curve(level) for level in levels]
    if not bent:
        return values
    top, bottom = values.index(max(values)), values.index(min(values))
    return [
        *values,
        _summit(curve, *_beside(levels, top)),
        -_summit(lambda level: -curve(level), *_beside(levels, bottom)),
    ]


def _beside(levels: Sequence[Decimal], index: int) -> tuple[Decimal, Decimal]:
    return levels[max(index - 1, 0)], levels[min(index + 1, len(levels) - 1)]


def _summit(curve: Curve, low: Decimal, high: Decimal) -> Decimal:
    """The highest value of a curve that rises to it and falls, to a hundredth of the underlying's rupee."""
    while high - low > PAISA:
        third = (high - low) / 3
        if curve(low + third) < curve(high - third):
            low += third
        else:
            high -= third
    return curve((low + high) / 2)


def _limit(legs: Sequence[PayoffLeg], spot: Decimal, now: datetime, first: datetime) -> Decimal:
    """What the curve comes to far above all strikes, where its slope is 0: each call is a forward less its strike."""
    later = _later(legs)
    total = ZERO
    for leg in legs:
        anchor = -leg.contract.strike if leg.contract.right is not Right.PE else ZERO
        if leg in later and leg.contract.right is not Right.PE:
            anchor += _basis(leg, spot, now, first)
        total += leg.sign * leg.quantity * (anchor - leg.premium)
    return total


def _breakevens(curve: Curve, levels: Sequence[Decimal], slope: int) -> tuple[Decimal, ...]:
    """The zeros of a curve that changes its sign at most once between two levels and is straight beyond the last."""
    values = [curve(level) for level in levels]
    signs = [_sign(value) for value in values] + [_sign(Decimal(slope))]
    ends = [level for i, level in enumerate(levels) if signs[i] == 0 and (signs[max(i - 1, 0)] or signs[i + 1])]
    crossed = [_zero(curve, *pair) for i, pair in enumerate(pairwise(levels)) if signs[i] * signs[i + 1] < 0]
    beyond = [levels[-1] - values[-1] / slope] if signs[-2] * signs[-1] < 0 else []
    return tuple(sorted({_to_paisa(level) for level in (*ends, *crossed, *beyond)}))


def _sign(value: Decimal) -> int:
    return 0 if abs(value) < NOTHING else 1 if value > 0 else -1


def _zero(curve: Curve, low: Decimal, high: Decimal) -> Decimal:
    """Where a curve crosses zero between two levels of opposite sign; a straight line takes a single step."""
    at_low, at_high = curve(low), curve(high)
    for _ in range(MAX_STEPS):
        middle = low - at_low * (high - low) / (at_high - at_low)
        found = curve(middle)
        if _sign(found) == 0:
            break
        if _sign(found) == _sign(at_low):
            low, at_low, at_high = middle, found, at_high / 2
        else:
            high, at_high, at_low = middle, found, at_low / 2
    return middle


def _searched_levels(legs: Sequence[PayoffLeg], spot: Decimal) -> list[Decimal]:
    """Between these the curve at expiry is straight, or, where it is bent, finely divided."""
    corners = {ZERO, *_strikes(legs)}
    if not _later(legs):
        return sorted(corners)
    low, high = _reach(legs, spot, [spot * (1 - BREAKEVEN_REACH), spot * (1 + BREAKEVEN_REACH)])
    below = _divided(ZERO, low, TAIL_STEPS)
    above = _divided(high, high * TAIL_REACH, TAIL_STEPS)
    return sorted({*corners, *below, *_divided(low, high, FINE_STEPS), *above})


def _shown_levels(legs: Sequence[PayoffLeg], spot: Decimal, breakevens: Sequence[Decimal]) -> list[Decimal]:
    near = [level for level in breakevens if abs(level - spot) <= BREAKEVEN_REACH * spot]
    low, high = _reach(legs, spot, near)
    step = _two_digits((high - low) / STEPS)
    first, last = int(low / step), int((high / step).to_integral_value(ROUND_CEILING))
    return sorted({spot, *_strikes(legs), *(step * number for number in range(first, last + 1))})


def _reach(legs: Sequence[PayoffLeg], spot: Decimal, near: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    shown = [*_strikes(legs), *near]
    low = min([spot * (1 - REACH), *(level * (1 - MARGIN) for level in shown)])
    high = max([spot * (1 + REACH), *(level * (1 + MARGIN) for level in shown)])
    return low, high


def _strikes(legs: Sequence[PayoffLeg]) -> list[Decimal]:
    return [leg.contract.strike for leg in legs if leg.is_option]


def _divided(low: Decimal, high: Decimal, steps: int) -> list[Decimal]:
    return [low + (high - low) * number / steps for number in range(steps + 1)]


def _two_digits(width: Decimal) -> Decimal:
    """A width rounded up to two significant digits, at least a paisa: levels that read well."""
    return max(width.quantize(Decimal(1).scaleb(width.adjusted() - 1), ROUND_CEILING), PAISA)


def _to_paisa(rupees: Decimal) -> Decimal:
    return rupees.quantize(PAISA) + ZERO  # no negative zero
