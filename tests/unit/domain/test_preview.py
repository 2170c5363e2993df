"""What a strategy would be at quotes that a test knows: forwards, volatilities, orders, payoff and margin."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lambdas.domain.contracts import OPTION_RIGHTS, Contract, Quote, Right
from lambdas.domain.planning_error import PlanningError
from lambdas.domain.preview import PreviewLeg, at_the_money, forward_of, margin_of, payoff_of, preview_legs
from lambdas.domain.resolving import Market, ResolvedLeg
from lambdas.domain.rounding import lots_of_legs
from lambdas.domain.strategy import StrategyDefinition
from tests.doubles.examples import EXPIRY, FREEZE, a_chain, a_contract, a_definition, a_listing, at, listings_of
from tests.doubles.markets import a_market, model_quotes

SPOT = Decimal("24512.30")
FORWARD = Decimal("24560")
NOW = at("09:19:45")
BROKERS = {"zerodha-one": "zerodha", "angel-one": "angel_one"}
LEGS = [{"right": "CE", "side": "SELL", "lots": 2}, {"right": "CE", "side": "BUY", "lots": 2}]


def quotes(*strikes: int, volatility: float = 0.14) -> dict[Contract, Quote]:
    """The model's quotes of calls and puts at these strikes."""
    contracts = [a_contract(strike, right) for strike in strikes for right in OPTION_RIGHTS]
    return model_quotes(contracts, FORWARD, volatility, NOW)


def market(**changes: Any) -> Market:
    """Both brokers list the chain of one expiry."""
    return a_market(a_chain("zerodha"), a_chain("angel_one"), spot=SPOT, at=NOW, **changes)


def resolved(definition: StrategyDefinition, *strikes: int) -> list[ResolvedLeg]:
    """The legs with these strikes."""
    return [
        ResolvedLeg(number, leg, a_contract(strike, leg.right), "asked for")
        for number, (leg, strike) in enumerate(zip(definition.legs, strikes, strict=True), 1)
    ]


def legs_of(where: Market, *strikes: int, max_lots_per_leg: int = 10_000, **changes: Any) -> tuple[PreviewLeg, ...]:
    definition = a_definition(**{"legs": LEGS, **changes})
    return preview_legs(
        resolved(definition, *strikes),
        lots_of_legs(definition),
        where,
        brokers=BROKERS,
        freeze_quantities=FREEZE,
        max_lots_per_leg=max_lots_per_leg,
    )


class TestForward:
    def test_the_forward_is_the_one_that_the_straddle_was_priced_from(self) -> None:
        found = forward_of(EXPIRY, market(quotes=quotes(24500)))
        assert found is not None
        assert abs(found - FORWARD) <= Decimal("0.05")

    @pytest.mark.parametrize("right", OPTION_RIGHTS)
    def test_half_a_straddle_implies_none(self, right: Right) -> None:
        known = {contract: quote for contract, quote in quotes(24500).items() if contract.right is not right}
        assert forward_of(EXPIRY, market(quotes=known)) is None

    def test_the_straddle_is_at_a_strike_that_every_broker_lists_on_both_sides(self) -> None:
        odd = [row for row in listings_of() if row.contract != a_contract(24500, Right.PE)]
        where = a_market(a_chain("zerodha"), a_chain("angel_one", odd), spot=SPOT, at=NOW)
        legs = resolved(a_definition(legs=LEGS), 24600, 24700)
        assert at_the_money(legs, where) == {a_contract(24550, right) for right in OPTION_RIGHTS}

    def test_chains_without_a_common_strike_have_no_straddle(self) -> None:
        where = a_market(
            a_chain("zerodha", listings_of(24500)), a_chain("angel_one", listings_of(24550)), spot=SPOT, at=NOW
        )
        assert at_the_money(resolved(a_definition(legs=LEGS), 24500, 24550), where) == set()
        assert forward_of(EXPIRY, where) is None


