"""The official growwapi client, unmodified, trades at the sandbox's Groww face."""

from typing import Any

import pytest

from tests.sdk.conftest import Driver

pytestmark = pytest.mark.sdk


@pytest.fixture(scope="module")
def seen(drive: Driver) -> dict[str, Any]:
    """What one run of the client saw."""
    return drive("growwapi")


def test_it_logs_in_with_a_one_time_password_or_a_checksum(seen: dict[str, Any]) -> None:
    assert seen["wrong_totp"]["message"] == "Groww API Error 400: Invalid TOTP"
    assert seen["wrong_secret"]["message"] == "Groww API Error 400: Invalid checksum"
    assert seen["wrong_key"]["type"] == "GrowwAPIAuthenticationException"
    assert seen["profile"]["ucc"] == "SDK0006"
    assert seen["margin"]["fno_margin_details"]["option_sell_balance_available"] == 5_000_000


def test_its_exceptions_tell_a_bad_token_from_a_rate_limit(seen: dict[str, Any]) -> None:
    assert seen["bad_token"]["type"] == "GrowwAPIAuthenticationException"
    assert seen["too_often"]["type"] == "GrowwAPIRateLimitException"


def test_empty_books_are_empty_lists(seen: dict[str, Any]) -> None:
    assert seen["empty"] == {"orders": {"order_list": []}, "positions": {"positions": []}, "holdings": {"holdings": []}}


def test_its_instrument_list_names_what_its_other_calls_find(seen: dict[str, Any]) -> None:
    row = seen["row"]
    assert seen["listed"] > 3000
    assert seen["columns"][:4] == ["exchange", "exchange_token", "trading_symbol", "groww_symbol"]
    assert (row["instrument_type"], row["segment"], row["underlying_symbol"]) == ("PE", "FNO", "NIFTY")
    assert (row["lot_size"], row["tick_size"], row["freeze_quantity"]) == ("65", "0.05", "1801")
    assert abs(float(row["strike_price"]) - seen["spot"]["NSE_NIFTY"]) <= 25
    assert seen["same"] == row["trading_symbol"]


def test_it_reads_quotes_with_and_without_a_book(seen: dict[str, Any]) -> None:
    assert len(seen["quote"]["depth"]["buy"]) == len(seen["quote"]["depth"]["sell"]) == 5
    assert seen["quote"]["bid_price"] < seen["quote"]["offer_price"]
    assert seen["index"]["depth"] is None
    assert list(seen["last"]) == [f"NSE_{seen['row']['trading_symbol']}"]
    (text,) = seen["ohlc"].values()
    assert text.startswith("{open: ")
    assert seen["no_quote"]["code"] == "GA004"


def test_it_sees_an_order_rest_change_and_be_cancelled(seen: dict[str, Any]) -> None:
    assert (seen["resting"]["order_status"], seen["resting"]["order_reference_id"]) == ("OPEN", "SDK-RESTING-1")
    assert seen["modified"]["price"] > seen["resting"]["price"]
    assert seen["cancel"]["order_status"] == seen["cancelled"]["order_status"] == "CANCELLED"


def test_a_reference_is_taken_once_and_leads_to_its_order(seen: dict[str, Any]) -> None:
    assert (seen["duplicate"]["code"], seen["duplicate"]["message"]) == ("GA007", "Duplicate order reference id")
    assert seen["by_reference"] == seen["cancelled"]
    assert seen["no_reference"]["code"] == "GA004"
    assert len(seen["orders"]["order_list"]) == 3


def test_it_fills_a_limit_order_below_the_bid(seen: dict[str, Any]) -> None:
    assert (seen["sold"]["order_status"], seen["sold"]["filled_quantity"]) == ("EXECUTED", 65)
    assert seen["sold"]["average_fill_price"] > seen["sold"]["price"]
    (trade,) = seen["trades"]["trade_list"]
    assert (trade["price"], trade["quantity"]) == (seen["sold"]["average_fill_price"], 65)
    (position,) = seen["positions"]["positions"]
    assert (position["quantity"], position["debit_quantity"], position["credit_quantity"]) == (-65, 65, 0)
    assert seen["position"]["positions"] == [position]


def test_refusals_come_at_once_or_as_a_rejected_line_in_the_list(seen: dict[str, Any]) -> None:
    assert (seen["market"]["code"], "Market orders" in seen["market"]["message"]) == ("GA001", True)
    assert (seen["odd_lot"]["order_status"], seen["odd_lot"]["filled_quantity"]) == ("REJECTED", 0)
    assert "multiples of 65" in seen["odd_lot"]["remark"]
    assert seen["basket"]["total_requirement"] > 100_000
