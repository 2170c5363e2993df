"""Prices, deltas and implied volatilities agree with QuantLib, with parity and with a real option chain."""

import csv
import gzip
import math
import os
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import QuantLib as ql
from hypothesis import assume, example, given
from hypothesis import strategies as st

from lambdas.domain.black76 import (
    delta,
    implied_forward,
    implied_volatility,
    option_price,
    settlement_of,
    years_to,
)
from lambdas.domain.contracts import OPTION_RIGHTS, Right
from tests.doubles.examples import EXPIRY, at

QL_TYPES = {Right.CE: ql.Option.Call, Right.PE: ql.Option.Put}
HALF_PAISA = 0.005
HOUR = 1 / (365 * 24)

RIGHTS = st.sampled_from(OPTION_RIGHTS)
FORWARDS = st.floats(500, 100_000)
MONEYNESS = st.floats(0.5, 2)
YEARS = st.floats(HOUR / 4, 3)
VOLATILITIES = st.floats(0.01, 5)


def near(one: float, other: float) -> bool:
    return abs(one - other) <= max(1e-6 * abs(other), HALF_PAISA)


@given(RIGHTS, FORWARDS, MONEYNESS, YEARS, VOLATILITIES)
def test_prices_are_those_of_quantlib(
    right: Right, forward: float, moneyness: float, years: float, volatility: float
) -> None:
    strike = forward * moneyness
    expected = ql.blackFormula(QL_TYPES[right], strike, forward, volatility * math.sqrt(years))
    assert option_price(right, forward, strike, years, volatility) == pytest.approx(expected, rel=1e-9, abs=1e-7)


@given(RIGHTS, FORWARDS, MONEYNESS, YEARS, VOLATILITIES)
def test_deltas_are_those_of_quantlib(
    right: Right, forward: float, moneyness: float, years: float, volatility: float
) -> None:
    strike = forward * moneyness
    payoff = ql.PlainVanillaPayoff(QL_TYPES[right], strike)
    expected = ql.BlackCalculator(payoff, forward, volatility * math.sqrt(years)).deltaForward()
    assert delta(right, forward, strike, years, volatility) == pytest.approx(expected, abs=1e-9)


@example(Right.CE, 24_000, 1, HOUR / 4, 0.01)
@example(Right.PE, 24_000, 1.0001, HOUR / 4, 0.01)
@example(Right.CE, 24_000, 1.5, 3, 5)
@given(RIGHTS, FORWARDS, MONEYNESS, YEARS, VOLATILITIES)
def test_a_price_gives_the_volatility_that_gives_the_price(
    right: Right, forward: float, moneyness: float, years: float, volatility: float
) -> None:
    strike = forward * moneyness
    premium = option_price(right, forward, strike, years, volatility)
    assume(premium - option_price(right, forward, strike, 0, 0) > HALF_PAISA)
    assume(min(forward, strike) - option_price(right.CE, forward, max(forward, strike), years, volatility) > HALF_PAISA)
    implied = implied_volatility(right, premium, forward, strike, years)
    assert implied is not None
    assert near(option_price(right, forward, strike, years, implied), premium)


@given(RIGHTS, FORWARDS, st.floats(0.9, 1.1), st.floats(1 / 365, 1), st.floats(0.08, 1))
def test_implied_volatilities_are_those_of_quantlib(
    right: Right, forward: float, moneyness: float, years: float, volatility: float
) -> None:
    strike = forward * moneyness
    premium = option_price(right, forward, strike, years, volatility)
    assume(premium - option_price(right, forward, strike, 0, 0) > 0.05)
    implied = implied_volatility(right, premium, forward, strike, years)
    assert implied is not None
    deviation = ql.blackFormulaImpliedStdDev(QL_TYPES[right], strike, forward, premium, 1.0, 0.0, ql.nullDouble(), 1e-9)
    assert implied * math.sqrt(years) == pytest.approx(deviation, rel=1e-6)


@given(RIGHTS, FORWARDS, MONEYNESS, YEARS, st.integers(1, 200_000))
def test_every_listed_price_within_the_bounds_has_a_volatility(
    right: Right, forward: float, moneyness: float, years: float, ticks: int
) -> None:
    strike = forward * moneyness
    time_value = ticks * 0.05
    assume(time_value < 0.99 * min(forward, strike))
    premium = option_price(right, forward, strike, 0, 0) + time_value
    implied = implied_volatility(right, premium, forward, strike, years)
    assert implied is not None
    assert near(option_price(right, forward, strike, years, implied), premium)


