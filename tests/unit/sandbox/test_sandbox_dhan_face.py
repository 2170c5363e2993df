"""The Dhan face: consent and tokens, orders in Dhan's words, its scrip master and its limits."""

import csv
import io
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from sandbox.dhan.app import dhan_app
from sandbox.dhan.names import security_id, segment_of, trading_symbol
from sandbox.dhan.scrip_master import COLUMNS
from sandbox.dhan.sessions import DhanSessions
from sandbox.exchange.instruments import Instrument
from tests.unit.sandbox.conftest import Bench, in_process

CLIENT = "1000000005"
APP = {"app_id": "sandboxdhanapp01", "app_secret": "sandboxdhansecret01"}
PAGE, CONSUME = "/login/consentApp-login", "/app/consumeApp-consent"


@pytest.fixture
def face(bench: Bench) -> httpx.Client:
    """A client of the face, not logged in."""
    return in_process(dhan_app(bench.world, DhanSessions()))


@pytest.fixture
def dhan(face: httpx.Client) -> httpx.Client:
    """The same with the session of the demo account."""
    face.headers.update({"access-token": log_in(face)["accessToken"], "client-id": CLIENT})
    return face


def consent(face: httpx.Client) -> str:
    made: str = face.post("/app/generate-consent", params={"client_id": CLIENT}, headers=APP).json()["consentAppId"]
    return made


def token_id(face: httpx.Client) -> str:
    answer = face.post(PAGE, data={"consentAppId": consent(face), "decision": "approve"})
    return parse_qs(urlsplit(answer.headers["location"]).query)["tokenId"][0]


def log_in(face: httpx.Client) -> dict[str, Any]:
    session: dict[str, Any] = face.get(CONSUME, params={"tokenId": token_id(face)}, headers=APP).json()
    return session


def body(bench: Bench, instrument: Instrument, **changes: Any) -> dict[str, Any]:
    """One lot of a buy two per cent above the offer."""
    return {
        "dhanClientId": CLIENT,
        "correlationId": "d-1",
        "transactionType": "BUY",
        "exchangeSegment": segment_of(instrument),
        "productType": "INTRADAY",
        "orderType": "LIMIT",
        "validity": "DAY",
        "securityId": security_id(instrument),
        "quantity": instrument.lot,
        "price": round(bench.spread(instrument).ask * 1.02 / 5) * 5 / 100,
        **changes,
    }


def test_a_login_goes_over_a_consent_that_the_user_approves(face: httpx.Client) -> None:
    waiting = consent(face)
    page = face.get(PAGE, params={"consentAppId": waiting})
    assert CLIENT in page.text
    assert f'value="{waiting}"' in page.text
    session = log_in(face)
    assert (session["dhanClientId"], session["expiryTime"]) == (CLIENT, "2026-11-24T10:00:00.000")


def test_the_redirect_carries_a_token_id_and_no_state(face: httpx.Client) -> None:
    form = {"consentAppId": consent(face), "decision": "approve", "state": "s"}
    approved = face.post(f"{PAGE}?state=s", data=form)
    assert approved.status_code == 302
    assert list(parse_qs(urlsplit(approved.headers["location"]).query)) == ["tokenId"]
    refused = face.post(PAGE, data={"consentAppId": consent(face), "decision": "refuse"})
    assert urlsplit(refused.headers["location"]).query == ""


def test_consents_and_token_ids_work_once(face: httpx.Client) -> None:
    waiting = consent(face)
    assert face.post(PAGE, data={"consentAppId": waiting, "decision": "refuse"}).status_code == 302
    assert face.post(PAGE, data={"consentAppId": waiting, "decision": "approve"}).json()["errorCode"] == "DH-905"
    used = token_id(face)
    assert face.post(CONSUME, params={"tokenId": used}, headers=APP).status_code == 200
    assert face.get(CONSUME, params={"tokenId": used}, headers=APP).json()["errorMessage"] == "Invalid tokenId"


@pytest.mark.parametrize("changed", [{"app_id": "other"}, {"app_secret": "other"}])
def test_an_app_that_does_not_know_its_secret_gets_no_consent(face: httpx.Client, changed: dict[str, str]) -> None:
    answer = face.post("/app/generate-consent", params={"client_id": CLIENT}, headers={**APP, **changed})
    assert (answer.status_code, answer.json()["errorCode"]) == (401, "DH-901")


