"""Why brokers refuse: their codes and words, as they were told in the field or in a document."""

import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.adapters.brokers.angel_one import refusals as angel_one
from lambdas.adapters.brokers.dhan import refusals as dhan
from lambdas.adapters.brokers.fyers import refusals as fyers
from lambdas.adapters.brokers.groww import refusals as groww
from lambdas.adapters.brokers.paper.refusals import refusal_by, refusal_told
from lambdas.adapters.brokers.upstox import refusals as upstox
from lambdas.adapters.brokers.wordbook import LONGEST_TEXT, Wordbook
from lambdas.adapters.brokers.zerodha import refusals as zerodha
from lambdas.domain.intents import IntentStatus
from lambdas.domain.refusals import Refusal
from lambdas.ports.broker import BrokerBusy, BrokerRefused, BrokerUnreachable, Outcome, SessionOver
from tests.unit.brokers.accounts import OPENERS, open_over
from tests.unit.brokers.doubles import ScriptedTransport, an_order, answer, payload

R = Refusal
MARGIN_EXCEEDS = "RMS:Margin Exceeds,Required:153892.45, Available:15507.18 for entity account-X across exchange"
CIRCUIT = "RMS:Rule: Check circuit limit including square off order exceeds : Circuit breach, Order Price :34.65"
LPP = "17070 : The Price is out of the LPP range"
NOT_IN_MARKET = "16387 : Security is not allowed to trade in this market"


def kite(kind: str, message: str) -> dict[str, Any]:
    return {"status": "error", "message": message, "data": None, "error_type": kind}


def smart(code: str, message: str) -> dict[str, Any]:
    return {"status": False, "message": message, "errorcode": code, "data": None}


def upstox_error(code: str, message: str) -> dict[str, Any]:
    return {"status": "error", "errors": [{"errorCode": code, "message": message}]}


def fyers_error(code: int, message: str) -> dict[str, Any]:
    return {"s": "error", "code": code, "message": message}


def dhan_error(code: str, message: str) -> dict[str, Any]:
    return {"errorType": "Order_Error", "errorCode": code, "errorMessage": message}


def groww_error(code: str, message: str) -> dict[str, Any]:
    return {"status": "FAILURE", "error": {"code": code, "message": message, "metadata": None}}


@pytest.mark.parametrize(
    ("kind", "message", "expected"),
    [
        # kite.trade/docs/connect/v3, multi-leg answers of autosliced orders
        ("MarginException", "Insufficient funds. Required margin is 228365.92 but available margin is 2.50.", R.FUNDS),
        # kite.trade/docs/connect/v3/exceptions: what the kind alone says
        ("MarginException", "said", R.FUNDS),
        ("TokenException", "Incorrect `api_key` or `access_token`.", R.SESSION),
        ("TokenException", "said", R.SESSION),
        # registered addresses since April 2026, as users quote Kite
        ("PermissionException", "IP not allowed to place orders for this app", R.STATIC_IP),
        ("PermissionException", "No IPs configured for this app. Add allowed IPs on the console.", R.STATIC_IP),
        # market orders since April 2026, as users quote Kite
        (
            "InputException",
            "Market orders without market protection are not allowed via API. Please set it.",
            R.MARKET_ORDER,
        ),
        # kite.trade/forum/discussion/comment/51118
        ("OrderException", "Maximum allowed order requests exceeded.", R.RATE_LIMIT),
        # orders outside the session, as users quote Kite
        ("OrderException", "Markets are closed right now. Use GTT or AMO.", R.MARKET_CLOSED),
        ("OrderException", "Your order could not be converted to a After Market Order (AMO).", R.MARKET_CLOSED),
        # the rules of support.zerodha.com, "Kite order rejections", as the sandbox words them
        (
            "InputException",
            "The instrument you are placing an order for has either expired or does not exist.",
            R.INSTRUMENT,
        ),
        ("InputException", "Quantity 4200 exceeds the freeze quantity of 1800.", R.FREEZE),
        ("InputException", "Invalid quantity. Quantity should be in multiples of 65.", R.FREEZE),
        ("OrderException", "Price exceeds circuit limits for the instrument. Daily range 1.00 to 9.00.", R.PRICE_BAND),
        ("InputException", "Tick size for this script is 0.05. Kindly enter a price in multiples of it.", R.OTHER),
        # kite.trade/forum/discussion/9215
        ("OrderException", "Order Request Timeout", R.OTHER),
    ],
)
def test_kite_refuses_because(kind: str, message: str, expected: Refusal) -> None:
    assert zerodha.refusal_in(kite(kind, message)) is expected


