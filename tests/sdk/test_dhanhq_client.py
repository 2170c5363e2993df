"""The official dhanhq client, unmodified, trades at the sandbox's Dhan face."""

from typing import Any

import pytest

from tests.sdk.conftest import Driver

pytestmark = pytest.mark.sdk


@pytest.fixture(scope="module")
def seen(drive: Driver) -> dict[str, Any]:
    """What one run of the client saw."""
    return drive("dhanhq")


def test_it_logs_in_over_a_consent_and_renews_its_token(seen: dict[str, Any]) -> None:
    assert seen["session"]["dhanClientId"] == seen["profile"]["dhanClientId"] == "1000000005"
    assert seen["renewed"]["accessToken"] != seen["session"]["accessToken"]
    assert seen["stale"]["remarks"]["error_code"] == "DH-901"
    assert seen["stale"]["remarks"]["error_type"] == "Invalid_Authentication"


def test_an_account_begins_with_its_money_and_empty_books(seen: dict[str, Any]) -> None:
    assert seen["funds"]["data"]["availabelBalance"] == 5_000_000.0
    orders, positions, holdings = seen["empty"]
    assert (orders["data"], positions["data"]) == ([], [])
    assert holdings["remarks"]["error_code"] == "DH-1111"


def test_its_scrip_master_names_what_its_quotes_find(seen: dict[str, Any]) -> None:
    row, data = seen["row"], seen["quote"]["data"]["data"]
    assert seen["master_count"] > 3000
    assert (row["INSTRUMENT"], row["EXCH_ID"], row["TICK_SIZE"]) == ("OPTIDX", "NSE", "5.0000")
    assert list(data["NSE_FNO"]) == [row["SECURITY_ID"]]
    depth = data["NSE_FNO"][row["SECURITY_ID"]]["depth"]
    assert depth["buy"][0]["price"] < depth["sell"][0]["price"]
    assert data["IDX_I"]["13"]["last_price"] > 1000
    assert seen["quote_too_soon"]["status"] == "failure"
    assert seen["quote_too_soon"]["remarks"]["error_code"] == "DH-904"


def test_its_calculators_agree_on_one_order(seen: dict[str, Any]) -> None:
    alone, basket = seen["margin"]["data"], seen["margins"]["data"]
    assert alone["totalMargin"] > 100_000
    assert basket["totalMargin"] == pytest.approx(alone["totalMargin"], rel=0.01)


def test_it_sees_an_order_rest_change_and_be_cancelled(seen: dict[str, Any]) -> None:
    resting = seen["resting"]
    assert (seen["placed"]["data"]["orderStatus"], resting["orderStatus"]) == ("TRANSIT", "PENDING")
    assert seen["by_tag"]["data"]["orderId"] == resting["orderId"]
    assert seen["nobody"]["status"] == "failure"
    assert seen["modify"]["status"] == "success"
    assert seen["modified"]["price"] == pytest.approx(resting["price"] + 0.5)
    assert (seen["cancel"]["status"], seen["cancelled"]["orderStatus"]) == ("success", "CANCELLED")


def test_it_fills_a_limit_order_below_the_bid(seen: dict[str, Any]) -> None:
    sold = seen["sold"]
    assert (sold["orderStatus"], sold["filledQty"], sold["remainingQuantity"]) == ("TRADED", 65, 0)
    assert sold["averageTradedPrice"] > sold["price"]
    (position,) = seen["positions"]["data"]
    assert (position["netQty"], position["positionType"], position["productType"]) == (-65, "SHORT", "MARGIN")
    assert seen["trades"]["status"] == "success", seen["trades"]
    (trade,) = seen["trades"]["data"]
    assert trade["orderId"] == sold["orderId"]
    assert len(seen["orders"]["data"]) == 2


def test_refusals_come_with_the_code_and_words_of_dhan(seen: dict[str, Any]) -> None:
    assert seen["odd_lot"]["remarks"]["error_code"] == "DH-906"
    assert "multiples of 65" in seen["odd_lot"]["remarks"]["error_message"]
    assert seen["long_tag"]["remarks"]["error_code"] == "DH-905"
