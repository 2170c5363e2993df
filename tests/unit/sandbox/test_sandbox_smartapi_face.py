"""The SmartAPI face: one-time passwords, tokens, limits, refusals, the scrip master."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.smartapi.totp import code_at
from tests.unit.sandbox.conftest import SMART, SMART_HEADERS, SMART_LOGIN, Bench


def test_one_time_passwords_agree_with_rfc_6238() -> None:
    """The RFC's SHA-1 key with its times 59 s and 1111111109 s (last six of the eight digits)."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert code_at(secret, 59 // 30) == "287082"
    assert code_at(secret, 1_111_111_109 // 30) == "081804"


@pytest.mark.parametrize(("steps", "passes"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_neighbouring_step_is_tolerated(bench: Bench, steps: int, passes: bool) -> None:
    body = {"clientcode": "SB0002", "password": "1234", "totp": bench.totp(steps)}
    answer = bench.smart.post(SMART_LOGIN, json=body, headers=SMART_HEADERS).json()
    assert answer["status"] is passes
    assert answer["errorcode"] == ("" if passes else "AB1050")


def test_a_wrong_pin_is_told_from_a_wrong_totp(bench: Bench) -> None:
    body = {"clientcode": "SB0002", "password": "0000", "totp": bench.totp()}
    answer = bench.smart.post(SMART_LOGIN, json=body, headers=SMART_HEADERS).json()
    assert answer == {"status": False, "message": "Invalid LoginId or PIN", "errorcode": "AB1007", "data": None}


@pytest.mark.parametrize("missing", sorted(SMART_HEADERS))
def test_each_header_is_enforced(bench: Bench, missing: str) -> None:
    headers = {name: value for name, value in SMART_HEADERS.items() if name != missing}
    body = {"clientcode": "SB0002", "password": "1234", "totp": bench.totp()}
    answer = bench.smart.post(SMART_LOGIN, json=body, headers=headers)
    assert answer.status_code == 400
    assert missing in answer.json()["message"]


def test_tokens_are_renewed_and_the_old_one_ends(bench: Bench) -> None:
    tokens = bench.login_smart()
    path = "/rest/auth/angelbroking/jwt/v1/generateTokens"
    fresh = bench.smart.post(path, json={"refreshToken": tokens["refreshToken"]}).json()["data"]
    assert bench.smart.get(f"{SMART}/user/v1/getProfile").json()["errorCode"] == "AG8001"
    bench.smart.headers["Authorization"] = f"Bearer {fresh['jwtToken']}"
    assert bench.smart.get(f"{SMART}/user/v1/getProfile").json()["data"]["clientcode"] == "SB0002"
    bench.clock.advance(1)
    assert bench.smart.post(path, json={"refreshToken": "x"}).json()["errorcode"] == "AB8050"


def test_a_token_ends_with_its_day(traded: Bench) -> None:
    traded.clock.set(traded.clock.now().replace(hour=0, minute=0) + timedelta(days=1))
    answer = traded.smart.get(f"{SMART}/user/v1/getProfile").json()
    assert (answer["success"], answer["errorCode"]) == (False, "AG8002")


def test_the_order_book_is_read_once_a_second(traded: Bench) -> None:
    book = f"{SMART}/order/v1/getOrderBook"
    assert traded.smart.get(book).json()["data"] is None
    answer = traded.smart.get(book)
    assert (answer.status_code, answer.text) == (403, "Access denied because of exceeding access rate")
    assert answer.headers["content-type"].startswith("text/plain")
    traded.clock.advance(1)
    assert traded.smart.get(book).status_code == 200


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"ordertype": "MARKET"}, "AB2000"),
        ({"variety": "ROBO"}, "AB1008"),
        ({"producttype": "MARGINX"}, "AB1012"),
        ({"ordertag": "a" * 21}, "AB4008"),
        ({"symboltoken": "1"}, "AB1009"),
        ({"tradingsymbol": "NIFTY"}, "AB1009"),
        ({"quantity": "1.5"}, "AB2000"),
        ({"price": "x"}, "AB2000"),
    ],
)
def test_malformed_orders_are_refused_at_once(traded: Bench, fields: dict[str, Any], code: str) -> None:
    answer = traded.place_smart(traded.option(), **fields).json()
    assert (answer["status"], answer["errorcode"], answer["data"]) == (False, code, None)
    assert traded.smart_orders() is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"quantity": "64"}, "multiples of 65"), ({"quantity": "1820"}, "freeze"), ({"price": "100.01"}, "Tick size")],
)
def test_exchange_checks_show_up_in_the_book(traded: Bench, fields: dict[str, Any], said: str) -> None:
    assert traded.place_smart(traded.option(), **fields).json()["status"] is True
    (order,) = traded.smart_orders()
    assert (order["status"], order["orderstatus"]) == ("rejected", "rejected")
    assert said in order["text"]


def test_a_sensex_order_fills_and_is_found_by_its_unique_id(traded: Bench) -> None:
    option = traded.option("SENSEX", "PE")
    placed = traded.place_smart(option).json()["data"]
    traded.settle()
    details = traded.smart.get(f"{SMART}/order/v1/details/{placed['uniqueorderid']}").json()["data"]
    assert (details["orderid"], details["status"], details["exchange"]) == (placed["orderid"], "complete", "BFO")
    assert (details["ordertag"], details["filledshares"], details["strikeprice"]) == ("t2", "20", float(option.strike))
    (position,) = traded.smart.get(f"{SMART}/order/v1/getPosition").json()["data"]
    assert (position["netqty"], position["symboltoken"]) == ("20", str(option.token))
    assert traded.smart.get(f"{SMART}/order/v1/details/none").json()["errorcode"] == "AB1013"


