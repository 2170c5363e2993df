"""Dhan: what is sent, what its answers and errors mean, its scrip master and its login."""

import json
import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.adapters.brokers.dhan.mapping import status_of
from lambdas.adapters.brokers.dhan.master import COLUMNS, MasterReader
from lambdas.adapters.brokers.dhan.names import contract_name, name_of
from lambdas.adapters.brokers.dhan.placing import order_body
from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.registry import open_login
from lambdas.domain.contracts import NO_STRIKE, Contract, Listing, Right, Side
from lambdas.domain.intents import FINAL, IntentStatus
from lambdas.domain.moments import IST
from lambdas.ports.broker import (
    BrokerBusy,
    BrokerError,
    BrokerGarbled,
    BrokerPosition,
    BrokerRefused,
    BrokerUnreachable,
    Funds,
    Outcome,
    SessionOver,
)
from lambdas.ports.broker_login import BrokerOAuthStrategy
from tests.unit.brokers.accounts import dhan
from tests.unit.brokers.doubles import Answer, FrozenClock, ScriptedTransport, an_order, answer, payload

HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"
MORNING = datetime(2026, 11, 23, 8, 31, tzinfo=IST)
MASTER = payload("dhan", "master.csv")
NIFTY = frozenset({"NIFTY"})
CREDENTIALS = {"client_id": "1000000401", "api_key": "dhan0app", "api_secret": "SECRET0CANARY"}
S = IntentStatus


def said(status: int, code: str, message: str = "said") -> httpx.Response:
    return answer(status, {"errorType": "Some_Error", "errorCode": code, "errorMessage": message})


def coded(status: int, code: str) -> httpx.Response:
    return answer(status, {"data": {code: "said"}, "status": "failed"})


def read(body: bytes, underlyings: frozenset[str] = NIFTY) -> list[Listing]:
    reader = MasterReader(underlyings)
    reader.feed(body)
    return reader.close()


@pytest.mark.anyio
async def test_an_order_is_a_limit_order_by_security_id() -> None:
    transport = ScriptedTransport(answer(200, payload("dhan", "place.json")))
    await dhan(transport).prepare(an_order(product="NRML", side=Side.SELL))()
    assert (transport.last.method, str(transport.last.url)) == ("POST", "http://api.test/v2/orders")
    assert json.loads(transport.last.content, parse_float=str) == {
        "dhanClientId": "1000000401",
        "correlationId": "LWAAAAAAAAAAAAAAAAA1",
        "transactionType": "SELL",
        "exchangeSegment": "NSE_FNO",
        "productType": "MARGIN",
        "orderType": "LIMIT",
        "validity": "DAY",
        "securityId": "47164",
        "quantity": 65,
        "disclosedQuantity": 0,
        "price": "104.5",
        "triggerPrice": 0,
        "afterMarketOrder": False,
    }
    assert transport.last.headers["access-token"] == "TOKEN0CANARY"
    assert transport.last.headers["client-id"] == "1000000401"


@pytest.mark.anyio
async def test_intraday_is_what_dhan_calls_mis_and_bse_is_a_segment() -> None:
    transport = ScriptedTransport(answer(200, payload("dhan", "place.json")))
    await dhan(transport).prepare(an_order(exchange="BFO"))()
    body = json.loads(transport.last.content)
    assert (body["productType"], body["exchangeSegment"]) == ("INTRADAY", "BSE_FNO")


@pytest.mark.parametrize(
    "changes",
    [
        {"limit_price": Decimal(0)},
        {"limit_price": Decimal("NaN")},
        {"limit_price": Decimal("0.1000000000000000000001")},
        {"token": ""},
        {"exchange": "MCX"},
    ],
)
def test_what_dhan_cannot_carry_is_a_value_error(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"is not|needs"):
        dhan(ScriptedTransport(answer(200, {}))).prepare(an_order(**changes))


@given(ticks=st.integers(1, 4_000_000))
def test_every_price_on_the_tick_is_sent_exactly(ticks: int) -> None:
    limit = ticks * Decimal("0.05")
    written = json.dumps(order_body(an_order(limit_price=limit), "1000000401"))
    assert Decimal(json.loads(written, parse_float=str)["price"]) == limit


