"""Upstox: what is asked in its words, and what its answers mean, where that differs from other brokers."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.exact_number import json_number
from lambdas.adapters.brokers.http import Wire
from lambdas.adapters.brokers.registry import open_login
from lambdas.adapters.brokers.upstox.adapter import UpstoxBroker
from lambdas.adapters.brokers.upstox.client import UpstoxClient
from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import IntentStatus
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
from tests.unit.brokers.accounts import ENDPOINTS, upstox
from tests.unit.brokers.doubles import Answer, FrozenClock, ScriptedTransport, an_order, answer, payload

pytestmark = pytest.mark.anyio
HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"
KEY = "NSE_FO|47164"
FIRST = "261123000000001"
CREDENTIALS = {"api_key": "upstox0key", "api_secret": "SECRET0CANARY", "redirect_url": "https://own.test/back?a=1"}


def said(status: int, *codes: str, spelled: str = "errorCode") -> httpx.Response:
    errors = [{spelled: code, "message": "said", "propertyPath": None, "invalidValue": None} for code in codes]
    return answer(status, {"status": "error", "errors": errors})


def recorded(name: str) -> ScriptedTransport:
    return ScriptedTransport(answer(200, payload("upstox", name)))


async def test_an_order_is_a_market_order_that_the_broker_protects() -> None:
    transport = recorded("place.json")
    order = an_order(token=KEY, product="NRML", side=Side.SELL, protection_percent=Decimal("2.50"))
    placement = await upstox(transport).prepare(order)()
    assert (placement.outcome, placement.broker_order_id) == (Outcome.ACCEPTED, "261123000012345")
    assert (transport.last.method, str(transport.last.url)) == ("POST", "http://api.test/v3/order/place")
    assert transport.last.headers["Authorization"] == "Bearer TOKEN0CANARY"
    assert transport.last.headers["Content-Type"] == transport.last.headers["Accept"] == "application/json"
    assert json.loads(transport.last.content) == {
        "quantity": 65,
        "product": "D",
        "validity": "DAY",
        "price": 0,
        "tag": "LWAAAAAAAAAAAAAAAAA1",
        "instrument_token": KEY,
        "order_type": "MARKET",
        "transaction_type": "SELL",
        "disclosed_quantity": 0,
        "trigger_price": 0,
        "is_amo": False,
        "slice": False,
        "market_protection": 2.5,
    }


async def test_an_order_of_the_style_limit_is_sent_at_its_limit() -> None:
    transport = recorded("place.json")
    await upstox(transport).prepare(an_order(token=KEY, style="limit"))()
    sent = json.loads(transport.last.content)
    assert (sent["order_type"], sent["price"]) == ("LIMIT", 104.5)
    assert "market_protection" not in sent


@pytest.mark.parametrize("price", ["0", "-5", "NaN", "Infinity"])
async def test_an_order_of_the_style_limit_needs_one(price: str) -> None:
    order = an_order(token=KEY, style="limit", limit_price=Decimal(price))
    with pytest.raises(ValueError, match="limit_price"):
        upstox(ScriptedTransport(answer(200, {}))).prepare(order)


@pytest.mark.parametrize("percent", ["0", "-1", "25.01", "NaN", "Infinity"])
async def test_a_protection_that_the_broker_does_not_take_is_no_order(percent: str) -> None:
    with pytest.raises(ValueError, match="protection_percent"):
        upstox(ScriptedTransport(answer(200, {}))).prepare(an_order(protection_percent=Decimal(percent)))


async def test_an_order_needs_an_instrument_key() -> None:
    with pytest.raises(ValueError, match="instrument key"):
        upstox(ScriptedTransport(answer(200, {}))).prepare(an_order(token=""))


@given(paise=st.integers(0, 10**9))
def test_rupees_and_paise_are_exact_json_numbers(paise: int) -> None:
    amount = Decimal(paise) / 100
    assert json.loads(json.dumps(json_number(amount)), parse_float=Decimal, parse_int=Decimal) == amount


def test_an_amount_that_no_json_number_is_is_not_rounded() -> None:
    with pytest.raises(ValueError, match=r"limit_price .* is not exact as a JSON number"):
        json_number(Decimal("0.1000000000000000000001"))


async def test_orders_go_to_their_own_address_and_nothing_else_does() -> None:
    transport = ScriptedTransport(
        *(answer(200, payload("upstox", name)) for name in ("place.json", "change.json", "change.json", "orders.json"))
    )
    wire = Wire("upstox", FrozenClock(), transport=transport)
    apart = Endpoints("http://api.test", order_url="http://fast.test/")
    account = UpstoxBroker(UpstoxClient(wire, apart, access_token="T"), "")
    await account.prepare(an_order())()
    await account.modify("1", Decimal("10"), 65)
    await account.cancel("1")
    await account.orders()
    assert [request.url.host for request in transport.requests] == ["fast.test"] * 3 + ["api.test"]


@pytest.mark.parametrize(("asked", "opened"), [(0, 1), (3, 3), (50, 4)])
async def test_warming_opens_connections_to_the_address_of_orders(asked: int, opened: int) -> None:
    transport = recorded("profile.json")
    wire = Wire("upstox", FrozenClock(), transport=transport)
    apart = Endpoints("http://api.test", order_url="http://fast.test")
    profile = await UpstoxBroker(UpstoxClient(wire, apart, access_token="T"), "").warm(asked)
    assert profile.client_id == "AB1234"
    hosts = [request.url.host for request in transport.requests]
    assert (hosts.count("api.test"), hosts.count("fast.test")) == (1, opened)


@pytest.mark.parametrize(
    "reply",
    [
        said(400, "UDAPI1158"),
        said(400, "UDAPI1154"),
        said(400, "UDAPI1052", "UDAPI1054"),
        said(400, "UDAPI1052", spelled="error_code"),
        said(401, "UDAPI100050"),
        said(404, "UDAPI10000"),
        said(423, "UDAPI999999"),
    ],
)
async def test_a_readable_no_is_refused(reply: httpx.Response) -> None:
    placement = await upstox(ScriptedTransport(reply)).prepare(an_order())()
    assert placement.outcome is Outcome.REFUSED
    assert placement.reason.startswith("upstox: UDAPI")
    assert placement.reason.endswith(": said")


@pytest.mark.parametrize(
    "reply",
    [
        said(400, "UDAPI100500"),
        said(400, "UDAPI1052", "UDAPI100500"),
        said(400, ""),
        said(400),
        said(408, "UDAPI1052"),
        said(500, "UDAPI1052"),
        said(503, "UDAPI1052"),
        said(200, "UDAPI1052"),
        answer(400, {"status": "error", "errors": "UDAPI1052"}),
        answer(400, {"status": "success", "errors": [{"errorCode": "UDAPI1052"}]}),
        answer(200, {"status": "success", "data": {"order_ids": []}}),
        answer(200, {"status": "success", "data": {"order_ids": [""]}}),
        answer(200, {"status": "success", "data": {"order_ids": ["1", "2"]}}),
        answer(200, {"status": "success", "data": {"order_ids": "1"}}),
        answer(207, {"status": "partial_success", "data": {"order_ids": ["1"]}}),
        answer(403, HTML),
    ],
)
async def test_what_leaves_the_order_open_is_unknown(reply: httpx.Response) -> None:
    placement = await upstox(ScriptedTransport(reply)).prepare(an_order())()
    assert placement.outcome is Outcome.UNKNOWN
    assert placement.sent_at is not None


@pytest.mark.parametrize("reply", [said(429, "UDAPI10005"), said(400, "UDAPI10005"), answer(429, HTML)])
async def test_a_rate_limit_is_refused_for_an_order_and_busy_for_the_rest(reply: httpx.Response) -> None:
    placement = await upstox(ScriptedTransport(reply)).prepare(an_order())()
    assert placement.outcome is Outcome.REFUSED
    assert "rate limited" in placement.reason
    with pytest.raises(BrokerBusy):
        await upstox(ScriptedTransport(reply)).orders()


@pytest.mark.parametrize(
    ("reply", "branch"),
    [
        (httpx.ConnectError("no route"), BrokerUnreachable),
        (httpx.ReadTimeout("slow"), BrokerGarbled),
        (said(401, "UDAPI100050"), SessionOver),
        (said(400, "UDAPI100050"), SessionOver),
        (said(401, "UDAPI100016"), SessionOver),
        (said(401, "UDAPI999999"), SessionOver),
        (said(403, "UDAPI100067"), SessionOver),
        (said(401), BrokerGarbled),
        (said(400, "UDAPI100040"), BrokerRefused),
        (said(404, "UDAPI100010"), BrokerRefused),
        (said(400, "UDAPI100500"), BrokerGarbled),
        (said(503, "UDAPI100072"), BrokerGarbled),
        (answer(200, {"status": "success"}), BrokerGarbled),
        (answer(200, "[]"), BrokerGarbled),
        (answer(200, HTML), BrokerGarbled),
        (answer(403, HTML), BrokerGarbled),
    ],
)
async def test_an_answer_leads_to_one_branch(reply: Answer, branch: type[BrokerError]) -> None:
    for ask in ("orders", "cancel", "funds"):
        account = upstox(ScriptedTransport(reply))
        with pytest.raises(branch) as caught:
            await (account.cancel("1") if ask == "cancel" else getattr(account, ask)())
        assert type(caught.value) is branch
        assert str(caught.value).startswith("upstox")


async def test_one_order_is_asked_for_by_its_number() -> None:
    transport = recorded("order.json")
    order = await upstox(transport).order("a&b")
    assert (order.status, order.broker_order_id) == (IntentStatus.FILLED, FIRST)
    assert transport.last.url.raw_path == b"/v2/order/details?order_id=a%26b"


@pytest.mark.parametrize("told", [b'"LWAAAAAAAAAAAAAAAAA1"', b"null"])
async def test_a_tag_is_searched_for_and_the_order_told_as_it_is_now(told: bytes) -> None:
    states = payload("upstox", "history.json").replace(b'"LWAAAAAAAAAAAAAAAAA1"', told)
    transport = ScriptedTransport(answer(200, states), answer(200, payload("upstox", "order.json")))
    order = await upstox(transport).order_by_tag("LWAAAAAAAAAAAAAAAAA1")
    assert order is not None
    assert (order.tag, order.status) == ("LWAAAAAAAAAAAAAAAAA1", IntentStatus.FILLED)
    paths = [request.url.raw_path for request in transport.requests]
    assert paths == [
        b"/v2/order/history?tag=LWAAAAAAAAAAAAAAAAA1",
        b"/v2/order/details?order_id=261123000000001",
    ]


@pytest.mark.parametrize(
    "reply",
    [
        answer(200, {"status": "success", "data": []}),
        answer(200, {"status": "success", "data": None}),
        said(404, "UDAPI100010"),
        answer(200, {"status": "success", "data": [{"order_id": "1", "tag": "ANOTHER"}]}),
    ],
)
async def test_a_tag_that_no_order_carries_is_none(reply: httpx.Response) -> None:
    transport = ScriptedTransport(reply)
    assert await upstox(transport).order_by_tag("LW1") is None
    assert len(transport.requests) == 1


@pytest.mark.parametrize("reply", [said(400, "UDAPI100010", "UDAPI100500"), said(500), answer(200, HTML)])
async def test_a_search_that_failed_is_not_a_missing_order(reply: httpx.Response) -> None:
    with pytest.raises(BrokerGarbled):
        await upstox(ScriptedTransport(reply)).order_by_tag("LW1")


async def test_another_limit_is_sent_with_all_that_an_order_has() -> None:
    transport = recorded("change.json")
    await upstox(transport).modify("261123000012345", Decimal("1.0405E+2"), 130)
    assert (transport.last.method, transport.last.url.path) == ("PUT", "/v3/order/modify")
    assert json.loads(transport.last.content) == {
        "order_id": "261123000012345",
        "quantity": 130,
        "validity": "DAY",
        "price": 104.05,
        "order_type": "LIMIT",
        "disclosed_quantity": 0,
        "trigger_price": 0,
    }
    with pytest.raises(ValueError, match="limit_price"):
        await upstox(transport).modify("1", Decimal(0), 65)


async def test_cancelling_names_the_order() -> None:
    transport = recorded("change.json")
    await upstox(transport).cancel("1/2")
    assert (transport.last.method, transport.last.url.raw_path) == ("DELETE", b"/v3/order/cancel?order_id=1%2F2")


async def test_positions_are_those_of_derivatives_carried_and_of_today_together() -> None:
    long, short, closed = await upstox(recorded("positions.json")).positions()
    assert long == BrokerPosition(
        "NFO", "NIFTY26NOV26000CE", KEY, "MIS", 65, 65, 0, Decimal("101.35"), Decimal("103.35")
    )
    assert short == BrokerPosition(
        "BFO", "SENSEX26N2685000PE", "BSE_FO|873141", "NRML", -40, 0, 40, Decimal("210.5"), Decimal("198.05")
    )
    assert (closed.net, closed.bought, closed.sold, closed.average_price) == (0, 65, 65, None)


async def test_funds_are_those_of_the_equity_part() -> None:
    transport = recorded("funds.json")
    assert await upstox(transport).funds() == Funds(Decimal("395488.55"), Decimal("104511.45"))
    assert transport.last.url.path == "/v2/user/get-funds-and-margin"


async def test_a_basket_is_asked_for_with_slices_of_one_contract_together() -> None:
    transport = recorded("margin.json")
    slices = [an_order(token=KEY, quantity=1755), an_order(token=KEY, quantity=65)]
    hedge = an_order(token="NSE_FO|47165", side=Side.SELL, product="NRML", limit_price=Decimal("12.05"))
    assert await upstox(transport).basket_margin([*slices, hedge]) == Decimal("48211.35")
    assert (transport.last.method, transport.last.url.path) == ("POST", "/v2/charges/margin")
    first, second = json.loads(transport.last.content)["instruments"]
    assert first == {
        "instrument_key": KEY, "quantity": 1820, "product": "I", "transaction_type": "BUY", "price": 104.5,
    }  # fmt: skip
    assert (second["product"], second["transaction_type"], second["price"]) == ("D", "SELL", 12.05)


async def test_more_contracts_than_one_calculation_takes_are_not_split() -> None:
    transport = recorded("margin.json")
    orders = [an_order(token=f"NSE_FO|{number}") for number in range(21)]
    await upstox(transport).basket_margin(orders[:20])
    with pytest.raises(ValueError, match="at most 20"):
        await upstox(transport).basket_margin(orders)
    assert await upstox(transport).basket_margin([]) == 0
    assert len(transport.requests) == 1


async def test_quotes_are_found_by_instrument_key_and_an_empty_book_has_no_prices() -> None:
    transport = recorded("quote.json")
    asked = [("NFO", "NEAR", KEY), ("NFO", "FAR", "NSE_FO|47999"), ("NFO", "DELISTED", "NSE_FO|1"), ("NFO", "ODD", "1")]
    assert await upstox(transport).quotes(asked) == {
        "NEAR": Quote(Decimal("101.35"), Decimal("101.3"), Decimal("101.4")),
        "FAR": Quote(Decimal("0.05"), None, None),
    }
    assert transport.last.url.params["instrument_key"] == "NSE_FO|47164,NSE_FO|47999,NSE_FO|1"


async def test_an_index_has_a_last_price_only() -> None:
    transport = recorded("quote.json")
    assert await upstox(transport).index_quote("NIFTY") == Quote(Decimal("26012.4"))
    assert transport.last.url.params["instrument_key"] == "NSE_INDEX|Nifty 50"
    with pytest.raises(BrokerRefused, match="NIKKEI"):
        await upstox(transport).index_quote("NIKKEI")
    with pytest.raises(BrokerGarbled):
        await upstox(transport).index_quote("SENSEX")


async def test_no_instruments_ask_for_nothing() -> None:
    transport = recorded("quote.json")
    assert await upstox(transport).quotes([]) == {}
    assert transport.requests == []


def login() -> BrokerOAuthStrategy:
    endpoints = Endpoints(ENDPOINTS.api_url, "https://login.test/")
    return open_login("upstox", credentials=CREDENTIALS, endpoints=endpoints, clock=FrozenClock())


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets a login, which opens its own connections, meet a scripted broker."""

    def script(*answers: Any) -> ScriptedTransport:
        transport = ScriptedTransport(*answers)
        monkeypatch.setattr(httpx, "AsyncHTTPTransport", lambda **_: transport)
        return transport

    return script