def test_a_token_ends_after_24_hours(bench: Bench, dhan: httpx.Client) -> None:
    bench.clock.advance(24 * 3600 - 1)
    assert dhan.get("/v2/profile").json()["dhanClientId"] == CLIENT
    bench.clock.advance(1)
    answer = dhan.get("/v2/profile")
    assert (answer.status_code, answer.json()["errorType"]) == (401, "Invalid_Authentication")


def test_a_new_token_ends_the_one_before(dhan: httpx.Client) -> None:
    renewed = dhan.get("/v2/RenewToken").json()["accessToken"]
    assert dhan.get("/v2/orders").status_code == 401
    assert dhan.get("/v2/orders", headers={"access-token": renewed}).json() == []


def test_quotes_need_the_client_id_too(bench: Bench, dhan: httpx.Client) -> None:
    option = bench.option()
    asked = {"NSE_FNO": [option.token, 1], "IDX_I": [13]}
    del dhan.headers["client-id"]
    assert dhan.post("/v2/marketfeed/quote", json=asked).status_code == 401
    bench.clock.advance(1)
    data = dhan.post("/v2/marketfeed/quote", json=asked, headers={"client-id": CLIENT}).json()["data"]
    assert list(data["NSE_FNO"]) == [str(option.token)]
    assert len(data["NSE_FNO"][str(option.token)]["depth"]["buy"]) == 5
    assert {level["price"] for level in data["IDX_I"]["13"]["depth"]["buy"]} == {0.0}


def test_an_order_passes_through_transit_to_traded(bench: Bench, dhan: httpx.Client) -> None:
    option = bench.option()
    placed = dhan.post("/v2/orders", json=body(bench, option)).json()
    assert placed["orderStatus"] == "TRANSIT"
    bench.settle()
    order = dhan.get(f"/v2/orders/{placed['orderId']}").json()
    assert (order["orderStatus"], order["filledQty"], order["remainingQuantity"]) == ("TRADED", option.lot, 0)
    assert order["tradingSymbol"] == trading_symbol(option) == f"NIFTY-Nov2026-{option.strike}-CE"
    assert (order["drvOptionType"], order["drvExpiryDate"]) == ("CALL", f"{option.expiry}")
    assert dhan.get("/v2/orders/external/d-1").json() == order
    assert dhan.get("/v2/orders").json() == [order]
    (trade,) = dhan.get(f"/v2/trades/{placed['orderId']}").json()
    assert trade["tradedPrice"] == order["averageTradedPrice"]


def test_a_resting_order_is_modified_and_cancelled(bench: Bench, dhan: httpx.Client) -> None:
    option = bench.option()
    low = round(bench.spread(option).bid * 0.9 / 5) * 5 / 100
    order_id = dhan.post("/v2/orders", json=body(bench, option, price=low)).json()["orderId"]
    bench.settle()
    change = body(bench, option, price=low - 0.5, orderId=order_id, quantity=2 * option.lot)
    assert dhan.put(f"/v2/orders/{order_id}", json=change).json() == {"orderId": order_id, "orderStatus": "PENDING"}
    order = dhan.get(f"/v2/orders/{order_id}").json()
    assert (order["quantity"], order["price"]) == (2 * option.lot, pytest.approx(low - 0.5))
    assert dhan.delete(f"/v2/orders/{order_id}").json()["orderStatus"] == "CANCELLED"
    again = dhan.delete(f"/v2/orders/{order_id}")
    assert (again.status_code, again.json()["errorCode"]) == (400, "DH-906")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"securityId": "1"}, "DH-905"),
        ({"dhanClientId": "1"}, "DH-905"),
        ({"correlationId": "x" * 31}, "DH-905"),
        ({"correlationId": "a/b"}, "DH-905"),
        ({"productType": "CNC"}, "DH-905"),
        ({"orderType": "STOP_LOSS_MARKET"}, "DH-905"),
        ({"orderType": "STOP_LOSS"}, "DH-905"),
        ({"quantity": "many"}, "DH-905"),
        ({"quantity": 1}, "DH-906"),
        ({"price": 0.01}, "DH-906"),
    ],
)
def test_what_is_refused_is_in_no_book(bench: Bench, dhan: httpx.Client, changes: dict[str, Any], code: str) -> None:
    answer = dhan.post("/v2/orders", json=body(bench, bench.option(), **changes))
    assert (answer.status_code, answer.json()["errorCode"]) == (400, code)
    assert dhan.get("/v2/orders").json() == []