def test_five_paise_far_out_of_the_money_an_hour_before_expiry_has_a_volatility() -> None:
    implied = implied_volatility(Right.PE, Decimal("0.05"), Decimal(24_000), Decimal(18_000), HOUR)
    assert implied is not None
    assert option_price(Right.PE, 24_000, 18_000, HOUR, implied) == pytest.approx(0.05, rel=1e-6)
    assert implied > 3


@pytest.mark.parametrize("premium", [1e-9, 1e-150, 1e-290])
def test_a_price_that_vanishes_still_has_its_volatility(premium: float) -> None:
    implied = implied_volatility(Right.CE, premium, 24_000, 48_000, 0.1)
    assert implied is not None
    assert option_price(Right.CE, 24_000, 48_000, 0.1, implied) == pytest.approx(premium, rel=1e-6)


@pytest.mark.parametrize(
    ("right", "premium", "strike", "years"),
    [
        (Right.CE, "1000", 23_000, 0.1),  # the intrinsic value itself
        (Right.CE, "999.95", 23_000, 0.1),
        (Right.PE, "0", 23_000, 0.1),
        (Right.PE, "-0.05", 23_000, 0.1),
        (Right.CE, "24000", 25_000, 0.1),  # a call is never worth the forward
        (Right.PE, "25000", 25_000, 0.1),  # a put is never worth its strike
        (Right.CE, "100", 24_000, 0.0),
        (Right.CE, "100", 24_000, -0.1),
    ],
)
def test_a_price_outside_the_bounds_has_no_volatility(right: Right, premium: str, strike: int, years: float) -> None:
    assert implied_volatility(right, Decimal(premium), Decimal(24_000), Decimal(strike), years) is None


def test_even_the_last_price_below_the_bound_has_a_volatility() -> None:
    implied = implied_volatility(Right.CE, math.nextafter(24_000.0, 0), 24_000.0, 24_000.0, 0.1)
    assert implied is not None
    assert implied > 5


@given(FORWARDS, MONEYNESS, YEARS, VOLATILITIES)
def test_call_less_put_is_forward_less_strike(
    forward: float, moneyness: float, years: float, volatility: float
) -> None:
    strike = forward * moneyness
    call, put = (option_price(right, forward, strike, years, volatility) for right in OPTION_RIGHTS)
    assert call - put == pytest.approx(forward - strike, abs=1e-6)
    deltas = [delta(right, forward, strike, years, volatility) for right in OPTION_RIGHTS]
    assert deltas[0] - deltas[1] == pytest.approx(1)


@given(RIGHTS, FORWARDS, MONEYNESS, YEARS, VOLATILITIES, st.floats(1.001, 2))
def test_more_time_and_more_volatility_never_cheapen_an_option(
    right: Right, forward: float, moneyness: float, years: float, volatility: float, factor: float
) -> None:
    strike = forward * moneyness
    premium = option_price(right, forward, strike, years, volatility)
    assert option_price(right, forward, strike, years * factor, volatility) >= premium - 1e-7
    assert option_price(right, forward, strike, years, volatility * factor) >= premium - 1e-7
    assert premium >= option_price(right, forward, strike, 0, 0)


@given(FORWARDS, MONEYNESS, YEARS, VOLATILITIES, st.floats(1.001, 1.5))
def test_a_higher_forward_makes_calls_dearer_and_puts_cheaper(
    forward: float, moneyness: float, years: float, volatility: float, factor: float
) -> None:
    strike = forward * moneyness
    low, high = [
        [option_price(r, f, strike, years, volatility) for r in OPTION_RIGHTS] for f in (forward, forward * factor)
    ]
    assert high[0] >= low[0] - 1e-7
    assert high[1] <= low[1] + 1e-7