async def test_the_browser_is_sent_to_the_dialog_with_the_state() -> None:
    url = urlsplit(await login().get_auth_url("st&te=1") or "")
    assert url.geturl().startswith("https://login.test/v2/login/authorization/dialog?")
    assert parse_qs(url.query) == {
        "response_type": ["code"],
        "client_id": ["upstox0key"],
        "redirect_uri": ["https://own.test/back?a=1"],
        "state": ["st&te=1"],
    }


async def test_the_code_becomes_the_token_of_the_day(wire: Any) -> None:
    transport = wire(answer(200, payload("upstox", "session.json")))
    session = await login().handle_callback(
        {"code": "CODE0CANARY", "state": "x"}, datetime(2026, 11, 23, 8, tzinfo=IST)
    )
    assert (session.tokens, session.client_id) == ({"access_token": "ACCESS0CANARY"}, "AB1234")
    assert str(transport.last.url) == "http://api.test/v2/login/authorization/token"
    assert dict(parse_qsl(transport.last.content.decode(), strict_parsing=True)) == {
        "code": "CODE0CANARY",
        "client_id": "upstox0key",
        "client_secret": "SECRET0CANARY",
        "redirect_uri": "https://own.test/back?a=1",
        "grant_type": "authorization_code",
    }
    assert "Authorization" not in transport.last.headers


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (datetime(2026, 11, 23, 20, 0, tzinfo=IST), datetime(2026, 11, 24, 3, 30, tzinfo=IST)),
        (datetime(2026, 11, 23, 3, 29, tzinfo=IST), datetime(2026, 11, 23, 3, 30, tzinfo=IST)),
        (datetime(2026, 11, 23, 3, 30, tzinfo=IST), datetime(2026, 11, 24, 3, 30, tzinfo=IST)),
        (datetime(2026, 11, 22, 21, 0, tzinfo=UTC), datetime(2026, 11, 23, 3, 30, tzinfo=IST)),
    ],
)
def test_a_session_ends_at_the_next_half_past_three_in_the_night(now: datetime, end: datetime) -> None:
    assert login().session_ends_at(now) == end


