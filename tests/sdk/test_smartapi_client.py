"""The official smartapi-python client, unmodified, trades at the sandbox's SmartAPI face."""

from typing import Any

import pytest

from tests.sdk.conftest import Driver

pytestmark = pytest.mark.sdk


@pytest.fixture(scope="module")
def seen(drive: Driver) -> dict[str, Any]:
    """What one run of the client saw."""
    return drive("smartapi")


def test_it_logs_in_with_pin_and_one_time_password(seen: dict[str, Any]) -> None:
    assert seen["wrong_pin"]["errorcode"] == "AB1007"
    assert (seen["wrong_totp"]["errorcode"], seen["wrong_totp"]["message"]) == ("AB1050", "Invalid totp")
    session = seen["session"]["data"]
    assert (session["clientcode"], session["jwtToken"][:7]) == ("SDK0002", "Bearer ")
    assert seen["renewed"]["data"]["jwtToken"] not in session["jwtToken"]
    assert seen["funds"]["data"]["net"] == "5000000.00"


def test_a_bad_token_is_answered_in_the_gateways_own_shape(seen: dict[str, Any]) -> None:
    assert seen["logout"]["status"] is True
    assert seen["after_logout"] == {
        "success": False, "message": "Invalid Token", "errorCode": "AG8001", "data": "",
    }  # fmt: skip


def test_its_scrip_master_names_what_its_other_calls_find(seen: dict[str, Any]) -> None:
    row = seen["row"]
    assert seen["master_count"] > 3000
    assert (row["instrumenttype"], row["exch_seg"], row["tick_size"]) == ("OPTIDX", "NFO", "5.000000")
    assert abs(float(row["strike"]) / 100 - seen["spot"]["data"]["ltp"]) <= 25
    assert seen["found"]["data"] == [{"exchange": "NFO", "tradingsymbol": row["symbol"], "symboltoken": row["token"]}]


def test_it_reads_full_quotes_and_what_was_not_found(seen: dict[str, Any]) -> None:
    option, index = seen["quote"]["data"]["fetched"]
    assert option["tradingSymbol"] == seen["row"]["symbol"]
    assert len(option["depth"]["buy"]) == len(option["depth"]["sell"]) == 5
    assert option["depth"]["buy"][0]["price"] < option["depth"]["sell"][0]["price"]
    assert index["tradingSymbol"] == "Nifty 50"
    assert [entry["symbolToken"] for entry in seen["quote"]["data"]["unfetched"]] == ["1"]


def test_empty_books_are_null(seen: dict[str, Any]) -> None:
    assert seen["empty_book"]["data"] is None
    assert seen["empty_positions"]["data"] is None
    assert seen["holdings"]["data"] is None


def test_it_sees_an_order_rest_change_and_be_cancelled(seen: dict[str, Any]) -> None:
    assert (seen["resting"]["status"], seen["resting"]["ordertag"]) == ("open", "sdk2")
    assert seen["modified"]["price"] > seen["resting"]["price"]
    assert (seen["cancelled"]["status"], seen["cancelled"]["cancelsize"]) == ("cancelled", "65")
    assert seen["modified"]["uniqueorderid"] == seen["placed"]["data"]["uniqueorderid"]


def test_it_fills_a_limit_order_below_the_bid(seen: dict[str, Any]) -> None:
    line = next(order for order in seen["orders"]["data"] if order["orderid"] == seen["sold"])
    assert (line["status"], line["orderstatus"], line["filledshares"]) == ("complete", "complete", "65")
    assert line["averageprice"] > line["price"]
    (trade,) = seen["trades"]["data"]
    assert float(trade["fillprice"]) == line["averageprice"]
    (position,) = seen["positions"]["data"]
    assert (position["netqty"], position["producttype"]) == ("-65", "CARRYFORWARD")


def test_refusals_come_at_once_or_as_a_rejected_line_in_the_book(seen: dict[str, Any]) -> None:
    assert (seen["market"]["status"], seen["long_tag"]["errorcode"]) == (False, "AB4008")
    odd = seen["odd_lot"]["data"]["orderid"]
    line = next(order for order in seen["orders"]["data"] if order["orderid"] == odd)
    assert (line["status"], line["filledshares"]) == ("rejected", "0")
    assert "multiples of 65" in line["text"]


def test_it_cannot_parse_the_plain_text_of_a_rate_limit(seen: dict[str, Any]) -> None:
    assert seen["book_too_soon"]["type"] == "DataException"
    assert "exceeding access rate" in seen["book_too_soon"]["message"]
