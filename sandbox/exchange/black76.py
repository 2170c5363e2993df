"""Black (1976) price of a European option on a forward, and the smile that feeds it."""

import math

RATE = 0.065
_ONE_DAY = 1 / 365


def option_price(forward: float, strike: float, years: float, volatility: float, right: str) -> float:
    """Premium in the unit of `forward`; call and put share one volatility, so parity holds."""
    discount = math.exp(-RATE * years)
    spread = volatility * math.sqrt(years)
    d1 = math.log(forward / strike) / spread + spread / 2
    call = discount * (forward * _normal(d1) - strike * _normal(d1 - spread))
    return call if right == "CE" else call - discount * (forward - strike)


def forward_price(spot: float, years: float) -> float:
    """The index carried to expiry at the flat rate, no dividends."""
    return spot * math.exp(RATE * years)


def standard_moneyness(forward: float, strike: float, years: float, at_the_money: float) -> float:
    """How many standard deviations the strike is away, limited to 5 either way."""
    deviations = math.log(strike / forward) / (at_the_money * math.sqrt(max(years, _ONE_DAY)))
    return max(-5.0, min(5.0, deviations))


def smile(at_the_money: float, moneyness: float) -> float:
    """Volatility by strike: dearer on the downside, as index options are."""
    return at_the_money * (1 - 0.06 * moneyness + 0.035 * moneyness * moneyness)


def _normal(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))