@pytest.mark.parametrize(
    ("raw", "message", "expected"),
    [
        # kite.trade/forum/discussion/comment/31631
        (MARGIN_EXCEEDS, "Insufficient funds. Required margin is 95 but available margin is 7.", R.FUNDS),
        ("", "Insufficient funds. Required margin is 95 but available margin is 7.", R.FUNDS),
        (CIRCUIT, "Your order price is lower than what is allowed.", R.PRICE_BAND),
        (LPP, "", R.PRICE_BAND),
        # NSE, list of error codes: the code counts before the words
        (NOT_IN_MARKET, "The stock is not allowed to trade at the moment.", R.INSTRUMENT),
        ("16278 : The markets have not been opened for trading", "", R.MARKET_CLOSED),
        ("16283 : The order price is not multiple of the tick size", "", R.OTHER),
        ("16307 : The order is canceled due to quantity freeze", "", R.FREEZE),
        ("16308 : The order is canceled due to price freeze", "", R.PRICE_BAND),
        # github.com/rushi751998/algo_server-/issues/14, of a risk system of the same make
        ("RMS:Blocked for nse_foMISRemarks:MIS PRODUCT TYPE BLOCKED  block type: ALL", "", R.INSTRUMENT),
        ("RMS:Blocked for nse_foRemarks:MIS TRADING NOT ALLOWED PLEASE PLACE ORDER IN NRML PRODUCT", "", R.INSTRUMENT),
        # support.zerodha.com, the list of RMS rejections
        ("RMS:MtoM Exceeds, Required:100, Available:50", "", R.MARGIN),
        ("RMS:Client not enabled on product", "", R.INSTRUMENT),
        ("RMS:Scrip NIFTY is in Ban Period.", "", R.INSTRUMENT),
        ("RMS:Auto Square Off Block", "", R.MARKET_CLOSED),
        ("", "", R.OTHER),
    ],
)
def test_a_row_of_kite_was_rejected_because(raw: str, message: str, expected: Refusal) -> None:
    assert zerodha.refusal_of({"status_message_raw": raw, "status_message": message}) is expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        # upstox.com/developer/api-documentation/error-codes
        (401, upstox_error("UDAPI100050", "Invalid token used to access API"), R.SESSION),
        (401, upstox_error("UDAPI100016", "Invalid Credentials"), R.SESSION),
        (400, upstox_error("UDAPI10005", "Too Many Request Sent"), R.RATE_LIMIT),
        # …/v3/place-order, "4XX"
        (403, upstox_error("UDAPI1154", "Access to this API is blocked due to static IP restrictions."), R.STATIC_IP),
        (400, upstox_error("UDAPI1156", "Invalid Algo name passed in headers"), R.ALGO),
        (400, upstox_error("UDAPI1158", "Market orders are not allowed via API"), R.MARKET_ORDER),
        (400, upstox_error("UDAPI100011", "Invalid Instrument key"), R.INSTRUMENT),
        (400, upstox_error("UDAPI1052", "The 'quantity' cannot be zero"), R.FREEZE),
        (400, upstox_error("UDAPI100074", "The API is accessible from 5:30 AM to 12:00 AM IST daily"), R.MARKET_CLOSED),
        # the code of many faults: its words decide
        (400, upstox_error("UDAPI100036", "Invalid Input"), R.OTHER),
        (401, upstox_error("UDAPI1", "said"), R.SESSION),
    ],
)
def test_upstox_refuses_because(status: int, body: dict[str, Any], expected: Refusal) -> None:
    assert upstox.refusal_in(status, body) is expected


