"""The preview over the API."""

from decimal import Decimal
from typing import Any

import pytest

from lambdas.domain.contracts import Quote, Right
from tests.doubles.examples import TICK, a_contract, a_listing, an_account, listings_of
from tests.unit.api.house import DEFINITION, OTHER, House, store


def preview(house: House, **changes: Any) -> Any:
    status, shown = house.ask("POST", "/strategies/preview", body={**DEFINITION, **changes})
    assert status == 200
    return shown


def test_a_spread_over_two_brokers_is_shown_with_everything(house: House) -> None:
    house.link()
    house.link("angel-one", broker="angel_one")
    allocation = [{"account_id": "zerodha-one", "weight": 2}, {"account_id": "angel-one"}]
    shown = preview(house, allocation=allocation, multiplier="0.75")
    assert (shown["problems"], shown["no_market"]) == ([], None)
    assert shown["lots"][0] == {
        "leg": 1,
        "exact_lots": "1.5",
        "lots": 1,
        "accounts": [
            {"account_id": "zerodha-one", "exact_lots": "1", "lots": 1},
            {"account_id": "angel-one", "exact_lots": "0.5", "lots": 0},
        ],
    }
    assert "legs[1]: 1.5 lots became 1" in shown["rounding"]
    assert [day["date"] for day in shown["coming"] if day["runs"]][-1] == "2026-12-28"
    assert all(day["reason"] for day in shown["coming"])
    market = shown["at_market"]
    assert (market["spot"], market["quoted_by"], market["warnings"]) == ("24512.30", "angel-one", [])
    short, hedge = market["legs"]
    assert (short["contract"], short["strike"], short["side"]) == ("NIFTY 01 Dec 26 24500 CE", "24500", "SELL")
    assert (hedge["strike"], hedge["quantity"]) == ("24700", 65)
    assert float(short["premium"]) > float(hedge["premium"]) > 0
    assert short["implied_volatility"] == pytest.approx(0.14, abs=0.005)
    assert [(one["account_id"], one["slices"]) for one in short["orders"]] == [("zerodha-one", [65]), ("angel-one", [])]
    assert float(market["margin"]["total"]) > 0
    assert len(market["payoff"]["points"]) > 50
    assert len(market["payoff"]["breakevens"]) == 1


def test_a_future_has_no_strike_and_no_limits(house: House) -> None:
    broker = house.link()
    future = a_listing(a_contract(0, Right.FUT), symbol="NIFTYFUT", token="1")
    store(house.contracts.save_listings("zerodha", TICK.date, [*listings_of(), future]))
    broker.quoted["NIFTYFUT"] = Quote(Decimal("24560"))
    shown = preview(house, legs=[{"right": "FUT", "side": "BUY", "lots": 1}])
    (leg,) = shown["at_market"]["legs"]
    assert (leg["strike"], leg["implied_volatility"], leg["premium"]) == (None, None, "24560")
    payoff = shown["at_market"]["payoff"]
    assert (payoff["max_profit"], payoff["net_premium"], payoff["breakevens"]) == (None, "0.00", ["24560.00"])


def test_without_a_linked_account_the_rest_is_still_there(house: House) -> None:
    shown = preview(house)
    assert shown["no_market"] == "allocation: zerodha-one is not linked; link it to see prices"
    assert shown["at_market"] is None
    assert shown["problems"][0].startswith("allocation: account 'zerodha-one' is not linked")
    assert [leg["lots"] for leg in shown["lots"]] == [2, 2]
    assert len(shown["coming"]) >= 5


def test_without_a_session_the_reason_is_told(house: House) -> None:
    house.link()
    store(house.accounts.save_account(an_account(session_expires_at=None)))
    assert "has never been logged in to zerodha" in preview(house)["no_market"]


def test_the_account_of_another_is_not_quoted_from(house: House) -> None:
    broker = house.link(user_id=OTHER)
    assert preview(house)["no_market"] == "allocation: zerodha-one is not linked; link it to see prices"
    assert broker.calls == []


def test_problems_are_told_beside_the_prices(house: House) -> None:
    house.link()
    shown = preview(house, basket_id="gone", risk={"stop": "5000"})
    assert [problem.split(":")[0] for problem in shown["problems"]] == ["basket_id", "risk.stop"]
    assert shown["at_market"]["payoff"] is not None


def test_the_largest_lots_that_can_be_asked_for_are_answered(house: House) -> None:
    house.link()
    legs = [{"right": "CE", "side": "SELL", "lots": 10_000}] * 10
    shown = preview(house, legs=legs, multiplier=1000)
    assert len(shown["problems"]) == 10
    assert shown["at_market"]["legs"][0]["orders"][0]["slices"] == []
    assert shown["at_market"]["legs"][0]["quantity"] == 650_000_000


def test_nothing_is_stored_and_nothing_is_ordered(house: House) -> None:
    broker = house.link()
    preview(house)
    assert house.ask("GET", "/strategies") == (200, [])
    assert broker.sent == []
    assert set(broker.calls) <= {"index_quote", "quotes"}


def test_what_is_no_definition_names_its_field(house: House) -> None:
    problems = house.refused("POST", "/strategies/preview", 422, body={**DEFINITION, "underlying": "DOW", "a": 1})
    assert [problem.split(":")[0] for problem in problems] == ["underlying", "a"]