@pytest.mark.anyio
async def test_a_modification_names_the_whole_quantity() -> None:
    transport = ScriptedTransport(answer(200, payload("dhan", "place.json")))
    await dhan(transport).modify("1/2", Decimal("104.55"), 130)
    assert (transport.last.method, transport.last.url.raw_path) == ("PUT", b"/v2/orders/1%2F2")
    assert json.loads(transport.last.content, parse_float=str) == {
        "dhanClientId": "1000000401",
        "orderId": "1/2",
        "orderType": "LIMIT",
        "quantity": 130,
        "price": "104.55",
        "disclosedQuantity": 0,
        "triggerPrice": 0,
        "validity": "DAY",
    }


@pytest.mark.anyio
async def test_cancelling_names_the_order_once() -> None:
    transport = ScriptedTransport(answer(202, {"orderId": "1/2", "orderStatus": "CANCELLED"}))
    await dhan(transport).cancel("1/2")
    assert (transport.last.method, transport.last.url.raw_path) == ("DELETE", b"/v2/orders/1%2F2")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (answer(200, {"orderId": "1", "orderStatus": "REJECTED"}), Outcome.ACCEPTED),
        (answer(202, {"orderId": "1", "orderStatus": "PENDING"}), Outcome.ACCEPTED),
        (said(400, "DH-905"), Outcome.REFUSED),
        (said(400, "DH-906"), Outcome.REFUSED),
        (said(403, "DH-911"), Outcome.REFUSED),
        (said(401, "DH-901"), Outcome.REFUSED),
        (said(429, "DH-904"), Outcome.REFUSED),
        (said(400, "DH-904"), Outcome.REFUSED),
        (coded(400, "805"), Outcome.REFUSED),
        (answer(429, HTML), Outcome.REFUSED),
        (said(500, "DH-906"), Outcome.UNKNOWN),
        (said(400, "DH-908"), Outcome.UNKNOWN),
        (said(400, "DH-909"), Outcome.UNKNOWN),
        (said(400, "DH-910"), Outcome.UNKNOWN),
        (said(408, "DH-906"), Outcome.UNKNOWN),
        (said(200, "DH-906"), Outcome.UNKNOWN),
        (answer(400, {"errorCode": "DH-906", "errorMessage": "said", "orderId": "1"}), Outcome.UNKNOWN),
        (answer(400, {"message": "no code"}), Outcome.UNKNOWN),
        (answer(200, {"orderStatus": "REJECTED"}), Outcome.UNKNOWN),
        (answer(200, '[{"orderId": "1"}]'), Outcome.UNKNOWN),
        (answer(404, {"timestamp": 1, "status": 404, "error": "Not Found", "path": "/v2/orders"}), Outcome.UNKNOWN),
    ],
)
async def test_an_answer_to_an_order_means(reply: httpx.Response, outcome: Outcome) -> None:
    placement = await dhan(ScriptedTransport(reply)).prepare(an_order())()
    assert placement.outcome is outcome
    assert (placement.broker_order_id == "1") == (outcome is Outcome.ACCEPTED)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("reply", "branch"),
    [
        (httpx.ConnectError("no route"), BrokerUnreachable),
        (httpx.ReadTimeout("slow"), BrokerGarbled),
        (said(401, "DH-901"), SessionOver),
        (said(400, "DH-901"), SessionOver),
        (answer(401, {"message": "Unauthorized"}), SessionOver),
        (coded(401, "807"), SessionOver),
        (coded(200, "809"), SessionOver),
        (said(400, "DH-906"), BrokerRefused),
        (said(403, "DH-902"), BrokerRefused),
        (coded(400, "806"), BrokerRefused),
        (said(429, "DH-904"), BrokerBusy),
        (coded(200, "805"), BrokerBusy),
        (answer(429, HTML), BrokerBusy),
        (said(500, "DH-908"), BrokerGarbled),
        (said(400, "DH-910"), BrokerGarbled),
        (answer(502, HTML), BrokerGarbled),
        (answer(200, HTML), BrokerGarbled),
        (answer(403, HTML), BrokerGarbled),
        (answer(200, '[]}, {"rows": []'), BrokerGarbled),
    ],
)
async def test_an_answer_leads_to_one_branch(reply: Answer, branch: type[BrokerError]) -> None:
    with pytest.raises(branch) as caught:
        await dhan(ScriptedTransport(reply)).orders()
    assert type(caught.value) is branch
    assert str(caught.value).startswith("dhan: ")


