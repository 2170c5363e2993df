"""Risk limits: what the API answers, and whom it answers it to."""

from decimal import Decimal
from typing import Any

import pytest

from lambdas.domain.accounts import PAPER
from lambdas.domain.contracts import Side
from lambdas.domain.intents import IntentStatus, Phase
from tests.doubles.examples import an_account, an_order
from tests.doubles.limits import some_limits
from tests.unit.api.house import OTHER, House, store

NOTHING = {"lots": 0, "orders": 0, "realised": "0"}
NO_LIMIT = {
    "max_lots_per_order": None,
    "max_lots_per_run": None,
    "max_lots_per_day": None,
    "max_orders_per_day": None,
    "max_loss_per_day": None,
    "price_sanity_percent": None,
}


@pytest.fixture
def linked(house: House) -> House:
    """A user with an account."""
    store(house.accounts.save_account(an_account()))
    return house


def test_a_new_user_has_no_limit_and_has_used_nothing(house: House) -> None:
    assert house.ask("GET", "/limits") == (
        200,
        {
            "version": 0,
            "definition": {"user": NO_LIMIT, "accounts": {}},
            "today": {"date": "2026-11-23", "money": NOTHING, "paper": NOTHING, "accounts": {}},
        },
    )


def test_limits_are_set_replaced_and_read(linked: House) -> None:
    body: dict[str, Any] = {"user": {"max_lots_per_day": 40}, "accounts": {"zerodha-one": {"max_loss_per_day": 5000}}}
    status, first = linked.ask("PUT", "/limits", body=body)
    assert (status, first["version"]) == (200, 1)
    assert first["definition"]["user"] == {**NO_LIMIT, "max_lots_per_day": 40}
    assert first["definition"]["accounts"] == {"zerodha-one": {**NO_LIMIT, "max_loss_per_day": "5000"}}
    assert linked.ask("GET", "/limits") == (200, first)
    status, second = linked.ask("PUT", "/limits", body={}, query={"replaces": "1"})
    assert (status, second["version"], second["definition"]) == (200, 2, {"user": NO_LIMIT, "accounts": {}})


@pytest.mark.parametrize("replaces", ["0", "2"])
def test_a_stale_version_is_a_conflict(linked: House, replaces: str) -> None:
    linked.ask("PUT", "/limits", body={})
    linked.refused("PUT", "/limits", 409, body={"user": {"max_lots_per_day": 1}}, query={"replaces": replaces})
    assert linked.ask("GET", "/limits")[1]["definition"]["user"] == NO_LIMIT


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"user": {"max_lots_per_day": 0}}, "user.max_lots_per_day: is too small; choose at least 1"),
        ({"user": {"max_orders_per_day": "7"}}, "user.max_orders_per_day: is not a whole number; write one like 2"),
        ({"user": {"max_loss_per_day": -5}}, "user.max_loss_per_day: is too small; choose more than 0"),
        ({"user": {"price_sanity_percent": 1001}}, "user.price_sanity_percent: is too large; choose at most 1000"),
        ({"user": {"colour": 1}}, "user.colour: is not a field here; remove it"),
        ({"user": None}, "user: is not an object; write it in { }"),
        ({"accounts": []}, "accounts: is not an object; write it in { }"),
        ({"accounts": {"zerodha-one": {"max_lots_per_run": 1.5}}}, "accounts.zerodha-one.max_lots_per_run: is not a "),
        ({"accounts": {"USER#x": {}}}, "accounts.USER#x: is no id; use 2 to 40 lower-case letters"),
        ({"accounts": {"angel-one": {}}}, "accounts.angel-one: you have no such account; link it, or leave its "),
    ],
)
def test_what_does_not_fit_is_named(linked: House, body: dict[str, Any], problem: str) -> None:
    (told,) = linked.refused("PUT", "/limits", 422, body=body)
    assert told.startswith(problem)
    assert linked.ask("GET", "/limits")[1]["version"] == 0


def test_an_account_of_another_is_as_if_it_were_not_there(linked: House) -> None:
    store(linked.accounts.save_account(an_account("angel-one", user_id=OTHER)))
    (told,) = linked.refused("PUT", "/limits", 422, body={"accounts": {"angel-one": {}}})
    assert told == "accounts.angel-one: you have no such account; link it, or leave its limits out"


def test_limits_and_use_of_another_are_not_shown(linked: House) -> None:
    linked.limits.put(some_limits(max_lots_per_day=3), OTHER)
    linked.runs.put(an_order(user_id=OTHER))
    mine, theirs = linked.ask("GET", "/limits")[1], linked.ask("GET", "/limits", user_id=OTHER)[1]
    assert (mine["version"], mine["today"]["money"], list(mine["today"]["accounts"])) == (0, NOTHING, ["zerodha-one"])
    assert (theirs["version"], theirs["today"]["money"]["orders"]) == (1, 1)
    linked.ask("PUT", "/limits", body={})
    assert linked.ask("GET", "/limits", user_id=OTHER)[1] == theirs


def test_todays_use_is_told_with_money_on_paper_and_by_account(linked: House) -> None:
    store(linked.accounts.save_account(an_account("on-paper", broker=PAPER, quotes_from="zerodha-one")))
    linked.runs.put(an_order())
    linked.runs.put(an_order(phase=Phase.EXIT, side=Side.SELL, price="90"))
    linked.runs.put(an_order(IntentStatus.PLANNED, leg=2))
    linked.runs.put(an_order(IntentStatus.WITHHELD, leg=3))
    linked.runs.put(an_order(account_id="on-paper"))
    linked.runs.put(an_order(IntentStatus.REFUSED, account_id="unlinked-since"))
    today = linked.ask("GET", "/limits")[1]["today"]
    assert today["money"] == {"lots": 4, "orders": 4, "realised": "-1300"}
    assert today["paper"] == {"lots": 2, "orders": 1, "realised": "0"}
    assert today["accounts"] == {
        "on-paper": today["paper"],
        "unlinked-since": {"lots": 0, "orders": 1, "realised": "0"},
        "zerodha-one": {"lots": 4, "orders": 3, "realised": "-1300"},
    }


def test_a_profit_that_cannot_be_told_is_null(linked: House) -> None:
    linked.runs.put(an_order(average_price=None))
    assert linked.ask("GET", "/limits")[1]["today"]["money"] == {"lots": 2, "orders": 1, "realised": None}


def test_a_profit_with_paise_is_exact(linked: House) -> None:
    linked.runs.put(an_order(average_price=Decimal("100.0125")))
    linked.runs.put(an_order(phase=Phase.EXIT, side=Side.SELL, price="100.05"))
    assert Decimal(linked.ask("GET", "/limits")[1]["today"]["money"]["realised"]) == Decimal("4.875")


def test_limits_that_cannot_be_read_are_told_and_can_be_replaced(linked: House) -> None:
    linked.limits.put(some_limits())
    linked.limits.unreadable = True
    status, told = linked.ask("GET", "/limits")
    assert (status, told["message"]) == (409, "version 1 of the risk limits cannot be read; save others in its place")
    assert linked.ask("PUT", "/limits", body={}, query={"replaces": "1"})[0] == 200
