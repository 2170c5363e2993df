"""The margin estimate rewards hedges, never falls below zero and stays near what a broker's calculator showed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.black76 import option_price, years_to
from lambdas.domain.contracts import NO_STRIKE, OPTION_RIGHTS, Contract, Right, Side
from lambdas.domain.margin import MarginLeg, estimate_margin
from tests.doubles.examples import EXPIRY, at

NOW = at("09:20")
SPOT = Decimal(24_000)
LATER = date(2026, 12, 29)
QUANTITY = 65


def leg(
    side: Side,
    right: Right,
    strike: int = 0,
    premium: str = "50",
    quantity: int = QUANTITY,
    expiry: date = EXPIRY,
    volatility: float | None = 0.15,
) -> MarginLeg:
    return MarginLeg(Contract("NIFTY", expiry, Decimal(strike), right), side, quantity, Decimal(premium), volatility)


SHORT_STRANGLE = [leg(Side.SELL, Right.CE, 24_500), leg(Side.SELL, Right.PE, 23_500)]
WINGS = [leg(Side.BUY, Right.CE, 24_700, "30"), leg(Side.BUY, Right.PE, 23_300, "30")]

PREMIUMS = st.integers(1, 100_000).map(lambda ticks: ticks * Decimal("0.05"))
OPTIONS = st.builds(
    MarginLeg,
    st.builds(
        Contract,
        st.just("NIFTY"),
        st.sampled_from([EXPIRY, LATER]),
        st.integers(440, 520).map(lambda number: Decimal(50 * number)),
        st.sampled_from(OPTION_RIGHTS),
    ),
    st.sampled_from(Side),
    st.integers(1, 100).map(lambda lots: lots * QUANTITY),
    PREMIUMS,
    st.none() | st.floats(0.05, 1.5),
)
FUTURES = st.builds(
    MarginLeg,
    st.just(Contract("NIFTY", EXPIRY, NO_STRIKE, Right.FUT)),
    st.sampled_from(Side),
    st.integers(1, 10).map(lambda lots: lots * QUANTITY),
    PREMIUMS,
)
BASKETS = st.lists(OPTIONS | FUTURES, max_size=6)


@given(BASKETS)
def test_no_part_is_negative_and_the_parts_make_the_total(legs: list[MarginLeg]) -> None:
    margin = estimate_margin(legs, spot=SPOT, now=NOW)
    parts = (margin.scan_risk, margin.exposure, margin.premium_paid)
    assert min(parts) >= 0
    assert margin.total == sum(parts)


@given(BASKETS, OPTIONS)
def test_a_bought_option_never_raises_the_scan_risk(legs: list[MarginLeg], option: MarginLeg) -> None:
    hedged = estimate_margin([*legs, replace(option, side=Side.BUY)], spot=SPOT, now=NOW)
    assert hedged.scan_risk <= estimate_margin(legs, spot=SPOT, now=NOW).scan_risk


@given(BASKETS, BASKETS)
def test_two_baskets_together_never_need_more_than_apart(one: list[MarginLeg], other: list[MarginLeg]) -> None:
    together = estimate_margin(one + other, spot=SPOT, now=NOW).total
    apart = sum(estimate_margin(legs, spot=SPOT, now=NOW).total for legs in (one, other))
    assert together <= apart + Decimal("0.05")


@given(BASKETS, st.integers(2, 50))
def test_margin_grows_as_the_quantity(legs: list[MarginLeg], times: int) -> None:
    one = estimate_margin(legs, spot=SPOT, now=NOW)
    many = estimate_margin([replace(leg, quantity=leg.quantity * times) for leg in legs], spot=SPOT, now=NOW)
    assert abs(many.total - times * one.total) <= times * Decimal("0.01")


@given(BASKETS, st.integers())
def test_the_order_of_the_legs_does_not_count(legs: list[MarginLeg], seed: int) -> None:
    shuffled = list(legs)
    Random(seed).shuffle(shuffled)
    assert estimate_margin(shuffled, spot=SPOT, now=NOW) == estimate_margin(legs, spot=SPOT, now=NOW)


@given(OPTIONS)
def test_a_bought_option_needs_its_premium_and_nothing_else(option: MarginLeg) -> None:
    margin = estimate_margin([replace(option, side=Side.BUY)], spot=SPOT, now=NOW)
    assert margin.total == margin.premium_paid == option.quantity * option.premium


def test_a_naked_strangle_needs_more_than_twice_what_the_condor_around_it_needs() -> None:
    naked = estimate_margin(SHORT_STRANGLE, spot=SPOT, now=NOW)
    condor = estimate_margin([*SHORT_STRANGLE, *WINGS], spot=SPOT, now=NOW)
    assert naked.total > 2 * condor.total
    assert naked.exposure == condor.exposure == Decimal("0.02") * SPOT * 2 * QUANTITY


def test_a_condor_risks_at_most_the_width_of_one_wing() -> None:
    scan_risk = estimate_margin([*SHORT_STRANGLE, *WINGS], spot=SPOT, now=NOW).scan_risk
    width = Decimal(200 * QUANTITY)
    assert width * Decimal("0.98") < scan_risk <= width


def test_one_side_of_a_strangle_is_covered_by_the_scan_of_the_other() -> None:
    call, put = ([leg] for leg in SHORT_STRANGLE)
    strangle = estimate_margin(call + put, spot=SPOT, now=NOW).scan_risk
    sides = [estimate_margin(side, spot=SPOT, now=NOW).scan_risk for side in (call, put)]
    assert max(sides) <= strangle < max(sides) * Decimal("1.1")


@pytest.mark.parametrize("side", list(Side))
def test_a_future_risks_the_price_scan_either_way(side: Side) -> None:
    margin = estimate_margin([leg(side, Right.FUT, premium="24030")], spot=SPOT, now=NOW)
    assert margin.scan_risk == Decimal("0.093") * SPOT * QUANTITY
    assert margin.exposure == Decimal("0.02") * SPOT * QUANTITY
    assert margin.premium_paid == 0


@pytest.mark.parametrize(("volatility", "scanned"), [(0.10, 0.14), (0.16, 0.20), (0.40, 0.50)])
def test_a_short_is_scanned_a_quarter_of_its_volatility_up_and_at_least_four_points(
    volatility: float, scanned: float
) -> None:
    short = leg(Side.SELL, Right.CE, 25_000, expiry=LATER, volatility=volatility)
    worst = option_price(Right.CE, float(SPOT) * 1.093, 25_000, years_to(LATER, NOW), scanned) * QUANTITY
    assert float(estimate_margin([short], spot=SPOT, now=NOW).scan_risk) == pytest.approx(worst, abs=0.006)


def test_an_option_far_beyond_the_scan_counts_by_the_weighted_extreme_moves() -> None:
    worthless = leg(Side.SELL, Right.CE, 27_500, "0.05", volatility=0.10)
    move = 2 * Decimal("0.093") * SPOT
    expected = Decimal("0.35") * (SPOT + move - 27_500) * QUANTITY
    assert estimate_margin([worthless], spot=SPOT, now=NOW).scan_risk == pytest.approx(expected, rel=Decimal("0.01"))


def test_a_worthless_sold_option_still_needs_its_exposure_margin() -> None:
    margin = estimate_margin([leg(Side.SELL, Right.CE, 40_000, "0.05")], spot=SPOT, now=NOW)
    assert margin.scan_risk == 0
    assert margin.total == Decimal("0.02") * SPOT * QUANTITY


def test_a_contract_bought_and_sold_has_no_exposure_and_no_scan_risk() -> None:
    margin = estimate_margin([leg(Side.SELL, Right.CE, 24_500), leg(Side.BUY, Right.CE, 24_500)], spot=SPOT, now=NOW)
    assert margin.exposure == margin.scan_risk == 0


@pytest.mark.parametrize(("moment", "share"), [("2026-11-30", "0.02"), (f"{EXPIRY}", "0.04")])
def test_a_short_needs_two_percent_more_on_the_day_it_expires(moment: str, share: str) -> None:
    legs = [*SHORT_STRANGLE, *WINGS]
    margin = estimate_margin(legs, spot=SPOT, now=at("09:20", moment))
    assert margin.exposure == Decimal(share) * SPOT * 2 * QUANTITY


def test_a_future_needs_no_more_on_the_day_it_expires() -> None:
    margin = estimate_margin([leg(Side.BUY, Right.FUT)], spot=SPOT, now=at("09:20", f"{EXPIRY}"))
    assert margin.exposure == Decimal("0.02") * SPOT * QUANTITY


def test_legs_without_a_quote_are_valued_at_twenty_percent_and_counted_in_the_method() -> None:
    unquoted = [
        replace(SHORT_STRANGLE[0], volatility=None),
        SHORT_STRANGLE[1],
        leg(Side.BUY, Right.FUT, volatility=None),
    ]
    assumed = [replace(unquoted[0], volatility=0.20), *unquoted[1:]]
    margin, same = (estimate_margin(legs, spot=SPOT, now=NOW) for legs in (unquoted, assumed))
    assert margin.total == same.total
    assert "1 of 2 option legs had no usable quote and are valued at a volatility of 20%" in margin.method
    assert "no usable quote" not in same.method
    assert "authoritative" in same.method


def test_a_volatility_of_zero_is_not_taken_for_a_missing_one() -> None:
    zero, missing = (
        estimate_margin([leg(Side.SELL, Right.CE, 24_500, volatility=volatility)], spot=SPOT, now=NOW)
        for volatility in (0.0, None)
    )
    assert zero.scan_risk < missing.scan_risk
    assert "no usable quote" not in zero.method


def test_nothing_needs_nothing() -> None:
    assert estimate_margin([], spot=SPOT, now=NOW).total == 0


@pytest.mark.parametrize(
    ("legs", "rupees", "tolerance"),
    [
        ([leg(Side.SELL, Right.CE, 23_700, "437.65", expiry=date(2026, 6, 30), volatility=0.183)], 173_159, 0.04),
        ([leg(Side.BUY, Right.FUT, premium="23748", expiry=date(2026, 6, 30))], 174_539, 0.02),
    ],
)
def test_estimates_are_near_what_a_broker_showed_on_29_may_2026(
    legs: list[MarginLeg], rupees: int, tolerance: float
) -> None:
    margin = estimate_margin(legs, spot=Decimal("23547.75"), now=at("15:30", "2026-05-29"))
    assert float(margin.total) == pytest.approx(rupees, rel=tolerance)


@pytest.mark.parametrize(
    ("legs", "spot", "said"),
    [
        (SHORT_STRANGLE, "0", "spot must be above 0"),
        ([replace(SHORT_STRANGLE[0], quantity=0)], "24000", "NIFTY 01 Dec 26 24500 CE: the quantity must be above 0"),
        (
            [*SHORT_STRANGLE, MarginLeg(Contract("BANKNIFTY", EXPIRY, SPOT, Right.CE), Side.SELL, 30, Decimal(50))],
            "24000",
            "one underlying at a time",
        ),
    ],
)
def test_what_cannot_be_estimated_is_refused(legs: list[MarginLeg], spot: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        estimate_margin(legs, spot=Decimal(spot), now=NOW)