@pytest.mark.parametrize(
    ("text", "filled", "expected"),
    [
        ("TRADED", 65, S.FILLED),
        ("traded ", 65, S.FILLED),
        ("REJECTED", 0, S.REFUSED),
        ("REJECTED", 65, S.CANCELLED),
        ("CANCELLED", 25, S.CANCELLED),
        ("EXPIRED", 0, S.CANCELLED),
        ("PART_TRADED", 25, S.PARTLY_FILLED),
        ("TRANSIT", 0, S.ACCEPTED),
        ("PENDING", 0, S.ACCEPTED),
        ("TRIGGERED", 0, S.ACCEPTED),
        ("", 0, S.ACCEPTED),
    ],
)
def test_a_status_means(text: str, filled: int, expected: IntentStatus) -> None:
    assert status_of(text, filled) is expected


@given(text=st.text(), filled=st.integers(0, 5000))
def test_a_status_that_nobody_knows_is_in_flight(text: str, filled: int) -> None:
    if text.strip().upper() not in {"TRADED", "REJECTED", "CANCELLED", "EXPIRED"}:
        assert status_of(text, filled) not in FINAL


@pytest.mark.anyio
async def test_the_order_book_is_read_exactly() -> None:
    exact = "101.35000000000000000000000001"
    body = payload("dhan", "orders.json").replace(b"101.35", exact.encode())
    filled, refused = await dhan(ScriptedTransport(answer(200, body))).orders()
    assert (filled.broker_order_id, filled.tag) == ("261123000000001", "LWAAAAAAAAAAAAAAAAA1")
    assert (filled.symbol, filled.side) == ("NIFTY-23Nov2026-26000-CE", Side.BUY)
    assert (filled.status, filled.quantity, filled.filled_quantity) == (S.FILLED, 65, 65)
    assert filled.average_price == Decimal(exact)
    assert filled.exchange_at == datetime(2026, 11, 23, 9, 20, 1, tzinfo=IST)
    assert (refused.status, refused.tag, refused.average_price) == (S.REFUSED, None, None)
    assert (refused.symbol, refused.exchange_at) == ("SENSEX-26Nov2026-FUT", None)
    assert "Margin" in refused.message


@pytest.mark.anyio
async def test_a_malformed_order_row_is_garbled_and_an_object_is_no_book() -> None:
    body = payload("dhan", "orders.json").replace(b"BUY", b"HOLD")
    for reply in (answer(200, body), answer(200, {})):
        with pytest.raises(BrokerGarbled, match="dhan: the order book"):
            await dhan(ScriptedTransport(reply)).orders()
    assert await dhan(ScriptedTransport(answer(200, "[]"))).orders() == []


@pytest.mark.anyio
@pytest.mark.parametrize("wrap", [lambda row: row, lambda row: [row]], ids=["object", "array"])
async def test_one_order_may_come_alone_or_in_an_array(wrap: Callable[[Any], Any]) -> None:
    row = json.loads(payload("dhan", "orders.json"))[0]
    transport = ScriptedTransport(answer(200, json.dumps(wrap(row))))
    account = dhan(transport)
    assert (await account.order("261123000000001")).status is S.FILLED
    assert transport.last.url.path == "/v2/orders/261123000000001"
    found = await account.order_by_tag("LWAAAAAAAAAAAAAAAAA1")
    assert found is not None
    assert transport.last.url.path == "/v2/orders/external/LWAAAAAAAAAAAAAAAAA1"
    assert len(transport.requests) == 2


