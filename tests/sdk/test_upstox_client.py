"""The official upstox client, unmodified, trades at the sandbox's Upstox face."""

from typing import Any

import pytest

from tests.sdk.conftest import Driver

pytestmark = pytest.mark.sdk


@pytest.fixture(scope="module")
def seen(drive: Driver) -> dict[str, Any]:
    """What one run of the client saw."""
    return drive("upstox")


def only_code(refused: dict[str, Any]) -> tuple[int, str]:
    """The status and the one code of a refusal."""
    (error,) = refused["errors"]
    return refused["status"], error["errorCode"]


def test_it_logs_in_through_the_page_and_gets_its_state_back(seen: dict[str, Any]) -> None:
    assert seen["login_page"] == 200
    assert set(seen["callback"]) == {"code", "state"}
    assert seen["callback"]["state"] == "xyz"
    assert (seen["session"]["user_id"], seen["session"]["broker"]) == ("SB0003", "UPSTOX")
    assert seen["profile"]["data"]["user_id"] == "SB0003"
    assert seen["funds"]["data"]["equity"]["available_margin"] == 5000000.0


def test_a_session_that_is_wrong_or_over_is_told(seen: dict[str, Any]) -> None:
    assert only_code(seen["without_session"]) == (401, "UDAPI100050")
    assert only_code(seen["code_twice"]) == (401, "UDAPI100057")
    assert seen["logout"] == {"status": "success", "data": True}
    assert only_code(seen["after_logout"]) == (401, "UDAPI100050")


def test_the_instrument_file_names_what_quotes_and_orders_take(seen: dict[str, Any]) -> None:
    contract, quote = seen["contract"], seen["quote"]
    assert seen["instrument_count"] > 3000
    assert abs(contract["strike_price"] - seen["spot"]) <= 25
    assert quote["instrument_token"] == contract["instrument_key"]
    assert len(quote["depth"]["buy"]) == len(quote["depth"]["sell"]) == 5
    assert quote["depth"]["buy"][0]["price"] < quote["depth"]["sell"][0]["price"]


def test_it_sees_an_order_rest_change_and_be_cancelled(seen: dict[str, Any]) -> None:
    (order_id,) = seen["placed"]["data"]["order_ids"]
    assert seen["placed"]["metadata"]["latency"] >= 0
    assert (seen["resting"]["data"]["status"], seen["resting"]["data"]["tag"]) == ("open", "sdk3rest")
    assert seen["modify"]["data"]["order_id"] == seen["cancel"]["data"]["order_id"] == order_id
    assert seen["modified"]["data"]["price"] == pytest.approx(seen["resting"]["data"]["price"] - 0.05)
    assert seen["cancelled"]["data"]["status"] == "cancelled"
    assert only_code(seen["cancel_twice"]) == (400, "UDAPI100040")
    assert only_code(seen["unknown_order"]) == (404, "UDAPI100010")


def test_it_fills_a_protected_market_order_and_finds_it_by_its_tag(seen: dict[str, Any]) -> None:
    filled = seen["filled"]["data"]
    assert (filled["status"], filled["filled_quantity"]) == ("complete", 65)
    assert 0 < filled["average_price"] < filled["price"]
    states = seen["by_tag"]["data"]
    assert {state["order_id"] for state in states} == {filled["order_id"]}
    assert (states[0]["status"], states[-1]["status"]) == ("put order req received", "complete")
    (trade,) = seen["trades"]["data"]
    assert (trade["order_id"], trade["quantity"]) == (filled["order_id"], 65)
    (position,) = seen["positions"]["data"]
    assert (position["quantity"], position["average_price"]) == (65, filled["average_price"])
    assert len(seen["book"]["data"]) == 2


def test_a_short_option_binds_margin(seen: dict[str, Any]) -> None:
    data = seen["margin"]["data"]
    assert data["final_margin"] == data["required_margin"] == data["margins"][0]["total_margin"] > 0


def test_orders_that_break_a_rule_never_reach_the_book(seen: dict[str, Any]) -> None:
    assert only_code(seen["unprotected"]) == (400, "UDAPI1158")
    assert only_code(seen["unknown_key"]) == (400, "UDAPI100011")
