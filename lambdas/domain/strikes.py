"""Choosing a strike among those that are listed.

Rules by premium, straddle or delta need quotes: `quotes_needed` says which, `choose_strike` decides with them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from lambdas.domain.black76 import delta, implied_forward, implied_volatility
from lambdas.domain.contracts import Quote, Right
from lambdas.domain.strike_rules import (
    AT_THE_MONEY,
    ByDelta,
    ByMoneyness,
    ByPercentOfAtm,
    ByPremium,
    ByPremiumRange,
    ByStraddlePremium,
    ByStraddleWidth,
    ByStrike,
    StrikeRule,
)

WINDOW = 100
"""Rules that compare premiums look at so many listed strikes on each side of the money.

A put of delta 0.1 a month before the expiry is up to 50 strikes below it; with less than that the outermost of
those would be taken for the closest. One call at Zerodha, half a second at Angel One.
"""

Wanted = tuple[Decimal, Right]


@dataclass(frozen=True)
class Ladder:
    """What one expiry offers at one moment: spot (rupees), listed strikes by right, quotes as far as they were
    asked for, and the years that are left."""

    spot: Decimal
    strikes: Mapping[Right, frozenset[Decimal]]
    quotes: Mapping[Wanted, Quote]
    years: float

    @property
    def atm(self) -> Decimal:
        """The strike at the money among those with a call and a put. Raises ValueError when there is none."""
        return atm_strike(self.spot, self.strikes[Right.CE] & self.strikes[Right.PE])


@dataclass(frozen=True)
class Choice:
    """A strike and why it was chosen."""

    strike: Decimal
    reason: str


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


def premium_of(quote: Quote) -> Decimal:
    """What an option is worth now (rupees): the middle of its book, or its last price where a side is empty."""
    if quote.bid and quote.ask:
        return (quote.bid + quote.ask) / 2
    return quote.last


def quotes_needed(rule: StrikeRule | None, right: Right, ladder: Ladder) -> frozenset[Wanted]:
    """Which strikes and rights must be quoted before `choose_strike` can decide. Raises ValueError."""
    needed: set[Wanted] = set()
    if isinstance(rule, ByStraddlePremium | ByStraddleWidth | ByDelta):
        needed |= {(ladder.atm, Right.CE), (ladder.atm, Right.PE)}
    if isinstance(rule, ByPremium | ByPremiumRange | ByStraddlePremium | ByDelta):
        needed |= {(strike, right) for strike in _window(ladder, right)}
    return frozenset(needed)


def choose_strike(rule: StrikeRule | None, right: Right, ladder: Ladder) -> Choice:
    """The listed strike that a rule means for a call or a put, and why.

    Raises ValueError saying what is not listed or not quoted.
    """
    listed = ladder.strikes[right]
    match rule or AT_THE_MONEY:
        case ByMoneyness() as by:
            return _by_moneyness(by, right, ladder)
        case ByStrike(strike=strike):
            if strike not in listed:
                raise ValueError(f"strike {strike} is not listed; the nearest is {atm_strike(strike, listed)}")
            return Choice(strike, "this strike was asked for")
        case ByPercentOfAtm(percent=percent):
            aim = ladder.atm * (1 + percent / 100)
            return Choice(atm_strike(aim, listed), f"nearest to {aim:.2f}, {percent:+} % of ATM {ladder.atm}")
        case ByPremium() as by:
            return _by_premium(by, right, ladder)
        case ByPremiumRange() as by:
            return _by_premium_range(by, right, ladder)
        case ByStraddlePremium(percent=percent):
            aim = _straddle(ladder) * percent / 100
            whose = f"{aim:.2f}, {percent} % of the straddle at {ladder.atm}"
            return _closest_premium(aim, right, ladder, whose)
        case ByStraddleWidth(times=times):
            aim = ladder.atm + times * _straddle(ladder)
            why = f"nearest to {aim:.2f}, ATM {ladder.atm} {times:+} straddles of {_straddle(ladder):.2f}"
            return Choice(atm_strike(aim, listed), why)
        case ByDelta(delta=wanted):
            return _by_delta(wanted, right, ladder)


def _by_moneyness(rule: ByMoneyness, right: Right, ladder: Ladder) -> Choice:
    upwards = (rule.moneyness == "OTM") == (right is Right.CE)
    strike = strike_by_offset(ladder.spot, ladder.strikes[right], rule.steps if upwards else -rule.steps)
    name = f"{rule.moneyness}{rule.steps or ''}"
    return Choice(strike, f"{name} at spot {ladder.spot}")


def _by_premium(rule: ByPremium, right: Right, ladder: Ladder) -> Choice:
    if rule.by == "closest_premium":
        return _closest_premium(rule.premium, right, ladder, f"{rule.premium}")
    premiums = _premiums(right, ladder)
    at_least = rule.by == "premium_at_least"
    fitting = {
        strike: premium
        for strike, premium in premiums.items()
        if (premium >= rule.premium if at_least else premium <= rule.premium)
    }
    bound = f"{'at least' if at_least else 'at most'} {rule.premium}"
    if not fitting:
        raise ValueError(f"no {right} has a premium of {bound}; {_reach(premiums)}")
    return _nearest(rule.premium, right, fitting, ladder, f"the nearest premium of {bound}")


def _by_premium_range(rule: ByPremiumRange, right: Right, ladder: Ladder) -> Choice:
    premiums = _premiums(right, ladder)
    fitting = {strike: premium for strike, premium in premiums.items() if rule.low <= premium <= rule.high}
    if not fitting:
        raise ValueError(f"no {right} has a premium from {rule.low} to {rule.high}; {_reach(premiums)}")
    middle = (rule.low + rule.high) / 2
    return _nearest(middle, right, fitting, ladder, f"nearest to the middle of {rule.low} to {rule.high}")


def _closest_premium(aim: Decimal, right: Right, ladder: Ladder, whose: str) -> Choice:
    return _nearest(aim, right, _premiums(right, ladder), ladder, f"closest to {whose}")


def _nearest(aim: Decimal, right: Right, premiums: Mapping[Decimal, Decimal], ladder: Ladder, why: str) -> Choice:
    """Of equally near premiums the one whose strike is nearest to the spot."""
    strike = min(premiums, key=lambda strike: (abs(premiums[strike] - aim), abs(strike - ladder.spot), strike))
    _check_not_cut(strike, right, ladder)
    return Choice(strike, f"premium {premiums[strike]:.2f} is {why}")


def _by_delta(wanted: Decimal, right: Right, ladder: Ladder) -> Choice:
    forward = _forward(ladder)
    deltas: dict[Decimal, float] = {}
    for strike, premium in _premiums(right, ladder).items():
        volatility = implied_volatility(right, float(premium), forward, float(strike), ladder.years)
        if volatility is not None:
            deltas[strike] = abs(delta(right, forward, float(strike), ladder.years, volatility))
    if not deltas:
        raise ValueError(f"no {right} has a quote from which a delta can be computed")
    strike = min(deltas, key=lambda strike: (abs(deltas[strike] - float(wanted)), abs(strike - ladder.spot), strike))
    _check_not_cut(strike, right, ladder)
    return Choice(strike, f"delta {deltas[strike]:.3f} is closest to {wanted} (forward {forward:.2f})")


def _forward(ladder: Ladder) -> float:
    return float(implied_forward(ladder.atm, _premium(ladder, Right.CE), _premium(ladder, Right.PE)))


def _straddle(ladder: Ladder) -> Decimal:
    return _premium(ladder, Right.CE) + _premium(ladder, Right.PE)


def _premium(ladder: Ladder, right: Right) -> Decimal:
    """The premium at the money. Raises ValueError when it has no price."""
    quote = ladder.quotes.get((ladder.atm, right))
    premium = premium_of(quote) if quote else Decimal(0)
    if premium <= 0:
        raise ValueError(f"the {right} at the money ({ladder.atm}) has no quote")
    return premium


def _premiums(right: Right, ladder: Ladder) -> dict[Decimal, Decimal]:
    premiums = {
        strike: premium_of(ladder.quotes[strike, right])
        for strike in _window(ladder, right)
        if (strike, right) in ladder.quotes
    }
    priced = {strike: premium for strike, premium in premiums.items() if premium > 0}
    if not priced:
        raise ValueError(f"no {right} near the money has a quote")
    return priced


def _window(ladder: Ladder, right: Right) -> list[Decimal]:
    strikes = sorted(ladder.strikes[right])
    position = strikes.index(atm_strike(ladder.spot, strikes))
    return strikes[max(0, position - WINDOW) : position + WINDOW + 1]


def _check_not_cut(strike: Decimal, right: Right, ladder: Ladder) -> None:
    """Raises ValueError for a strike at the edge of the window behind which more are listed: a better one may be
    there, and nobody looked."""
    window, listed = _window(ladder, right), ladder.strikes[right]
    if (strike == window[0] > min(listed)) or (strike == window[-1] < max(listed)):
        raise ValueError(
            f"what is asked for lies beyond {strike}, the last of the {WINDOW} strikes that are looked at on that "
            "side of the money; name the strike itself"
        )


def _reach(premiums: Mapping[Decimal, Decimal]) -> str:
    return f"those near the money reach from {min(premiums.values()):.2f} to {max(premiums.values()):.2f}"