@pytest.mark.anyio
@pytest.mark.parametrize("nothing", [said(400, "DH-906"), said(404, "DH-907"), answer(200, "[]"), answer(200, {})])
async def test_a_tag_that_is_not_found_is_looked_for_in_the_book(nothing: httpx.Response) -> None:
    transport = ScriptedTransport(nothing, answer(200, payload("dhan", "orders.json")))
    found = await dhan(transport).order_by_tag("LWAAAAAAAAAAAAAAAAA1")
    assert found is not None
    assert [request.url.path for request in transport.requests][1:] == ["/v2/orders"]
    assert await dhan(ScriptedTransport(nothing, answer(200, "[]"))).order_by_tag("LW1") is None


@pytest.mark.anyio
@pytest.mark.parametrize("reply", [said(401, "DH-901"), said(429, "DH-904"), said(500, "DH-908"), answer(200, HTML)])
async def test_only_a_refusal_is_followed_by_a_look_into_the_book(reply: httpx.Response) -> None:
    transport = ScriptedTransport(reply)
    with pytest.raises(BrokerError):
        await dhan(transport).order_by_tag("LW1")
    assert {request.url.path for request in transport.requests} == {"/v2/orders/external/LW1"}


@pytest.mark.anyio
async def test_an_order_that_is_answered_with_nothing_is_refused() -> None:
    with pytest.raises(BrokerRefused, match="no order 9"):
        await dhan(ScriptedTransport(answer(200, "[]"))).order("9")


@pytest.mark.anyio
async def test_positions_are_those_in_derivatives_without_a_last_price() -> None:
    long, short, closed = await dhan(ScriptedTransport(answer(200, payload("dhan", "positions.json")))).positions()
    assert long == BrokerPosition(
        "NFO", "NIFTY-23Nov2026-26000-CE", "47164", "MIS", 65, 130, 65, Decimal("101.35"), None
    )
    assert short == BrokerPosition(
        "NFO", "BANKNIFTY-24Nov2026-FUT", "35615", "NRML", -30, 0, 30, Decimal("58100.2"), None
    )
    assert (closed.net, closed.bought, closed.sold, closed.average_price) == (0, 65, 65, None)


@pytest.mark.anyio
async def test_funds_are_read_with_the_spelling_of_dhan() -> None:
    body = payload("dhan", "funds.json")
    assert await dhan(ScriptedTransport(answer(200, body))).funds() == Funds(Decimal("98440.15"), Decimal("15202.35"))
    for bad in (b'"NaN"', b'"many"'):
        with pytest.raises(BrokerGarbled, match="dhan: the funds"):
            await dhan(ScriptedTransport(answer(200, body.replace(b"98440.15", bad)))).funds()


@pytest.mark.anyio
async def test_a_basket_is_asked_for_as_one() -> None:
    transport = ScriptedTransport(answer(200, payload("dhan", "margin.json")))
    account = dhan(transport)
    orders = [an_order(product="NRML"), an_order(product="NRML", side=Side.SELL, token="47165", exchange="BFO")]
    assert await account.basket_margin(orders) == Decimal("48213.55")
    body = json.loads(transport.last.content, parse_float=str)
    assert transport.last.url.path == "/v2/margincalculator/multi"
    assert (body["dhanClientId"], body["includePosition"], body["includeOrder"]) == ("1000000401", False, False)
    assert body["scripList"] == [
        {
            "transactionType": side,
            "exchangeSegment": segment,
            "productType": "MARGIN",
            "securityId": security,
            "quantity": 65,
            "price": "104.5",
            "triggerPrice": 0,
        }
        for side, segment, security in (("BUY", "NSE_FNO", "47164"), ("SELL", "BSE_FNO", "47165"))
    ]
    assert await account.basket_margin([]) == 0
    assert len(transport.requests) == 1


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("body", "margin"),
    [({"total_margin": "150000.00"}, "150000"), ({"totalMargin": 0}, "0"), ({"totalMargin": 1}, "1")],
)
async def test_a_margin_is_read_in_both_of_its_spellings(body: dict[str, Any], margin: str) -> None:
    assert await dhan(ScriptedTransport(answer(200, body))).basket_margin([an_order()]) == Decimal(margin)