class TestLegs:
    @given(some.floats(0.08, 0.6))
    def test_the_volatility_is_the_one_that_the_quotes_were_priced_with(self, volatility: float) -> None:
        where = market(quotes=quotes(24500, 24700, volatility=volatility))
        for leg in legs_of(where, 24500, 24700):
            assert leg.volatility == pytest.approx(volatility, abs=0.002)

    def test_without_a_straddle_or_a_quote_no_volatility_is_told(self) -> None:
        far = quotes(24700)
        assert [leg.volatility for leg in legs_of(market(quotes=far), 24700, 24700)] == [None, None]
        near = legs_of(market(quotes=quotes(24500)), 24500, 24700)
        assert near[0].volatility is not None
        assert (near[1].volatility, near[1].quote, near[1].premium) == (None, None, None)

    def test_a_future_has_a_premium_and_no_volatility(self) -> None:
        future = a_contract(0, Right.FUT)
        chain = a_chain("zerodha", [*listings_of(), a_listing(future, symbol="NIFTYFUT", token="1")])
        where = a_market(chain, spot=SPOT, at=NOW, quotes={**quotes(24500), future: Quote(FORWARD)})
        (leg,) = legs_of(where, 0, legs=[{"right": "FUT", "side": "BUY", "lots": 1}])
        assert (leg.premium, leg.volatility, leg.quantity) == (FORWARD, None, 65)

    @given(some.integers(1, 400), some.integers(1, 5), some.integers(1, 5))
    def test_slices_add_up_and_none_is_above_the_freeze_quantity(self, lots: int, one: int, two: int) -> None:
        allocation = [{"account_id": "zerodha-one", "weight": one}, {"account_id": "angel-one", "weight": two}]
        legs = [{"right": "CE", "side": "BUY", "lots": lots}]
        (leg,) = legs_of(market(), 24500, legs=legs, allocation=allocation)
        assert leg.quantity == lots * 65
        for order in leg.orders:
            assert sum(order.slices) == order.quantity == order.share.lots * 65
            assert all(0 < units <= FREEZE["NIFTY"] and units % 65 == 0 for units in order.slices)

    def test_lots_beyond_the_limit_are_counted_and_not_cut(self) -> None:
        (leg,) = legs_of(market(), 24500, legs=[{"right": "CE", "side": "BUY", "lots": 9}], max_lots_per_leg=8)
        assert [(order.slices, order.quantity) for order in leg.orders] == [((), 585)]

    def test_a_contract_that_a_broker_does_not_list_is_named_with_it(self) -> None:
        where = a_market(a_chain("zerodha"), a_chain("angel_one", listings_of(24500)), spot=SPOT, at=NOW)
        allocation = [{"account_id": account} for account in BROKERS]
        with pytest.raises(PlanningError, match=r"legs\[2\]: NIFTY 01 Dec 26 24700 CE is not listed at angel_one"):
            legs_of(where, 24500, 24700, allocation=allocation)

    def test_every_account_gets_the_symbol_of_its_own_broker(self) -> None:
        rows = listings_of(24500, symbol="OTHER")
        where = a_market(a_chain("zerodha"), a_chain("angel_one", rows), spot=SPOT, at=NOW)
        legs = [{"right": "CE", "side": "BUY", "lots": 2}]
        (leg,) = legs_of(where, 24500, legs=legs, allocation=[{"account_id": account} for account in BROKERS])
        assert [order.listing.symbol for order in leg.orders] == ["NIFTY24500CE", "OTHER"]


def priced(*, volatility: float = 0.14) -> tuple[Sequence[PreviewLeg], Market]:
    where = market(quotes=quotes(24500, 24700, volatility=volatility))
    return legs_of(where, 24500, 24700), where


class TestEstimates:
    def test_a_bear_call_spread_earns_its_premium_and_loses_the_rest_of_its_width(self) -> None:
        legs, where = priced()
        short, hedge = legs[0].premium, legs[1].premium
        assert short is not None
        assert hedge is not None
        found = payoff_of(legs, where)
        assert found.max_profit == 130 * (short - hedge)
        assert found.max_loss == found.max_profit - 130 * 200
        assert found.breakevens == (24500 + short - hedge,)

    def test_the_value_today_at_the_spot_is_nothing_as_prices_are_those_of_now(self) -> None:
        legs, where = priced()
        at_spot = next(point for point in payoff_of(legs, where).points if point.underlying == SPOT)
        assert at_spot.today is not None
        assert abs(at_spot.today) < 130

    def test_a_hedge_lowers_the_margin(self) -> None:
        legs, where = priced()
        assert margin_of(legs, where).total < margin_of(legs[:1], where).total

    @pytest.mark.parametrize("estimate", [payoff_of, margin_of])
    def test_a_leg_without_a_price_is_named(self, estimate: Any) -> None:
        where = market(quotes=quotes(24500))
        with pytest.raises(ValueError, match=r"legs\[2\]: NIFTY 01 Dec 26 24700 CE has no price now"):
            estimate(legs_of(where, 24500, 24700), where)

    @pytest.mark.parametrize("estimate", [payoff_of, margin_of])
    def test_a_price_of_nothing_is_no_price(self, estimate: Any) -> None:
        where = market(quotes={**quotes(24500), a_contract(24700): Quote(Decimal(0))})
        with pytest.raises(ValueError, match=r"legs\[2\]"):
            estimate(legs_of(where, 24500, 24700), where)
