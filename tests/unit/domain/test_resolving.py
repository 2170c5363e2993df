"""The legs of a strategy become the same contracts at every broker, each with its reason."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.black76 import delta, years_to
from lambdas.domain.chains import Chain
from lambdas.domain.contracts import NO_STRIKE, OPTION_RIGHTS, Contract, Quote, Right
from lambdas.domain.planning_error import PlanningError
from lambdas.domain.resolving import (
    Market,
    ResolvedLeg,
    contracts_to_quote,
    expiries_of_legs,
    resolve,
)
from tests.doubles.examples import TICK, a_chain, a_contract, a_definition, at, listings_of, otm
from tests.doubles.markets import a_market, model_quotes

MOVED, FIRST, SECOND, MONTHLY = (date.fromisoformat(f"2026-{day}") for day in ("11-23", "12-01", "12-08", "12-29"))
LISTED = [MOVED, FIRST, SECOND, MONTHLY]
LATER = date(2026, 11, 25)


def a_leg(right: str = "CE", side: str = "BUY", **fields: Any) -> dict[str, Any]:
    return {"right": right, "side": side, "lots": 1, **fields}


def by(name: str, **fields: Any) -> dict[str, Any]:
    return {"by": name, **fields}


def expiries(*legs: dict[str, Any], day: date = LATER, **listed: list[date]) -> tuple[date, ...]:
    return expiries_of_legs(a_definition(legs=legs), listed or {"zerodha": LISTED}, day)


def chains_of(broker: str = "zerodha", *, of: tuple[date, ...] = (FIRST,), strikes: range | None = None) -> list[Chain]:
    return [a_chain(broker, listings_of(*(strikes or ()), expiry=expiry)) for expiry in of]


def resolved(market: Market, *legs: dict[str, Any], at_expiries: tuple[date, ...] = ()) -> tuple[ResolvedLeg, ...]:
    return resolve(a_definition(legs=legs), at_expiries or (FIRST,) * len(legs), market)


class TestExpiries:
    def test_each_leg_has_its_own_expiry(self) -> None:
        legs = [a_leg(expiry={"kind": kind}) for kind in ("next_week", "nearest", "current_month")]
        assert expiries(*legs) == (SECOND, FIRST, MONTHLY)

    def test_a_future_knows_monthly_expiries_only(self) -> None:
        assert expiries(a_leg("FUT"), a_leg("CE")) == (MONTHLY, FIRST)
        assert expiries(a_leg("FUT", expiry={"kind": "days_to_expiry", "days": 1}), day=MOVED) == (MONTHLY,)

    def test_on_its_last_day_the_moved_monthly_is_current_for_options_and_futures(self) -> None:
        assert expiries(a_leg("FUT"), a_leg("PE"), day=MOVED) == (MOVED, MOVED)

    def test_brokers_that_agree_may_list_different_far_expiries(self) -> None:
        assert expiries(a_leg(), zerodha=LISTED, angel_one=[FIRST]) == (FIRST,)

    def test_brokers_that_disagree_are_both_named_with_what_they_say(self) -> None:
        with pytest.raises(PlanningError) as caught:
            expiries(a_leg(), a_leg(expiry={"kind": "next_week"}), zerodha=LISTED, angel_one=[FIRST, MONTHLY])
        assert str(caught.value) == (
            "legs[2]: the brokers' masters disagree on the next_week expiry: angel_one 2026-12-29, zerodha 2026-12-08"
        )

    @pytest.mark.parametrize("listed", [[], [MOVED]])
    def test_a_broker_that_lists_none_is_named(self, listed: list[date]) -> None:
        with pytest.raises(PlanningError, match=r"legs\[1\]: no listed expiry on or after 2026-11-25.* at angel_one$"):
            expiries(a_leg(), zerodha=LISTED, angel_one=listed)


class TestStrikes:
    def test_every_broker_gets_the_same_contract_from_what_all_of_them_list(self) -> None:
        market = a_market(
            *chains_of(strikes=range(24000, 25001, 50)), *chains_of("angel_one", strikes=range(24000, 25001, 100))
        )
        legs = resolved(market, a_leg(), a_leg(strike=otm(1)), a_leg("PE", strike=otm(1)))
        assert [int(leg.contract.strike) for leg in legs] == [24500, 24600, 24400]
        assert {leg.contract for leg in legs} <= set(market.chains["zerodha"][FIRST].listings)
        assert {leg.contract for leg in legs} <= set(market.chains["angel_one"][FIRST].listings)

    def test_a_strike_that_one_broker_lacks_is_refused_and_the_nearest_of_both_named(self) -> None:
        market = a_market(*chains_of(), *chains_of("angel_one", strikes=range(24000, 25001, 100)))
        with pytest.raises(PlanningError, match=r"legs\[1\]: strike 24550 is not listed; the nearest is 24500"):
            resolved(market, a_leg(strike=by("strike", strike=24550)))

    def test_brokers_without_a_common_strike_refuse_the_leg(self) -> None:
        market = a_market(
            *chains_of(strikes=range(24000, 24500, 100)), *chains_of("angel_one", strikes=range(24050, 24500, 100))
        )
        with pytest.raises(PlanningError, match=r"legs\[1\]: no strike is listed"):
            resolved(market, a_leg())

    def test_a_broker_without_that_right_is_named(self) -> None:
        calls = [row for row in listings_of() if row.contract.right is Right.CE]
        market = a_market(*chains_of(), a_chain("angel_one", calls))
        with pytest.raises(PlanningError, match=r"legs\[2\]: no PE of 01 Dec 26 is listed at angel_one"):
            resolved(market, a_leg("CE"), a_leg("PE"))

    def test_a_future_has_no_strike_and_asks_for_no_price(self) -> None:
        (leg,) = resolved(a_market(*chains_of(of=(MONTHLY,))), a_leg("FUT"), at_expiries=(MONTHLY,))
        assert leg.contract == Contract("NIFTY", MONTHLY, NO_STRIKE, Right.FUT)
        assert leg.reason == "nearest expiry (29 Dec)"

    def test_a_calendar_spread_chooses_in_each_expiry_by_its_own_prices(self) -> None:
        market = a_market(*chains_of(of=(FIRST, SECOND), strikes=range(23500, 25501, 50)))
        contracts = [contract for chain in market.chains["zerodha"].values() for contract in chain.listings]
        market = a_market(
            *market.chains["zerodha"].values(), quotes=model_quotes(contracts, market.spot, 0.13, market.at)
        )
        premium = by("closest_premium", premium="100")
        near, far = resolved(
            market,
            a_leg(side="SELL", strike=premium),
            a_leg(strike=premium, expiry={"kind": "next_week"}),
            at_expiries=(FIRST, SECOND),
        )
        assert (near.contract.expiry, far.contract.expiry) == (FIRST, SECOND)
        assert near.contract.strike < far.contract.strike
        for leg in (near, far):
            assert abs(market.quotes[leg.contract].last - 100) < 20

    def test_the_reason_says_expiry_rule_and_price(self) -> None:
        quotes = {a_contract(24600): Quote(Decimal("98.50")), a_contract(24650): Quote(Decimal("81"))}
        legs = resolved(
            a_market(*chains_of(), quotes=quotes),
            a_leg(strike=by("premium_at_most", premium="100")),
            a_leg(strike=otm(2), expiry={"kind": "days_to_expiry", "days": 7}),
        )
        assert [(leg.number, leg.reason) for leg in legs] == [
            (1, "nearest expiry (01 Dec); premium 98.50 is the nearest premium of at most 100"),
            (2, "expiry at least 7 days away (01 Dec); OTM2 at spot 24512.30"),
        ]

    def test_what_a_rule_does_not_find_names_the_leg(self) -> None:
        with pytest.raises(PlanningError, match=r"legs\[2\]: no CE near the money has a quote$"):
            resolved(a_market(*chains_of()), a_leg(), a_leg(strike=by("closest_premium", premium="100")))

    def test_a_delta_is_found_days_and_minutes_before_the_expiry(self) -> None:
        chains = chains_of(strikes=range(23000, 26001, 50))
        for moment in (at("09:19:45"), at("15:00", "2026-12-01")):
            quotes = model_quotes(chains[0].listings, Decimal(24580), 0.14, moment)
            (leg,) = resolved(a_market(*chains, at=moment, quotes=quotes), a_leg(strike=by("delta", delta="0.3")))
            meant = delta(Right.CE, 24580.0, float(leg.contract.strike), years_to(FIRST, moment), 0.14)
            step = abs(meant - delta(Right.CE, 24580.0, float(leg.contract.strike) - 50, years_to(FIRST, moment), 0.14))
            assert abs(meant - 0.3) <= step


class TestQuotesToAskFor:
    def test_only_legs_that_go_by_price_ask_and_each_in_its_own_expiry(self) -> None:
        market = a_market(*chains_of(of=(FIRST, SECOND, MONTHLY)))
        definition = a_definition(
            legs=[
                a_leg(),
                a_leg(strike=by("straddle_width", times=1)),
                a_leg("FUT"),
                a_leg("PE", strike=by("strike", strike=24500)),
            ]
        )
        wanted = contracts_to_quote(definition, (FIRST, SECOND, MONTHLY, FIRST), market)
        assert wanted == {a_contract(24500, right, expiry=SECOND) for right in OPTION_RIGHTS}

    def test_only_what_every_broker_lists_is_asked_for(self) -> None:
        market = a_market(*chains_of(), *chains_of("angel_one", strikes=range(24000, 25001, 100)))
        definition = a_definition(legs=[a_leg(strike=by("closest_premium", premium="100"))])
        wanted = contracts_to_quote(definition, (FIRST,), market)
        assert {int(contract.strike) for contract in wanted} == set(range(24000, 25001, 100))

    def test_an_empty_chain_names_the_leg(self) -> None:
        puts = [row for row in listings_of() if row.contract.right is Right.PE]
        definition = a_definition(legs=[a_leg(strike=by("delta", delta="0.3"))])
        with pytest.raises(PlanningError, match=r"legs\[1\]: no CE of 01 Dec 26 is listed at zerodha"):
            contracts_to_quote(definition, (FIRST,), a_market(a_chain(listings=puts)))


@given(
    st.sets(st.integers(470, 510), min_size=1),
    st.sets(st.integers(470, 510), min_size=1),
    st.sampled_from([otm(1), otm(3), None, by("percent_of_atm", percent="1"), by("delta", delta="0.4")]),
    st.sampled_from(["CE", "PE"]),
)
def test_a_contract_is_listed_at_all_brokers_or_the_leg_is_refused(
    here: set[int], there: set[int], strike: dict[str, Any] | None, right: str
) -> None:
    chains = [
        a_chain(broker, listings_of(*(50 * step for step in steps)))
        for broker, steps in (("zerodha", here), ("angel_one", there))
    ]
    quotes = model_quotes(chains[0].listings, Decimal("24512.30"), 0.14, TICK.instant)
    market, leg = a_market(*chains, quotes=quotes), a_leg(right, strike=strike)
    if not here & there:
        with pytest.raises(PlanningError, match=r"legs\[1\]: no strike is listed"):
            resolved(market, leg)
        return
    with suppress(PlanningError):
        (found,) = resolved(market, leg)
        assert all(found.contract in chain.listings for chain in chains)
