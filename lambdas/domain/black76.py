"""European options on a forward: price, delta, implied volatility (Black 1976) with a zero rate.

Index options live for days or weeks. The forward is implied from put-call parity, so the cost of carry is
already in it, and discounting the premium itself over such a time is worth less than a tick.

The mathematics is in floats. Prices are taken as `Decimal` (money) or `float`; what is money again and
exact, `implied_forward`, gives a `Decimal`. Whoever turns a price of this module into money rounds it.
"""

import math
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal

from lambdas.domain.contracts import OPTION_RIGHTS, Right
from lambdas.domain.moments import IST, MINUTE

Price = Decimal | float
Curve = Callable[[float], float]

SETTLEMENT = time(15, 30, tzinfo=IST)
YEAR_SECONDS = 365 * 86_400
MAX_STEPS = 200
PRECISION = 1e-13


def option_price(right: Right, forward: Price, strike: Price, years: float, volatility: float) -> float:
    """Undiscounted premium in the unit of `forward`; the intrinsic value once time or volatility is used up.

    `volatility` is annual (0.15 is 15 %). Raises ValueError for a future.
    """
    if right not in OPTION_RIGHTS:
        raise ValueError("a future has no option price")
    f, k = float(forward), float(strike)
    intrinsic = max(f - k if right is Right.CE else k - f, 0.0)
    return intrinsic + _time_value(f, k, volatility * math.sqrt(max(years, 0.0)))


def delta(right: Right, forward: Price, strike: Price, years: float, volatility: float) -> float:
    """Change of the premium for a change of 1 of the forward: 0 to 1 for a call, −1 to 0 for a put.

    Once time or volatility is used up it is a step, one half at the strike. Raises ValueError for a future.
    """
    if right not in OPTION_RIGHTS:
        raise ValueError("a future has no option delta")
    call = _call_delta(float(forward), float(strike), volatility * math.sqrt(max(years, 0.0)))
    return call if right is Right.CE else call - 1


def implied_volatility(right: Right, premium: Price, forward: Price, strike: Price, years: float) -> float | None:
    """The annual volatility at which `option_price` gives the premium.

    None when there is none: at or below the intrinsic value, at or above the bound that no volatility
    reaches (the forward for a call, the strike for a put), or without time left. Raises ValueError for a
    future.
    """
    f, k = float(forward), float(strike)
    time_value = float(premium) - option_price(right, f, k, 0, 0)
    if years <= 0 or f <= 0 or not 0 < time_value < min(f, k):
        return None
    return _solve(lambda s: _time_value(f, k, s), lambda s: _vega(f, k, s), time_value) / math.sqrt(years)


def implied_forward(strike: Decimal, call_premium: Decimal, put_premium: Decimal) -> Decimal:
    """The forward in rupees at which a call and a put of one strike and expiry agree: K + C − P."""
    return strike + call_premium - put_premium


def years_to(expiry: date, now: datetime) -> float:
    """Calendar time in years of 365 days to 15:30 IST of the expiry, at least one minute.

    Contracts are settled at the index's average around the close. Raises ValueError for a `now` without
    an offset.
    """
    if now.tzinfo is None:
        raise ValueError(f"{now.isoformat()} has no offset")
    left = settlement_of(expiry) - now
    return max(left, MINUTE).total_seconds() / YEAR_SECONDS


def settlement_of(expiry: date) -> datetime:
    """15:30 IST of the expiry."""
    return datetime.combine(expiry, SETTLEMENT)


def _time_value(forward: float, strike: float, deviation: float) -> float:
    """The price of whichever of call and put is out of the money: by parity both have this time value."""
    if min(deviation, forward, strike) <= 0:
        return 0.0
    d1 = math.log(forward / strike) / deviation + deviation / 2
    if forward < strike:
        return max(forward * _normal(d1) - strike * _normal(d1 - deviation), 0.0)
    return max(strike * _normal(deviation - d1) - forward * _normal(-d1), 0.0)


def _call_delta(forward: float, strike: float, deviation: float) -> float:
    if min(deviation, forward, strike) <= 0:
        return 0.5 if forward == strike else float(forward > strike)
    return _normal(math.log(forward / strike) / deviation + deviation / 2)


def _vega(forward: float, strike: float, deviation: float) -> float:
    d1 = math.log(forward / strike) / deviation + deviation / 2
    return forward * math.exp(-d1 * d1 / 2) / math.sqrt(2 * math.pi)


def _solve(price: Curve, slope: Curve, target: float) -> float:
    """The deviation, volatility times the root of time, at which an increasing price meets the target.

    Newton's steps on the logarithm of the price, which is nearly a straight line where the price itself is
    flat; a step that leaves the bracket is replaced by halving it.
    """
    low, high = _bracket(price, target)
    guess = (low + high) / 2
    for _ in range(MAX_STEPS):
        found = price(guess)
        low, high = (guess, high) if found < target else (low, guess)
        following = _newton(guess, found, slope(guess), target)
        if not low < following < high:
            following = (low + high) / 2
        settled = abs(following - guess) <= PRECISION * guess
        guess = following
        if settled:
            break
    return guess


def _bracket(price: Curve, target: float) -> tuple[float, float]:
    high = 2.0**-10
    while price(high) < target:
        high *= 2
    low = high / 2
    while price(low) >= target:
        high, low = low, low / 2
    return low, high


def _newton(guess: float, found: float, slope: float, target: float) -> float:
    if found <= 0 or slope <= 0:
        return -1.0
    return guess - (math.log(found) - math.log(target)) * found / slope


def _normal(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))
