"""Payoff curves: exact where all legs expire together, by Black-76 where some live on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.domain.black76 import option_price, settlement_of, years_to
from lambdas.domain.contracts import NO_STRIKE, OPTION_RIGHTS, Contract, Right, Side
from lambdas.domain.payoff import Payoff, PayoffLeg, payoff
from tests.doubles.examples import EXPIRY, at

NOW = at("09:20")
SPOT = Decimal(24_000)
LATER = EXPIRY + timedelta(days=28)
LOT = 65
SPOTS_AWAY = [Decimal(level) for level in (0, 5_000, 22_000, 23_990, 24_000, 24_310, 26_000, 60_000)]


def leg(
    side: Side,
    right: Right,
    strike: int,
    premium: str,
    lots: int = 1,
    expiry: date = EXPIRY,
    volatility: float | None = 0.15,
    forward: str | None = None,
) -> PayoffLeg:
    contract = Contract("NIFTY", expiry, Decimal(strike), right)
    return PayoffLeg(
        contract, side, lots * LOT, Decimal(premium), volatility, None if forward is None else Decimal(forward)
    )


MARKER = leg(Side.BUY, Right.CE, 0, "0")


def payoff_of(*legs: PayoffLeg) -> Payoff:
    return payoff(legs, spot=SPOT, now=NOW)


def at_expiry(legs: Sequence[PayoffLeg], *levels: Decimal) -> list[Decimal]:
    """The curve at any levels, read at strikes put there by options that are bought and sold at once."""
    pairs = [
        replace(MARKER, contract=replace(MARKER.contract, strike=level), side=side) for level in levels for side in Side
    ]
    curve = payoff([*legs, *pairs], spot=SPOT, now=NOW)
    values = {point.underlying: point.at_expiry for point in curve.points}
    return [values[level] for level in levels]


CALL, PUT, FUTURE = Right.CE, Right.PE, Right.FUT
BUY, SELL = Side.BUY, Side.SELL
PREMIUMS = st.integers(1, 40_000).map(lambda ticks: ticks * Decimal("0.05"))
SIZES = st.integers(1, 20).map(lambda lots: lots * LOT)
FORWARDS = st.none() | st.integers(23_800, 24_300).map(Decimal)


def options(expiries: st.SearchStrategy[date]) -> st.SearchStrategy[PayoffLeg]:
    strikes = st.integers(460, 500).map(lambda number: Decimal(50 * number))
    contracts = st.builds(Contract, st.just("NIFTY"), expiries, strikes, st.sampled_from(OPTION_RIGHTS))
    return st.builds(PayoffLeg, contracts, st.sampled_from(Side), SIZES, PREMIUMS, st.floats(0.05, 1), FORWARDS)


def futures(expiries: st.SearchStrategy[date]) -> st.SearchStrategy[PayoffLeg]:
    contracts = st.builds(Contract, st.just("NIFTY"), expiries, st.just(NO_STRIKE), st.just(FUTURE))
    prices = st.integers(23_500, 24_500).map(Decimal)
    return st.builds(PayoffLeg, contracts, st.sampled_from(Side), SIZES, prices, st.none(), FORWARDS)


ONE_EXPIRY = st.lists(options(st.just(EXPIRY)) | futures(st.just(EXPIRY)), min_size=1, max_size=6)
TWO_EXPIRIES = st.sampled_from([EXPIRY, LATER])
MIXED = st.lists(options(TWO_EXPIRIES) | futures(TWO_EXPIRIES), min_size=1, max_size=5).map(
    lambda legs: [leg(SELL, CALL, 24_000, "100"), *legs]
)


class TestKnownStrategies:
    def test_a_short_straddle_earns_its_premium_at_most_and_loses_without_limit(self) -> None:
        curve = payoff_of(leg(SELL, CALL, 24_000, "200.05"), leg(SELL, PUT, 24_000, "180"))
        assert curve.net_premium == curve.max_profit == Decimal("380.05") * LOT
        assert curve.max_loss is None
        assert curve.breakevens == (Decimal("23619.95"), Decimal("24380.05"))

    def test_an_iron_condor_loses_a_wing_less_its_credit(self) -> None:
        curve = payoff_of(
            leg(SELL, CALL, 24_500, "60"),
            leg(BUY, CALL, 24_700, "30"),
            leg(SELL, PUT, 23_500, "50"),
            leg(BUY, PUT, 23_300, "30"),
        )
        assert curve.net_premium == curve.max_profit == 50 * LOT
        assert curve.max_loss == -(200 - 50) * LOT
        assert curve.breakevens == (Decimal(23_450), Decimal(24_550))

    def test_a_bull_call_spread_is_limited_on_both_sides(self) -> None:
        curve = payoff_of(leg(BUY, CALL, 24_000, "200"), leg(SELL, CALL, 24_300, "80"))
        assert curve.net_premium == curve.max_loss == -120 * LOT
        assert curve.max_profit == 180 * LOT
        assert curve.breakevens == (Decimal(24_120),)

    def test_a_long_put_earns_its_strike_at_most_because_nothing_falls_below_zero(self) -> None:
        curve = payoff_of(leg(BUY, PUT, 24_000, "180"))
        assert curve.max_profit == (24_000 - 180) * LOT
        assert curve.max_loss == -180 * LOT
        assert curve.breakevens == (Decimal(23_820),)

    def test_a_short_put_loses_its_strike_at_most(self) -> None:
        curve = payoff_of(leg(SELL, PUT, 24_000, "180"))
        assert curve.max_loss == -(24_000 - 180) * LOT
        assert curve.max_profit == 180 * LOT

    def test_a_naked_short_call_loses_without_limit(self) -> None:
        curve = payoff_of(leg(SELL, CALL, 24_500, "60"))
        assert curve.max_loss is None
        assert curve.max_profit == 60 * LOT
        assert curve.breakevens == (Decimal(24_560),)

    def test_a_long_call_earns_without_limit(self) -> None:
        curve = payoff_of(leg(BUY, CALL, 24_500, "60"))
        assert curve.max_profit is None
        assert curve.max_loss == curve.net_premium == -60 * LOT

    def test_a_ratio_spread_loses_beyond_its_far_breakeven(self) -> None:
        curve = payoff_of(leg(BUY, CALL, 24_000, "200"), leg(SELL, CALL, 24_300, "80", lots=2))
        assert curve.max_profit == (300 - 40) * LOT
        assert curve.max_loss is None
        assert curve.breakevens == (Decimal(24_040), Decimal(24_560))

    def test_a_covered_call_is_a_short_put(self) -> None:
        covered = payoff_of(leg(BUY, FUTURE, 0, "24030"), leg(SELL, CALL, 24_500, "60"))
        put = payoff_of(leg(SELL, PUT, 24_500, "530"))
        assert covered.net_premium == 60 * LOT
        assert covered.max_profit == put.max_profit == 530 * LOT
        assert covered.max_loss == put.max_loss == -23_970 * LOT
        assert covered.breakevens == put.breakevens == (Decimal(23_970),)
        assert [point.at_expiry for point in covered.points] == [point.at_expiry for point in put.points]

    @pytest.mark.parametrize(("side", "limits"), [(BUY, (None, -24_030 * LOT)), (SELL, (24_030 * LOT, None))])
    def test_a_future_alone_is_a_straight_line(self, side: Side, limits: tuple[int | None, int | None]) -> None:
        curve = payoff_of(leg(side, FUTURE, 0, "24030"))
        assert (curve.max_profit, curve.max_loss) == limits
        assert curve.breakevens == (Decimal(24_030),)
        assert curve.net_premium == 0

    def test_a_breakeven_that_is_no_round_number_is_given_to_the_paisa(self) -> None:
        curve = payoff_of(leg(SELL, CALL, 24_000, "100"), leg(SELL, CALL, 24_100, "100", lots=2))
        assert curve.breakevens == (Decimal("24166.67"),)

    def test_of_a_stretch_of_zeros_the_ends_are_breakevens(self) -> None:
        curve = payoff_of(leg(BUY, CALL, 24_000, "50"), leg(SELL, CALL, 24_100, "50"))
        assert curve.breakevens == (Decimal(24_000),)
        fly = payoff_of(
            leg(BUY, PUT, 23_900, "10"),
            leg(SELL, PUT, 23_800, "10"),
            leg(SELL, CALL, 24_100, "10"),
            leg(BUY, CALL, 24_200, "10"),
        )
        assert fly.breakevens == (Decimal(23_900), Decimal(24_100))

    def test_what_cancels_out_has_no_breakeven(self) -> None:
        curve = payoff_of(leg(BUY, CALL, 24_000, "50"), leg(SELL, CALL, 24_000, "50"))
        assert curve.breakevens == ()
        assert curve.max_profit == curve.max_loss == 0


class TestSeveralExpiries:
    NEAR = leg(SELL, CALL, 24_000, "200")
    FAR = leg(BUY, CALL, 24_000, "420", expiry=LATER)

    def test_a_calendar_spread_earns_most_at_its_strike_and_loses_what_it_cost(self) -> None:
        curve = payoff_of(self.NEAR, self.FAR)
        left = option_price(CALL, 24_000, 24_000, years_to(LATER, settlement_of(EXPIRY)), 0.15)
        assert float(curve.max_profit or 0) == pytest.approx((left - 220) * LOT, abs=0.01)
        assert curve.max_loss == curve.net_premium == -220 * LOT
        low, high = curve.breakevens
        assert low < 24_000 < high

    def test_a_later_future_keeps_its_part_of_the_basis_at_the_first_expiry(self) -> None:
        curve = payoff_of(
            leg(SELL, FUTURE, 0, "24030", forward="24030"),
            leg(BUY, FUTURE, 0, "24130", expiry=LATER, forward="24130"),
        )
        kept = years_to(LATER, settlement_of(EXPIRY)) / years_to(LATER, NOW)
        expected = (130 * kept - 100) * LOT
        assert {round(float(point.at_expiry) - expected, 1) for point in curve.points} == {0}
        assert curve.max_profit == curve.max_loss
        assert curve.breakevens == ()

    def test_a_later_call_sold_against_a_nearer_one_loses_without_limit_only_when_it_is_larger(self) -> None:
        even = payoff_of(replace(self.NEAR, side=BUY), replace(self.FAR, side=SELL))
        assert even.max_profit == 220 * LOT
        assert even.max_loss is not None
        larger = payoff_of(replace(self.NEAR, side=BUY), replace(self.FAR, side=SELL, quantity=2 * LOT))
        assert larger.max_loss is None

    @pytest.mark.parametrize("volatility", [0.15, 3])
    def test_far_above_all_strikes_the_limit_counts_as_reached(self, volatility: float) -> None:
        diagonal = payoff_of(self.NEAR, leg(BUY, CALL, 24_500, "150", expiry=LATER, volatility=volatility))
        assert diagonal.max_loss == -450 * LOT

    def test_once_the_first_expiry_is_past_the_others_stand_as_they_stand_now(self) -> None:
        legs = [self.NEAR, leg(BUY, FUTURE, 0, "24100", expiry=LATER, forward="24100")]
        curve = payoff(legs, spot=SPOT, now=settlement_of(EXPIRY) + timedelta(days=14))
        assert next(point.at_expiry for point in curve.points if point.underlying == SPOT) == 200 * LOT

    def test_a_later_option_without_a_volatility_is_refused(self) -> None:
        with pytest.raises(ValueError, match="29 Dec 26 24000 CE outlives the first expiry"):
            payoff_of(self.NEAR, replace(self.FAR, volatility=None))

    @settings(deadline=None)
    @given(MIXED)
    def test_breakevens_are_zeros_within_a_paisa_of_the_underlying(self, legs: list[PayoffLeg]) -> None:
        units = sum(one.quantity for one in legs)
        for level in payoff(legs, spot=SPOT, now=NOW).breakevens:
            if SPOT / 2 < level < SPOT * 2:
                assert abs(at_expiry(legs, level)[0]) <= units * Decimal("0.01")

    @settings(deadline=None)
    @given(MIXED)
    def test_no_point_lies_outside_the_limits(self, legs: list[PayoffLeg]) -> None:
        curve = payoff(legs, spot=SPOT, now=NOW)
        for point in curve.points:
            assert curve.max_profit is None or point.at_expiry <= curve.max_profit
            assert curve.max_loss is None or point.at_expiry >= curve.max_loss

    @pytest.mark.parametrize("side", list(Side))
    def test_a_rounded_summit_or_valley_between_the_levels_is_found(self, side: Side) -> None:
        legs = [leg(side, CALL, 23_000, "1000"), leg(side.opposite, CALL, 24_017, "300", lots=2, expiry=LATER)]
        curve = payoff_of(*legs)
        found = curve.max_profit if side is BUY else curve.max_loss
        scanned = at_expiry(legs, *(Decimal(level) / 2 for level in range(47_800, 48_200)))
        assert found is not None
        assert abs(found - (max(scanned) if side is BUY else min(scanned))) < 1


class TestToday:
    def test_today_every_option_is_worth_its_black_76_price(self) -> None:
        curve = payoff_of(leg(BUY, CALL, 24_000, "200"), leg(SELL, PUT, 23_500, "60", volatility=0.2))
        years = years_to(EXPIRY, NOW)
        for point in curve.points:
            level = float(point.underlying)
            call = option_price(CALL, level, 24_000, years, 0.15) - 200
            put = option_price(PUT, level, 23_500, years, 0.2) - 60
            assert float(point.today or 0) == pytest.approx((call - put) * LOT, abs=0.006)

    def test_an_option_priced_by_its_forward_has_earned_nothing_at_the_spot_today(self) -> None:
        forward = Decimal("24061.35")
        premium = Decimal(option_price(CALL, forward, 24_000, years_to(EXPIRY, NOW), 0.15))
        curve = payoff_of(leg(BUY, CALL, 24_000, f"{premium}", forward=f"{forward}"))
        assert next(point.today for point in curve.points if point.underlying == SPOT) == 0

    def test_a_future_has_earned_nothing_at_the_spot_today_though_it_stands_above_it(self) -> None:
        curve = payoff_of(leg(BUY, FUTURE, 0, "24061.35", forward="24061.35"))
        assert next(point.today for point in curve.points if point.underlying == SPOT) == 0

    def test_without_a_volatility_only_the_curve_at_expiry_is_known(self) -> None:
        curve = payoff_of(leg(BUY, CALL, 24_000, "200"), leg(SELL, CALL, 24_500, "60", volatility=None))
        assert {point.today for point in curve.points} == {None}
        assert curve.max_loss == -140 * LOT

    def test_a_future_needs_no_volatility_today(self) -> None:
        curve = payoff_of(leg(BUY, FUTURE, 0, "24000", volatility=None), leg(SELL, CALL, 24_500, "60"))
        assert None not in {point.today for point in curve.points}

    def test_at_the_expiry_itself_today_is_the_curve_at_expiry(self) -> None:
        legs = [leg(SELL, CALL, 24_000, "200"), leg(SELL, PUT, 24_000, "180")]
        curve = payoff(legs, spot=SPOT, now=at("15:30", f"{EXPIRY}"))
        for point in curve.points:
            if point.underlying != 24_000:
                assert abs((point.today or 0) - point.at_expiry) < LOT


class TestLevels:
    @settings(deadline=None)
    @given(ONE_EXPIRY | MIXED, st.decimals(23_000, 25_000, places=2))
    def test_the_levels_ascend_and_hold_all_strikes_the_spot_and_five_percent_around_it(
        self, legs: list[PayoffLeg], spot: Decimal
    ) -> None:
        levels = [point.underlying for point in payoff(legs, spot=spot, now=NOW).points]
        assert levels == sorted(set(levels))
        assert {spot, *(one.contract.strike for one in legs if one.is_option)} <= set(levels)
        assert levels[0] <= spot * Decimal("0.95")
        assert levels[-1] >= spot * Decimal("1.05")
        assert 60 <= len(levels) <= 75 + len(legs)

    def test_breakevens_near_the_spot_are_in_the_picture(self) -> None:
        curve = payoff_of(leg(SELL, CALL, 24_000, "1200"), leg(SELL, PUT, 24_000, "1100"))
        assert curve.breakevens == (Decimal(21_700), Decimal(26_300))
        assert curve.points[0].underlying < 21_700
        assert curve.points[-1].underlying > 26_300

    def test_a_breakeven_far_away_does_not_shrink_the_picture(self) -> None:
        curve = payoff_of(leg(BUY, CALL, 24_000, "200", lots=100), leg(SELL, CALL, 24_300, "80", lots=101))
        assert curve.breakevens[-1] > 35_000
        assert curve.points[-1].underlying < 26_000

    def test_a_cheap_underlying_is_divided_by_the_paisa_at_least(self) -> None:
        one = PayoffLeg(Contract("X", EXPIRY, Decimal(1), CALL), BUY, 10, Decimal("0.05"))
        levels = [point.underlying for point in payoff([one], spot=Decimal(1), now=NOW).points]
        assert all(level % Decimal("0.01") == 0 for level in levels)
        assert levels[0] >= 0


class TestArithmetic:
    @settings(deadline=None)
    @given(ONE_EXPIRY, ONE_EXPIRY)
    def test_a_payoff_is_the_sum_of_its_legs(self, one: list[PayoffLeg], other: list[PayoffLeg]) -> None:
        parts = zip(at_expiry(one, *SPOTS_AWAY), at_expiry(other, *SPOTS_AWAY), strict=True)
        assert at_expiry(one + other, *SPOTS_AWAY) == [sum(part) for part in parts]

    @settings(max_examples=40, deadline=None)
    @given(MIXED)
    def test_with_several_expiries_too_it_is_the_sum_of_its_legs(self, legs: list[PayoffLeg]) -> None:
        levels = SPOTS_AWAY[2:6]
        first = leg(SELL, CALL, 24_000, "100")
        lone = at_expiry([first], *levels)
        pairs = [at_expiry([first, one], *levels) for one in legs]
        for i, together in enumerate(at_expiry(legs, *levels)):
            assert abs(together - sum(pair[i] - lone[i] for pair in pairs)) <= Decimal("0.01") * (len(legs) + 1)

    @settings(deadline=None)
    @given(ONE_EXPIRY | MIXED)
    def test_reversing_all_sides_reverses_everything(self, legs: list[PayoffLeg]) -> None:
        curve = payoff(legs, spot=SPOT, now=NOW)
        reverse = payoff([replace(one, side=one.side.opposite) for one in legs], spot=SPOT, now=NOW)
        assert [point.at_expiry for point in reverse.points] == [-point.at_expiry for point in curve.points]
        assert reverse.net_premium == -curve.net_premium
        assert reverse.breakevens == curve.breakevens
        assert reverse.max_loss == (None if curve.max_profit is None else -curve.max_profit)
        assert reverse.max_profit == (None if curve.max_loss is None else -curve.max_loss)

    @settings(deadline=None)
    @given(ONE_EXPIRY)
    def test_breakevens_are_zeros_to_the_paisa_and_there_are_no_others(self, legs: list[PayoffLeg]) -> None:
        breakevens = payoff(legs, spot=SPOT, now=NOW).breakevens
        units = sum(one.quantity for one in legs)
        for level in breakevens:
            assert abs(at_expiry(legs, level)[0]) <= units * Decimal("0.005")
        edges = [Decimal(0), *breakevens, Decimal(10_000_000)]
        points = payoff(legs, spot=SPOT, now=NOW).points
        for low, high in pairwise(edges):
            inside = [
                point.at_expiry for point in points if low + Decimal("0.01") < point.underlying < high - Decimal("0.01")
            ]
            assert all(value >= 0 for value in inside) or all(value <= 0 for value in inside)

    @settings(deadline=None)
    @given(ONE_EXPIRY)
    def test_no_level_lies_outside_the_limits_and_the_limits_are_reached(self, legs: list[PayoffLeg]) -> None:
        curve = payoff(legs, spot=SPOT, now=NOW)
        corners = {Decimal(0), *(one.contract.strike for one in legs)}
        values = at_expiry(legs, *corners, *SPOTS_AWAY)
        if curve.max_profit is not None:
            assert max(values) == curve.max_profit
        if curve.max_loss is not None:
            assert min(values) == curve.max_loss

    @settings(deadline=None)
    @given(ONE_EXPIRY)
    def test_beyond_the_last_strike_an_unlimited_curve_goes_on_for_ever(self, legs: list[PayoffLeg]) -> None:
        curve = payoff(legs, spot=SPOT, now=NOW)
        near, far = at_expiry(legs, Decimal(50_000), Decimal(60_000))
        assert (curve.max_profit is None) == (far > near)
        assert (curve.max_loss is None) == (far < near)


@pytest.mark.parametrize(
    ("legs", "spot", "said"),
    [
        ([], "24000", "at least one leg"),
        ([leg(BUY, CALL, 24_000, "50")], "0", "spot must be above 0"),
        ([leg(BUY, CALL, 24_000, "50", lots=0)], "24000", "24000 CE: the quantity must be above 0"),
        (
            [
                leg(BUY, CALL, 24_000, "50"),
                PayoffLeg(Contract("BANKNIFTY", EXPIRY, SPOT, CALL), BUY, 30, Decimal(50)),
            ],
            "24000",
            "share one underlying",
        ),
    ],
)
def test_what_has_no_curve_is_refused(legs: list[PayoffLeg], spot: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        payoff(legs, spot=Decimal(spot), now=NOW)