def test_the_scrip_master_has_the_published_shape(bench: Bench) -> None:
    rows = bench.smart.get("/OpenAPI_File/files/OpenAPIScripMaster.json").json()
    by_symbol = {row["symbol"]: row for row in rows}
    assert by_symbol["Nifty 50"]["token"] == "99926000"
    assert (by_symbol["SENSEX"]["instrumenttype"], by_symbol["SENSEX"]["exch_seg"]) == ("AMXIDX", "BSE")
    row = by_symbol["NIFTY23NOV2626000CE"]
    assert row | {"token": ""} == {
        "token": "", "symbol": "NIFTY23NOV2626000CE", "name": "NIFTY", "expiry": "23NOV2026",
        "strike": "2600000.000000", "lotsize": "65", "instrumenttype": "OPTIDX", "exch_seg": "NFO",
        "tick_size": "5.000000",
    }  # fmt: skip
    assert by_symbol["SENSEX26NOV85000CE"]["exch_seg"] == "BFO"
    assert len(by_symbol) == len(rows)


def test_an_order_is_changed_then_cancelled(traded: Bench) -> None:
    option = traded.option()
    low = traded.spread(option).bid * 4 // 5 // 5 * 5
    placed = traded.place_smart(option, price=f"{low / 100:.2f}").json()["data"]
    traded.settle()
    change = {"orderid": placed["orderid"], "ordertype": "LIMIT", "quantity": "130", "price": f"{(low - 5) / 100:.2f}"}
    assert (
        traded.smart.post(f"{SMART}/order/v1/modifyOrder", json=change).json()["data"]["orderid"] == placed["orderid"]
    )
    market = traded.smart.post(f"{SMART}/order/v1/modifyOrder", json=change | {"ordertype": "MARKET"})
    assert market.json()["status"] is False
    (order,) = traded.smart_orders()
    assert (order["status"], order["quantity"], order["price"]) == ("open", "130", (low - 5) / 100)
    cancel = {"variety": "NORMAL", "orderid": placed["orderid"]}
    assert traded.smart.post(f"{SMART}/order/v1/cancelOrder", json=cancel).json()["status"] is True
    assert traded.smart.post(f"{SMART}/order/v1/cancelOrder", json=cancel).json()["status"] is False


def test_quotes_come_in_three_modes_and_fifty_tokens(traded: Bench) -> None:
    option = traded.option()
    path = f"{SMART}/market/v1/quote/"
    tokens = {"NFO": [str(option.token)], "BSE": ["99919000"], "BFO": ["1"]}
    sizes = {}
    for mode in ("LTP", "OHLC", "FULL"):
        answer = traded.smart.post(path, json={"mode": mode, "exchangeTokens": tokens}).json()["data"]
        assert [line["symbolToken"] for line in answer["fetched"]] == [str(option.token), "99919000"]
        assert [line["symbolToken"] for line in answer["unfetched"]] == ["1"]
        assert answer["fetched"][0]["ltp"] == traded.spread(option).last / 100
        sizes[mode] = len(answer["fetched"][0])
    assert sizes["LTP"] < sizes["OHLC"] < sizes["FULL"]
    many = {"mode": "LTP", "exchangeTokens": {"NFO": [str(n) for n in range(51)]}}
    assert traded.smart.post(path, json=many).json()["status"] is False
    last = {"exchange": "NFO", "tradingsymbol": "?", "symboltoken": str(option.token)}
    assert traded.smart.post(f"{SMART}/order/v1/getLtpData", json=last).json()["data"]["ltp"] > 0


def test_trades_funds_and_search(traded: Bench) -> None:
    option = traded.option()
    order_id = traded.place_smart(option).json()["data"]["orderid"]
    traded.settle()
    (trade,) = traded.smart.get(f"{SMART}/order/v1/getTradeBook").json()["data"]
    assert (trade["orderid"], trade["fillsize"]) == (order_id, "65")
    funds = traded.smart.get(f"{SMART}/user/v1/getRMS").json()["data"]
    assert float(funds["net"]) == 5_000_000 - float(trade["fillprice"]) * 65
    found = traded.smart.post(f"{SMART}/order/v1/searchScrip", json={"exchange": "NFO", "searchscrip": "NIFTY23NOV26"})
    assert str(option.token) in {line["symboltoken"] for line in found.json()["data"]}


def test_a_token_is_of_no_use_with_another_apps_key(traded: Bench) -> None:
    other = {"broker": "angel_one", "clientcode": "SB0009", "api_key": "other", "pin": "1", "totp_secret": "JBSWY3DP"}
    assert traded.admin.post("/accounts", json=other).status_code == 201
    for key in ("other", "unknown"):
        answer = traded.smart.get(f"{SMART}/user/v1/getRMS", headers={"X-PrivateKey": key}).json()
        assert (answer["errorcode"], answer["data"]) == ("AG8004", None)