def test_a_market_order_is_protected_by_the_broker(bench: Bench, dhan: httpx.Client) -> None:
    option = bench.option()
    placed = dhan.post("/v2/orders", json=body(bench, option, orderType="MARKET", price=0)).json()
    bench.settle()
    order = dhan.get(f"/v2/orders/{placed['orderId']}").json()
    assert (order["orderStatus"], order["orderType"]) == ("TRADED", "MARKET")
    assert order["averageTradedPrice"] <= order["price"]


def test_funds_positions_and_margins_follow_the_orders(bench: Bench, dhan: httpx.Client) -> None:
    option, wing = bench.option(), bench.option(steps=4)
    before = dhan.get("/v2/fundlimit").json()
    assert (before["availabelBalance"], before["utilizedAmount"]) == (5_000_000.0, 0.0)
    short = body(bench, option, transactionType="SELL", price=0, triggerPrice=0)
    alone = dhan.post("/v2/margincalculator", json=short).json()["totalMargin"]
    legs = {"dhanClientId": CLIENT, "scripList": [short, body(bench, wing)]}
    together = dhan.post("/v2/margincalculator/multi", json=legs).json()
    assert together["totalMargin"] < alone
    assert together["hedgeBenefit"] > 0
    bid = round(bench.spread(option).bid * 0.98 / 5) * 5 / 100
    dhan.post("/v2/orders", json=body(bench, option, transactionType="SELL", price=bid))
    bench.settle()
    (position,) = dhan.get("/v2/positions").json()
    assert (position["positionType"], position["netQty"], position["sellQty"]) == ("SHORT", -option.lot, option.lot)
    assert dhan.get("/v2/fundlimit").json()["utilizedAmount"] > 0


def test_a_quantity_off_the_lot_has_no_margin(bench: Bench, dhan: httpx.Client) -> None:
    answer = dhan.post("/v2/margincalculator", json=body(bench, bench.option(), quantity=1))
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "DH-905")


def test_the_scrip_master_lists_every_contract_in_the_columns_of_dhan(bench: Bench, face: httpx.Client) -> None:
    text = face.get("/api-data/api-scrip-master-detailed.csv").text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(text.splitlines()[0].split(",")) == COLUMNS
    assert len(rows) == len(list(bench.world.exchange.listing(bench.clock.now())))
    assert {row["SECURITY_ID"] for row in rows if row["SEGMENT"] == "I"} == {"13", "25", "27", "442", "51", "69"}
    option = next(row for row in rows if row["INSTRUMENT"] == "OPTIDX" and row["UNDERLYING_SYMBOL"] == "SENSEX")
    assert (option["EXCH_ID"], option["SYMBOL_NAME"], option["LOT_SIZE"]) == ("BSE", "BSXOPT", "20.0")
    future = next(row for row in rows if row["INSTRUMENT"] == "FUTIDX" and row["UNDERLYING_SYMBOL"] == "NIFTY")
    assert (future["STRIKE_PRICE"], future["OPTION_TYPE"], future["TICK_SIZE"]) == ("-0.01000", "XX", "5.0000")


@pytest.mark.parametrize(("path", "allowed"), [("/v2/marketfeed/quote", 1), ("/v2/fundlimit", 20), ("/v2/orders", 10)])
def test_each_kind_of_call_has_its_limit(bench: Bench, dhan: httpx.Client, path: str, allowed: int) -> None:
    bench.clock.advance(1)  # the login counts as a call too

    def ask() -> httpx.Response:
        return dhan.post(path, json={"IDX_I": [13]}) if "quote" in path else dhan.get(path)

    assert {ask().status_code for _ in range(allowed)} == {200}
    over = ask()
    assert (over.status_code, over.json()["errorCode"]) == (429, "DH-904")


def test_faults_meet_the_account_of_the_token(bench: Bench, dhan: httpx.Client) -> None:
    fault = {"broker": "dhan", "account": CLIENT, "operation": "orders", "times": 1}
    bench.world.faults.add({**fault, "kind": "refuse", "message": "said"})
    assert dhan.get("/v2/orders").json()["errorMessage"] == "said"
    bench.world.faults.add({**fault, "kind": "session_killed"})
    assert dhan.get("/v2/orders").status_code == 401
    assert dhan.get("/v2/orders").status_code == 401