@pytest.mark.anyio
@pytest.mark.parametrize("body", [{}, {"totalMargin": None}, {"totalMargin": "-1"}, {"total_margin": "NaN"}])
async def test_a_margin_that_is_none_is_garbled(body: dict[str, Any]) -> None:
    with pytest.raises(BrokerGarbled, match="dhan: the margin"):
        await dhan(ScriptedTransport(answer(200, body))).basket_margin([an_order()])


@pytest.mark.anyio
async def test_quotes_are_asked_for_by_segment_and_number() -> None:
    transport = ScriptedTransport(answer(200, payload("dhan", "quote.json")))
    await dhan(transport).quotes([("NFO", "A", "1"), ("BFO", "C", "2"), ("NFO", "B", "3"), ("NFO", "D", "x")])
    assert transport.last.url == "http://api.test/v2/marketfeed/quote"
    assert json.loads(transport.last.content) == {"NSE_FNO": [1, 3], "BSE_FNO": [2]}


def test_the_master_lists_contracts_by_names_of_their_own() -> None:
    call, put, monthly, future = read(MASTER)
    weekly = Contract("NIFTY", date(2026, 11, 23), Decimal(26000), Right.CE)
    assert call == Listing(weekly, "NFO", "NIFTY-23Nov2026-26000-CE", "47164", 65, Decimal("0.05"), 1756)
    assert put.contract.right is Right.PE
    assert monthly.symbol == "NIFTY-30Nov2026-26000-CE"
    assert future.contract == Contract("NIFTY", date(2026, 11, 30), NO_STRIKE, Right.FUT)
    assert (future.symbol, future.tick_size) == ("NIFTY-30Nov2026-FUT", Decimal("0.1"))


def test_bse_has_one_name_for_all_its_options() -> None:
    option, future = read(MASTER, frozenset({"SENSEX"}))
    assert (option.exchange, option.symbol, option.lot_size) == ("BFO", "SENSEX-26Nov2026-85000-CE", 20)
    assert (future.symbol, future.contract.strike) == ("SENSEX-26Nov2026-FUT", NO_STRIKE)
    assert option.freeze_quantity == 1000


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"tradingSymbol": "NIFTY-Nov2026-26000-CE", "drvExpiryDate": None}, "NIFTY-Nov2026-26000-CE"),
        ({"tradingSymbol": "TCS", "drvExpiryDate": "0001-01-01"}, "TCS"),
        (
            {"tradingSymbol": "BKXOPT", "drvExpiryDate": "2026-11-26 14:30:00", "drvOptionType": "PUT",
             "drvStrikePrice": 65000.0},
            "BANKEX-26Nov2026-65000-PE",
        ),
    ],
)  # fmt: skip
def test_an_order_is_named_as_its_listing_where_it_tells_enough(row: dict[str, Any], name: str) -> None:
    assert name_of(row) == name


@given(strike=st.integers(1, 4_000), day=st.dates(date(2026, 1, 1), date(2031, 12, 31)), right=st.sampled_from(Right))
def test_listing_and_order_agree_on_the_name(strike: int, day: date, right: Right) -> None:
    price = Decimal(strike * 50)
    row = {
        "tradingSymbol": f"NIFTY-{day:%b%Y}-{price}-{right}",
        "drvExpiryDate": day.isoformat(),
        "drvOptionType": {"CE": "CALL", "PE": "PUT"}.get(right),
        "drvStrikePrice": float(price),
    }
    assert name_of(row) == contract_name("NIFTY", day, price, right)


@given(cuts=st.lists(st.integers(0, len(MASTER)), max_size=40))
def test_chunks_of_the_master_may_break_anywhere(cuts: list[int]) -> None:
    reader = MasterReader(NIFTY)
    for start, end in pairwise([0, *sorted(cuts), len(MASTER)]):
        reader.feed(MASTER[start:end])
    assert reader.close() == read(MASTER)