@pytest.mark.parametrize("callback", [{}, {"error": "access_denied"}, {"code": ""}])
async def test_a_login_that_was_not_completed_asks_for_another(wire: Any, callback: dict[str, str]) -> None:
    transport = wire(answer(200, payload("upstox", "session.json")))
    with pytest.raises(BrokerRefused, match="log in again"):
        await login().handle_callback(callback, datetime(2026, 11, 23, 8, tzinfo=IST))
    assert transport.requests == []


@pytest.mark.parametrize(
    ("reply", "branch"),
    [
        (said(401, "UDAPI100057"), BrokerRefused),
        (said(401, "UDAPI100016"), BrokerRefused),
        (said(400, "UDAPI100068"), BrokerRefused),
        (said(429, "UDAPI10005"), BrokerBusy),
        (said(500, "UDAPI100500"), BrokerGarbled),
        (answer(200, {"user_id": "AB1234"}), BrokerGarbled),
        (httpx.ConnectError("no route"), BrokerUnreachable),
    ],
)
async def test_a_login_that_fails_says_why(wire: Any, reply: Any, branch: type[Exception]) -> None:
    wire(reply)
    with pytest.raises(branch, match="upstox"):
        await login().handle_callback({"code": "CODE0CANARY"}, datetime(2026, 11, 23, 8, tzinfo=IST))


async def test_an_error_that_quotes_the_token_does_not_show_it() -> None:
    told = {"status": "error", "errors": [{"errorCode": "UDAPI100036", "message": "Bearer TOKEN0CANARY"}]}
    placement = await upstox(ScriptedTransport(answer(400, told))).prepare(an_order())()
    assert placement.reason == "upstox: UDAPI100036: Bearer ***"
