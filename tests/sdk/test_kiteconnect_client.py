"""The official kiteconnect client, unmodified, trades at the sandbox's Kite face."""

from typing import Any

import pytest

from tests.sdk.conftest import Driver

pytestmark = pytest.mark.sdk


@pytest.fixture(scope="module")
def seen(drive: Driver) -> dict[str, Any]:
    """What one run of the client saw."""
    return drive("kiteconnect")


def test_it_logs_in_through_the_page_and_gets_its_redirect_params_back(seen: dict[str, Any]) -> None:
    assert seen["login_page"] == 200
    carried = seen["callback"]
    assert (carried["action"], carried["status"], carried["state"]) == ("login", "success", "xyz")
    assert seen["session"]["user_id"] == "SB0001"
    assert seen["session"]["login_time"].startswith("20")
    assert seen["profile"]["broker"] == "ZERODHA"


def test_it_raises_token_exceptions_for_each_way_a_session_can_be_wrong(seen: dict[str, Any]) -> None:
    for case in ("without_session", "wrong_secret", "token_twice", "after_logout"):
        assert (seen[case]["type"], seen[case]["code"]) == ("TokenException", 403), case
    assert seen["wrong_secret"]["message"] == "Invalid `checksum`."
    assert seen["after_logout"]["message"] == "Incorrect `api_key` or `access_token`."


def test_it_parses_the_instrument_list(seen: dict[str, Any]) -> None:
    assert seen["instrument_counts"]["NFO"] > 2000
    assert seen["instrument_counts"]["all"] > seen["instrument_counts"]["NFO"]
    assert [row["tradingsymbol"] for row in seen["index_rows"]] == [
        "NIFTY 50", "NIFTY BANK", "NIFTY FIN SERVICE", "NIFTY MID SELECT",
    ]  # fmt: skip
    contract = seen["contract"]
    assert (contract["segment"], contract["lot_size"], contract["tick_size"]) == ("NFO-OPT", 65, 0.05)
    assert abs(contract["strike"] - seen["spot"]) <= 25


def test_it_reads_quotes_with_five_levels(seen: dict[str, Any]) -> None:
    quote = seen["quote"][f"NFO:{seen['contract']['tradingsymbol']}"]
    assert len(quote["depth"]["buy"]) == len(quote["depth"]["sell"]) == 5
    assert quote["depth"]["buy"][0]["price"] < quote["depth"]["sell"][0]["price"]
    assert quote["ohlc"]["low"] <= quote["last_price"] <= quote["ohlc"]["high"]
    assert quote["instrument_token"] == seen["contract"]["instrument_token"]
    assert "depth" not in seen["quote"]["NSE:NIFTY 50"]


def test_it_meets_the_quote_limit_as_a_network_exception(seen: dict[str, Any]) -> None:
    assert seen["quote_too_soon"] == {"type": "NetworkException", "code": 429, "message": "Too many requests"}


def test_it_sees_an_order_rest_change_and_be_cancelled(seen: dict[str, Any]) -> None:
    assert [line["status"] for line in seen["resting"]] == [
        "PUT ORDER REQ RECEIVED", "VALIDATION PENDING", "OPEN PENDING", "OPEN",
    ]  # fmt: skip
    assert seen["modified"]["price"] == pytest.approx(seen["resting"][-1]["price"] - 0.05)
    assert (seen["cancelled"]["status"], seen["cancelled"]["cancelled_quantity"]) == ("CANCELLED", 65)
    assert seen["cancel_twice"]["type"] == "OrderException"
    assert seen["unknown_order"]["message"] == "Couldn't find that `order_id`."


def test_it_fills_a_protected_market_order(seen: dict[str, Any]) -> None:
    last = seen["filled"][-1]
    assert (last["status"], last["order_type"], last["market_protection"]) == ("COMPLETE", "LIMIT", -1)
    assert 0 < last["average_price"] < last["price"]
    assert sum(trade["quantity"] for trade in seen["order_trades"]) == last["filled_quantity"] == 65
    assert [trade["order_id"] for trade in seen["trades"]] == [last["order_id"]]
    line = next(order for order in seen["orders"] if order["order_id"] == last["order_id"])
    assert (line["tag"], line["tags"], line["exchange"]) == ("sdk1", ["sdk1"], "NFO")
    assert len(line["order_timestamp"]) == 19
    (position,) = seen["positions"]["net"]
    assert (position["quantity"], position["average_price"]) == (65, last["average_price"])
    assert seen["holdings"] == []


def test_orders_that_break_a_rule_never_reach_the_book(seen: dict[str, Any]) -> None:
    for case in ("unprotected", "stop_market", "long_tag"):
        assert (seen[case]["type"], seen[case]["code"]) == ("InputException", 400), case
    assert seen["unprotected"]["message"].startswith("Market orders without market protection")
    assert len(seen["orders"]) == 2