@given(length=st.integers(0, len(MASTER) - 2))
def test_a_master_that_breaks_off_within_a_line_is_garbled(length: int) -> None:
    if length and MASTER[length - 1 : length] != b"\n" and MASTER[length : length + 1] != b"\n":
        with pytest.raises(BrokerGarbled, match="dhan: scrip master"):
            read(MASTER[:length])


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_named(column: str) -> None:
    header, _, rest = MASTER.partition(b"\n")
    names = [b"RENAMED" if name == column.encode() else name for name in header.split(b",")]
    with pytest.raises(BrokerGarbled, match=f"dhan: scrip master has no column {column}$"):
        read(b",".join(names) + b"\n" + rest)


@pytest.mark.parametrize("page", [b"", HTML.encode(), b"\n"])
def test_what_is_no_master_has_no_columns(page: bytes) -> None:
    with pytest.raises(BrokerGarbled, match="has no column"):
        read(page)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"2026-11-23,26000.00000,CE", b"23-11-2026,26000.00000,CE"),
        (b"26000.00000,CE,5.0000", b"-0.01000,CE,5.0000"),
        (b"26000.00000,CE,5.0000", b"26000.00000,XX,5.0000"),
        (b"26000.00000,CE,5.0000", b"26000.00000,FUT,5.0000"),
        (b"26000.00000,CE,5.0000", b"26000.00000,CE,0"),
        (b"NA,65.0,", b"NA,0,"),
        (b"NA,65.0,", b"NA,65.5,"),
        (b"NSE,D,47164", b"NSE,D,"),
        (b"NSE,D,47164", b"NSE,D,47164,1"),
    ],
)
def test_an_unreadable_contract_is_named_by_its_line(good: bytes, bad: bytes) -> None:
    assert good in MASTER
    with pytest.raises(BrokerGarbled, match="dhan: scrip master line 2: "):
        read(MASTER.replace(good, bad, 1))


@pytest.mark.anyio
async def test_the_public_master_gets_neither_client_id_nor_token() -> None:
    transport = ScriptedTransport(answer(200, MASTER))
    assert len(await dhan(transport).listings(NIFTY)) == 4
    assert str(transport.last.url) == "http://master.test/api-data/api-scrip-master-detailed.csv"
    sent = str(transport.last.headers.raw)
    assert "TOKEN0CANARY" not in sent
    assert "1000000401" not in sent
    with pytest.raises(BrokerGarbled, match="HTTP 503"):
        await dhan(ScriptedTransport(answer(503, ""))).listings(NIFTY)


def login() -> BrokerOAuthStrategy:
    endpoints = Endpoints("http://api.test", "https://login.test/")
    return open_login("dhan", credentials=CREDENTIALS, endpoints=endpoints, clock=FrozenClock())


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Callable[..., ScriptedTransport]:
    """Lets a login, which opens its own connections, meet a scripted Dhan."""

    def script(*answers: Answer) -> ScriptedTransport:
        transport = ScriptedTransport(*answers)
        monkeypatch.setattr(httpx, "AsyncHTTPTransport", lambda **_: transport)
        return transport

    return script


@pytest.mark.anyio
async def test_the_browser_goes_to_the_page_of_a_new_consent(wire: Any) -> None:
    transport = wire(answer(200, payload("dhan", "consent.json")))
    url = await login().get_auth_url("state")
    assert url == "https://login.test/login/consentApp-login?consentAppId=940b0ca1-3ff4-4476-b46e-03a3ce7dc55d"
    assert transport.last.method == "POST"
    assert transport.last.url == "https://login.test/app/generate-consent?client_id=1000000401"
    assert (transport.last.headers["app_id"], transport.last.headers["app_secret"]) == ("dhan0app", "SECRET0CANARY")


@pytest.mark.anyio
@pytest.mark.parametrize("reply", [said(401, "DH-901", "Invalid app"), said(400, "DH-905", "Invalid app")])
async def test_an_app_that_dhan_does_not_know_is_refused(wire: Any, reply: httpx.Response) -> None:
    wire(reply)
    with pytest.raises(BrokerRefused, match="Invalid app"):
        await login().get_auth_url("state")


