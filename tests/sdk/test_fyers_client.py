"""The official fyers-apiv3 client, unmodified, trades at the sandbox's Fyers face."""

from typing import Any

import pytest

from tests.sdk.conftest import Driver

pytestmark = pytest.mark.sdk


@pytest.fixture(scope="module")
def seen(drive: Driver) -> dict[str, Any]:
    """What one run of the client saw."""
    return drive("fyers")


def test_it_logs_in_through_the_page_and_gets_its_state_back(seen: dict[str, Any]) -> None:
    assert seen["login_page"] == 200
    assert (seen["callback"]["s"], seen["callback"]["state"]) == ("ok", "xyz")
    assert (seen["tokens"]["s"], seen["tokens"]["code"]) == ("ok", 200)
    assert seen["tokens"]["access_token"] != seen["tokens"]["refresh_token"]
    assert seen["profile"]["data"]["fy_id"] == "SB0004"


def test_a_session_that_is_wrong_is_an_error_with_a_code(seen: dict[str, Any]) -> None:
    assert seen["wrong_secret"]["message"] == "invalid app id hash"
    assert seen["code_twice"]["message"] == "invalid auth code"
    for case in ("without_session", "after_logout"):
        assert (seen[case]["s"], seen[case]["code"]) == ("error", -16), case
    assert seen["logout"]["s"] == "ok"


def test_its_symbol_master_names_what_its_other_calls_find(seen: dict[str, Any]) -> None:
    assert seen["master_count"] > 2000
    row = seen["row"]
    assert (len(row), row[3], row[4], row[10], row[11]) == (21, "65", "0.05", "10", "11")
    assert abs(float(row[15]) - seen["spot"]) <= 25
    known, unknown = seen["quotes"]["d"]
    assert (known["n"], known["v"]["fyToken"]) == (row[9], row[0])
    assert known["v"]["bid"] < known["v"]["ask"]
    assert (unknown["s"], unknown["n"]) == ("error", "NSE:NOSUCH")
    depth = seen["depth"]["d"][row[9]]
    assert len(depth["bids"]) == len(depth["ask"]) == 5
    assert depth["bids"][0]["price"] < depth["ask"][0]["price"]


def test_funds_are_ten_numbered_rows(seen: dict[str, Any]) -> None:
    rows = seen["funds"]["fund_limit"]
    assert [row["id"] for row in rows] == list(range(1, 11))
    assert (rows[9]["title"], rows[9]["equityAmount"]) == ("Available Balance", 5_000_000)


def test_it_sees_an_order_rest_change_and_be_cancelled(seen: dict[str, Any]) -> None:
    assert seen["empty_book"]["orderBook"] == []
    assert (seen["placed"]["s"], seen["placed"]["code"]) == ("ok", 1101)
    assert (seen["resting"]["status"], seen["resting"]["orderTag"]) == (6, "1:sdk4")
    assert seen["modify"]["s"] == "ok"
    assert seen["modified"]["limitPrice"] == pytest.approx(seen["resting"]["limitPrice"] - 0.05)
    assert (seen["cancel"]["code"], seen["cancelled"]["status"]) == (1103, 1)
    assert (seen["cancel_twice"]["s"], seen["cancel_twice"]["code"] < 0) == ("error", True)


def test_it_fills_a_limit_order_above_the_ask(seen: dict[str, Any]) -> None:
    filled = seen["filled"]
    assert (filled["status"], filled["filledQty"], filled["remainingQuantity"]) == (2, 65, 0)
    assert 0 < filled["tradedPrice"] < filled["limitPrice"]
    assert {row["id"] for row in seen["tagged"]["orderBook"]} == {seen["placed"]["id"], filled["id"]}
    (trade,) = seen["trades"]["tradeBook"]
    assert (trade["orderNumber"], trade["tradedQty"]) == (filled["id"], 65)
    (position,) = seen["positions"]["netPositions"]
    assert (position["netQty"], position["productType"], position["buyAvg"]) == (65, "MARGIN", filled["tradedPrice"])
    assert seen["positions"]["overall"]["count_open"] == 1
    assert seen["holdings"]["holdings"] == []


def test_orders_that_break_a_rule_never_reach_the_book(seen: dict[str, Any]) -> None:
    assert [seen[case]["code"] for case in ("market", "bad_symbol", "bad_tag")] == [-99, -300, -50]
    assert len(seen["orders"]["orderBook"]) == 2


def test_it_meets_the_limit_that_all_calls_share(seen: dict[str, Any]) -> None:
    assert seen["too_many"] == [200] * 10 + [-429]