@pytest.mark.parametrize(
    ("raw", "message", "expected"),
    [
        # upstox.com/developer/api-documentation/get-order-book, an example
        (MARGIN_EXCEEDS, "You need to add Rs. 138385.27 in your account to place this trade.", R.FUNDS),
        ("", "You need to add Rs. 138385.27 in your account to place this trade.", R.FUNDS),
        (CIRCUIT, "", R.PRICE_BAND),
        (LPP, "", R.PRICE_BAND),
        (NOT_IN_MARKET, "", R.INSTRUMENT),
    ],
)
def test_a_row_of_upstox_was_rejected_because(raw: str, message: str, expected: Refusal) -> None:
    assert upstox.refusal_of({"status_message_raw": raw, "status_message": message}) is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # smartapi.angelbroking.com/docs/Exceptions
        (smart("AG8001", "Invalid Token"), R.SESSION),
        (smart("AB1010", "AMX Session Expired"), R.SESSION),
        (smart("AB1009", "Symbol Not Found"), R.INSTRUMENT),
        (smart("AB1012", "Invalid Product Type"), R.INSTRUMENT),
        (smart("AB4008", "ordertag length should be less than 20 characters"), R.OTHER),
        # SmartAPI forum, "Getting IP restricted even after IP whitelisting"
        (
            {"success": False, "message": "Access denied: Unregistered IP address.", "errorCode": "AG7002", "data": ""},
            R.STATIC_IP,
        ),
        # SmartAPI forum, "Getting error AB4036"
        (smart("AB4036", "The token is categorised under cautionary listings by the exchange."), R.INSTRUMENT),
        (smart("AB4036", "something else"), R.OTHER),
        (smart("AB1021", "Too many requests"), R.RATE_LIMIT),
    ],
)
def test_angel_one_refuses_because(body: dict[str, Any], expected: Refusal) -> None:
    assert angel_one.refusal_in(body) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # SmartAPI forum, "Order Rejection API Response"
        ("Your order has been rejected due to Insufficient Funds.", R.FUNDS),
        (MARGIN_EXCEEDS, R.FUNDS),
        # smartapi.angelone.in/docs, order status by websocket
        ("Adapter is Logged Off", R.MARKET_CLOSED),
        ("Adapter is down", R.MARKET_CLOSED),  # the same of another exchange's adapter, by hearsay
        # order books of users
        (LPP, R.PRICE_BAND),
        (CIRCUIT, R.PRICE_BAND),
        ("RMS:Rule: Position limit including CNC exceeds ,Current:15, limit set:1 for entity account-M", R.MARGIN),
        ("TRANSACTION NOT ALLOWED IN CURRENT INSTRUMENT STATE", R.MARKET_CLOSED),
        (NOT_IN_MARKET, R.INSTRUMENT),
        ("16732 : Market order not allowed for Algo order.", R.MARKET_ORDER),
        ("17179 : Invalid Algo Id", R.ALGO),
    ],
)
def test_a_row_of_angel_one_was_rejected_because(text: str, expected: Refusal) -> None:
    assert angel_one.refusal_of({"text": text}) is expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        # myapi.fyers.in/docsv3, "Common API Error Codes"
        (401, fyers_error(-8, "Your token has expired"), R.SESSION),
        (401, fyers_error(-17, "said"), R.SESSION),
        (401, fyers_error(-1, "said"), R.SESSION),
        (400, fyers_error(-429, "request limit reached"), R.RATE_LIMIT),
        (400, fyers_error(-300, "Please provide a valid symbol"), R.INSTRUMENT),
        (400, fyers_error(-50, "Invalid input"), R.OTHER),
        # as users quote them
        (400, fyers_error(-99, "16387: Security is not allowed to trade in this market."), R.INSTRUMENT),
        (400, fyers_error(-99, "RED:Margin Shortfall:INR 203.50 Available:INR 7236.50 for C-X [RISK2]"), R.FUNDS),
        # as the sandbox words it
        (400, fyers_error(-99, "Market orders are not allowed via API. Please place a limit order."), R.MARKET_ORDER),
        # the second version of the API
        (400, fyers_error(-310, "said"), R.FREEZE),
        (400, fyers_error(-314, "said"), R.INSTRUMENT),
    ],
)
def test_fyers_refuses_because(status: int, body: dict[str, Any], expected: Refusal) -> None:
    assert fyers.refusal_in(status, body) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # order books of users of the same risk system
        ("RED:Margin Shortfall:INR 5,25,690.20 Available:INR 0.00 for C-X [FYERS_RISK_CUG]", R.FUNDS),
        ("RED:RULE:{Check Peak Margin}Available:INR -99.00 Peak Margin:INR 5.00", R.FUNDS),
        (
            "RED:RULE:{Check circuit limit including square off order}Current:INR 3999.00 LowerCircuit:INR 3215.80 "
            "UpperCircuit:INR 3930.40:NSE.X for C-X [RISK2]",
            R.PRICE_BAND,
        ),
        ("RED:RULE:{Option price check}Current:INR 1.00", R.PRICE_BAND),
        ("RED:RULE:{Check Freeze qty including square off order}Current:7800 Set:1801", R.FREEZE),
        ("RED:RULE:{Allowed Basket} in Basket NSE.MIS.NSE_MIS_BASKET [FYERS_RISK_CUG]", R.INSTRUMENT),
        ("RED:RULE:{Dont allow collateral and daylong cash for CAC/OPTION buy}Shortfall:INR 1.00", R.MARGIN),
        ("ONLY IOC ORDER ALLOWED IN RRM MODE", R.MARGIN),
        ("ORA:AMO is stopped", R.MARKET_CLOSED),
        # support.fyers.in, "How to fix common order rejection errors"
        ("The strike price is beyond the allowed intraday execution range. Either place Intraday …", R.INSTRUMENT),
        ("Insufficient margin due to peak margin rule. Your available balance is 1.", R.FUNDS),
        ("EXCH:16416:Invalid Counter Broker Id", R.OTHER),
    ],
)
def test_a_row_of_fyers_was_rejected_because(text: str, expected: Refusal) -> None:
    assert fyers.refusal_of({"message": text}) is expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        # dhanhq.co/docs/v2/annexure, "Trading API Error"
        (401, dhan_error("DH-901", "Client ID or user generated access token is invalid or expired."), R.SESSION),
        (401, dhan_error("DH-999", "said"), R.SESSION),
        (429, dhan_error("DH-904", "Too many requests on server from single user."), R.RATE_LIMIT),
        (400, dhan_error("DH-905", "Missing required fields, bad values for parameters etc."), R.OTHER),
        (400, dhan_error("DH-906", "Incorrect request for order and cannot be processed."), R.OTHER),
        # as users quote them
        (400, dhan_error("DH-905", "Invalid IP"), R.STATIC_IP),
        (400, dhan_error("DH-906", "Intraday orders cannot be placed at this time"), R.MARKET_CLOSED),
        (400, {"status": "failure", "data": {"809": "Token is invalid"}}, R.SESSION),
    ],
)
def test_dhan_refuses_because(status: int, body: dict[str, Any], expected: Refusal) -> None:
    assert dhan.refusal_in(status, body) is expected


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        # order books of users
        ("", "RMS:123:You have insufficient funds. Please add Rs.500 to trade.", R.FUNDS),
        ("", "RMS: Margin shortfall of INR 150000.00", R.FUNDS),
        ("", "RMS:34826090811807:Order Price needs to be Circuit Limits of 2915.70 to 3563.50", R.PRICE_BAND),
        ("", "RMS:789:Rate Not Within Ckt Limit 395.25 To 592.85", R.PRICE_BAND),
        ("", "EXCH:16387:Security is not allowed to trade in this market.", R.INSTRUMENT),
        ("", "RMS:456:Order rejected as this stock is not allowed to be traded in Intraday.", R.INSTRUMENT),
        ("", "Intraday orders cannot be placed at this time", R.MARKET_CLOSED),
        ("", "RMS:999:Order rejected due to an internal system error, please retry.", R.OTHER),
        # the code is the exchange's, and counts where the words say nothing known
        ("17070", "Rejected", R.PRICE_BAND),
        ("16283", "RMS: Margin shortfall of INR 150000.00", R.FUNDS),
        ("0", "CONFIRMED", R.OTHER),
    ],
)
def test_a_row_of_dhan_was_rejected_because(code: str, text: str, expected: Refusal) -> None:
    assert dhan.refusal_of({"omsErrorCode": code, "omsErrorDescription": text}) is expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        # groww.in/trade-api/docs/curl, "Error Codes"
        (404, groww_error("GA004", "Requested entity does not exist"), R.INSTRUMENT),
        (400, groww_error("GA001", "Bad request"), R.OTHER),
        (403, groww_error("GA005", "User not authorised to perform this operation"), R.OTHER),
        (400, groww_error("GA006", "Cannot process this request"), R.OTHER),
        # the gateway in front tells a session that is over by the HTTP status
        (401, groww_error("GA005", "User not authorised to perform this operation"), R.SESSION),
        (401, {"error": {"code": "401", "displayMessage": "said"}}, R.SESSION),
        # Groww publishes no texts: these are worded like those of the other brokers
        (400, groww_error("GA006", "Insufficient balance. Add money and try again."), R.FUNDS),
        (400, groww_error("GA001", "Market orders are not allowed for algo orders."), R.MARKET_ORDER),
        (403, groww_error("GA005", "IP address is not whitelisted"), R.STATIC_IP),
    ],
)
def test_groww_refuses_because(status: int, body: dict[str, Any], expected: Refusal) -> None:
    assert groww.refusal_in(status, body) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Insufficient margin. Required 150000.00, available 1000.00.", R.FUNDS),
        (MARGIN_EXCEEDS, R.FUNDS),
        (LPP, R.PRICE_BAND),
        ("16328 : Quantity is not a multiple of regular lot", R.FREEZE),
        (None, R.OTHER),
    ],
)
def test_a_row_of_groww_was_rejected_because(text: str | None, expected: Refusal) -> None:
    assert groww.refusal_of({"remark": text}) is expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("paper: not enough funds: needs ₹10,000.00, available ₹9.00", R.FUNDS),
        ("paper: quantity 66 is no multiple of the lot of 65", R.FREEZE),
        ("paper: NFO:NOSUCH is not in the instrument master of zerodha", R.INSTRUMENT),
        ("paper: limit 1.03 is no multiple of the tick of 0.05", R.OTHER),
    ],
)
def test_the_paper_exchange_refuses_because(words: str, expected: Refusal) -> None:
    assert refusal_told(words) is expected
    assert refusal_by(BrokerRefused(words)) is expected