@pytest.mark.parametrize(("years", "volatility"), [(0.0, 0.2), (-1.0, 0.2), (0.1, 0.0)])
def test_without_time_or_volatility_only_the_intrinsic_value_is_left(years: float, volatility: float) -> None:
    assert option_price(Right.CE, 24_100, 24_000, years, volatility) == 100
    assert option_price(Right.PE, 24_100, 24_000, years, volatility) == 0
    steps = [delta(Right.CE, forward, 24_000, years, volatility) for forward in (23_999, 24_000, 24_001)]
    assert steps == [0, 0.5, 1]
    assert delta(Right.PE, 23_999, 24_000, years, volatility) == -1


def test_at_a_worthless_forward_a_put_is_worth_its_strike() -> None:
    assert option_price(Right.PE, 0, 24_000, 0.1, 0.2) == 24_000
    assert option_price(Right.CE, 0, 24_000, 0.1, 0.2) == 0


def test_a_future_has_neither_option_price_nor_delta() -> None:
    with pytest.raises(ValueError, match="no option price"):
        option_price(Right.FUT, 24_000, 0, 0.1, 0.2)
    with pytest.raises(ValueError, match="no option delta"):
        delta(Right.FUT, 24_000, 0, 0.1, 0.2)


def test_the_forward_is_implied_to_the_paisa() -> None:
    assert implied_forward(Decimal(24_000), Decimal("210.35"), Decimal("185.1")) == Decimal("24025.25")


def test_time_runs_to_half_past_three_of_the_expiry() -> None:
    assert settlement_of(EXPIRY) == at("15:30", f"{EXPIRY}")
    assert years_to(EXPIRY, at("15:30", f"{EXPIRY}") - timedelta(days=73)) == pytest.approx(0.2)
    assert years_to(EXPIRY, at("14:30", f"{EXPIRY}")) == pytest.approx(HOUR)
    assert years_to(EXPIRY, datetime.fromisoformat(f"{EXPIRY}T09:00+00:00")) == pytest.approx(HOUR)


@pytest.mark.parametrize("now", ["15:29:30", "15:30", "23:00"])
def test_at_least_a_minute_is_left(now: str) -> None:
    assert years_to(EXPIRY, at(now, f"{EXPIRY}")) == pytest.approx(HOUR / 60)


def test_time_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="has no offset"):
        years_to(EXPIRY, datetime(2026, 11, 23, 9, 20))


def near_chain(folder: Path, day: date) -> tuple[Decimal, date, dict[Decimal, dict[Right, Decimal]]]:
    """Spot, first expiry after the day, and the closing premiums of strikes traded on both sides."""
    chains: dict[date, dict[Decimal, dict[Right, Decimal]]] = defaultdict(lambda: defaultdict(dict))
    spot = Decimal(0)
    with gzip.open(folder / "NIFTY.csv.gz", "rt") as text:
        for row in csv.DictReader(text):
            if row["OptnTp"] and int(row["TtlTradgVol"]) >= 1000:
                spot = Decimal(row["UndrlygPric"])
                strike = Decimal(row["StrkPric"])
                chains[date.fromisoformat(row["XpryDt"])][strike][Right(row["OptnTp"])] = Decimal(row["ClsPric"])
    expiry = min(expiry for expiry in chains if expiry > day)
    return spot, expiry, {strike: sides for strike, sides in chains[expiry].items() if len(sides) == 2}


def test_calls_and_puts_of_real_chains_share_one_sane_volatility() -> None:
    folder = Path(os.environ.get("LEGWISE_MARKET_DATA", Path(__file__).parents[4] / "shared" / "data")) / "bhavcopy"
    days = sorted(folder.glob("*/NIFTY.csv.gz"))
    if not days:
        pytest.skip("market data is not on this machine (LEGWISE_MARKET_DATA)")
    for path in days:
        day = date.fromisoformat(path.parent.name)
        spot, expiry, chain = near_chain(path.parent, day)
        years = years_to(expiry, at("15:30", f"{day}"))
        strikes = sorted(chain, key=lambda strike: abs(strike - spot))[:11]
        forward = implied_forward(strikes[0], chain[strikes[0]][Right.CE], chain[strikes[0]][Right.PE])
        assert abs(forward / spot - 1) < Decimal("0.01")
        for strike in strikes:
            implied = [
                implied_volatility(right, chain[strike][right], forward, strike, years) for right in OPTION_RIGHTS
            ]
            call, put = (volatility or math.nan for volatility in implied)
            assert 0.10 < call < 0.60
            assert call == pytest.approx(put, abs=0.025), f"{day} {strike}"