@pytest.mark.anyio
async def test_a_token_id_becomes_an_access_token_for_as_long_as_dhan_says(wire: Any) -> None:
    transport = wire(answer(200, payload("dhan", "session.json")))
    session = await login().handle_callback({"tokenId": "TOKENID0CANARY"}, MORNING)
    assert (session.tokens, session.client_id) == ({"access_token": "ACCESS0CANARY"}, "1000000401")
    assert session.expires_at == datetime(2026, 11, 24, 8, 30, 30, tzinfo=IST)
    assert (transport.last.method, transport.last.url.path) == ("GET", "/app/consumeApp-consent")
    assert dict(transport.last.url.params) == {"tokenId": "TOKENID0CANARY"}
    assert "access-token" not in transport.last.headers


@pytest.mark.anyio
@pytest.mark.parametrize("told", ["", "2027-11-24T08:30:30", "2026-11-24T12:00:00"])
async def test_no_session_outlives_the_24_hours_of_the_rule(wire: Any, told: str) -> None:
    wire(answer(200, payload("dhan", "session.json").replace(b"2026-11-24T08:30:30.000", told.encode())))
    session = await login().handle_callback({"tokenId": "t"}, MORNING)
    assert session.expires_at == MORNING + timedelta(hours=24)


@pytest.mark.anyio
async def test_a_session_of_another_client_is_refused(wire: Any) -> None:
    wire(answer(200, payload("dhan", "session.json").replace(b"1000000401", b"1000000402")))
    with pytest.raises(BrokerRefused, match="another client"):
        await login().handle_callback({"tokenId": "t"}, MORNING)


@pytest.mark.anyio
@pytest.mark.parametrize("callback", [{}, {"tokenId": ""}, {"request_token": "r"}])
async def test_a_login_that_was_not_completed_asks_for_another(wire: Any, callback: dict[str, str]) -> None:
    transport = wire(answer(200, payload("dhan", "session.json")))
    with pytest.raises(BrokerRefused, match="log in again"):
        await login().handle_callback(callback, MORNING)
    assert transport.requests == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("reply", "branch"),
    [
        (said(401, "DH-901", "Invalid tokenId TOKENID0CANARY"), BrokerRefused),
        (said(400, "DH-905", "Invalid tokenId TOKENID0CANARY"), BrokerRefused),
        (answer(429, ""), BrokerBusy),
        (answer(200, {"status": "success"}), BrokerGarbled),
        (answer(200, "[]"), BrokerGarbled),
        (httpx.ConnectError("no route"), BrokerUnreachable),
    ],
)
async def test_a_login_that_fails_says_why_without_the_token_id(
    wire: Any, reply: Answer, branch: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wire(reply)
    with pytest.raises(branch, match="dhan") as caught:
        await login().handle_callback({"tokenId": "TOKENID0CANARY"}, MORNING)
    assert "TOKENID0CANARY" not in str(caught.value)
    assert "TOKENID0CANARY" not in caplog.text


@pytest.mark.anyio
async def test_a_token_is_renewed_while_it_is_valid(wire: Any) -> None:
    transport = wire(answer(200, payload("dhan", "session.json")))
    session = await login().refresh({"access_token": "OLD0TOKEN"}, MORNING)
    assert session is not None
    assert session.tokens == {"access_token": "ACCESS0CANARY"}
    assert (transport.last.method, str(transport.last.url)) == ("GET", "http://api.test/v2/RenewToken")
    assert transport.last.headers["access-token"] == "OLD0TOKEN"
    assert transport.last.headers["dhanClientId"] == "1000000401"


@pytest.mark.anyio
async def test_a_token_that_is_over_is_not_renewed(wire: Any) -> None:
    transport = wire(said(401, "DH-901", "invalid OLD0TOKEN"))
    with pytest.raises(SessionOver, match="log in again") as caught:
        await login().refresh({"access_token": "OLD0TOKEN"}, MORNING)
    assert "OLD0TOKEN" not in str(caught.value)
    with pytest.raises(SessionOver, match="no token"):
        await login().refresh({}, MORNING)
    assert len(transport.requests) == 1