def test_what_keeps_a_paper_order_from_leaving_is_told_by_its_kind() -> None:
    assert refusal_by(SessionOver("said")) is R.SESSION
    assert refusal_by(BrokerBusy("said")) is R.RATE_LIMIT
    assert refusal_by(BrokerUnreachable("said")) is None


TEXTS = (
    MARGIN_EXCEEDS,
    CIRCUIT,
    LPP,
    NOT_IN_MARKET,
    "Quantity should be in multiples of 65.",
    "You need to add Rs. 5.",
)


@given(text=st.sampled_from(TEXTS), amount=st.decimals(0, 10**9, places=2))
def test_no_amount_changes_what_is_recognised(text: str, amount: object) -> None:
    other = re.sub(r"(?<=[:. ])\d+(?:\.\d+)?(?! :)", str(amount), text)
    assert Wordbook().refusal_in(other) is Wordbook().refusal_in(text) is not R.OTHER


@pytest.mark.parametrize("text", TEXTS)
def test_the_case_of_letters_does_not_count(text: str) -> None:
    assert Wordbook().refusal_in(text.upper()) is Wordbook().refusal_in(text.lower()) is Wordbook().refusal_in(text)


@given(text=st.text() | st.none() | st.integers() | st.lists(st.integers()))
def test_anything_may_be_said(text: object) -> None:
    assert isinstance(Wordbook().refusal_in(text), Refusal)


def test_a_text_without_an_end_is_read_from_its_beginning() -> None:
    assert Wordbook().refusal_in(MARGIN_EXCEEDS + " " * 10 * LONGEST_TEXT) is R.FUNDS
    assert Wordbook().refusal_in("x" * 10**6) is R.OTHER


REFUSALS: Mapping[str, httpx.Response] = {
    "zerodha": answer(400, kite("MarginException", "Insufficient funds. Required margin is 9.")),
    "angel_one": answer(200, smart("AB4036", "Insufficient funds")),
    "upstox": answer(400, upstox_error("UDAPI100036", "You need to add Rs. 9 in your account")),
    "fyers": answer(400, fyers_error(-99, "RED:Margin Shortfall:INR 203.50")),
    "dhan": answer(400, dhan_error("DH-906", "You have insufficient funds.")),
    "groww": answer(400, groww_error("GA006", "Insufficient balance")),
}


@pytest.mark.anyio
@pytest.mark.parametrize("broker", sorted(OPENERS))
async def test_an_order_that_is_refused_says_why(broker: str) -> None:
    placement = await open_over(broker, ScriptedTransport(REFUSALS[broker])).prepare(an_order())()
    assert (placement.outcome, placement.refusal, placement.busy) == (Outcome.REFUSED, R.FUNDS, False)


@pytest.mark.anyio
@pytest.mark.parametrize("broker", sorted(OPENERS))
async def test_a_rate_limit_is_told_as_one(broker: str) -> None:
    placement = await open_over(broker, ScriptedTransport(answer(429, ""))).prepare(an_order())()
    assert (placement.outcome, placement.refusal, placement.busy) == (Outcome.REFUSED, R.RATE_LIMIT, True)


@pytest.mark.anyio
@pytest.mark.parametrize("broker", sorted(OPENERS))
@pytest.mark.parametrize("reply", [httpx.ConnectError("no route"), httpx.ReadTimeout("slow"), answer(502, "")])
async def test_nobody_refused_what_did_not_arrive_or_is_not_known(
    broker: str, reply: httpx.Response | Exception
) -> None:
    placement = await open_over(broker, ScriptedTransport(reply)).prepare(an_order())()
    assert placement.outcome is not Outcome.ACCEPTED
    assert placement.refusal is None


@pytest.mark.anyio
@pytest.mark.parametrize("broker", sorted(OPENERS))
async def test_rows_of_the_book_say_why_they_were_rejected_and_others_nothing(broker: str) -> None:
    body = payload(broker, "orders.json")
    rows = await open_over(broker, ScriptedTransport(answer(200, body))).orders()
    told = {row.status: row.refusal for row in rows}
    assert told == {IntentStatus.FILLED: None, IntentStatus.REFUSED: R.FUNDS}
