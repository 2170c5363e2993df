"""Fyers: its bodies, byte for byte as documented, what its answers mean, and its shared budget of calls."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.adapters.brokers.exact_number import json_number
from lambdas.adapters.brokers.fyers.mapping import status_of, tag_of
from lambdas.domain.contracts import Side
from lambdas.domain.intents import FINAL, IntentStatus
from lambdas.domain.moments import IST
from lambdas.ports.broker import (
    BrokerBusy,
    BrokerError,
    BrokerGarbled,
    BrokerRefused,
    BrokerUnreachable,
    Outcome,
    SessionOver,
)
from tests.unit.brokers.accounts import fyers
from tests.unit.brokers.doubles import Answer, ScriptedTransport, an_order, answer, payload
from tests.unit.brokers.test_outcomes import HTML

pytestmark = pytest.mark.anyio
S = IntentStatus


def said(status: int, code: int | None, message: str = "said", **more: Any) -> httpx.Response:
    return answer(status, {"s": "error", "code": code, "message": message, **more})


async def test_an_order_is_a_limit_order_of_the_documented_shape() -> None:
    transport = ScriptedTransport(answer(200, payload("fyers", "place.json")))
    await fyers(transport).prepare(an_order(product="NRML", side=Side.SELL))()
    assert (transport.last.method, str(transport.last.url)) == ("POST", "http://api.test/api/v3/orders/sync")
    assert transport.last.headers["Authorization"] == "FYERS0APP-100:TOKEN0CANARY"
    assert transport.last.headers["version"] == "3"
    assert transport.last.headers["Content-Type"] == "application/json"
    assert json.loads(transport.last.content) == {
        "symbol": "NSE:NIFTY26NOV26000CE",
        "qty": 65,
        "type": 1,
        "side": -1,
        "productType": "MARGIN",
        "limitPrice": 104.5,
        "stopPrice": 0,
        "validity": "DAY",
        "disclosedQty": 0,
        "offlineOrder": False,
        "stopLoss": 0,
        "takeProfit": 0,
        "orderTag": "LWAAAAAAAAAAAAAAAAA1",
        "isSliceOrder": False,
    }


async def test_intraday_is_what_fyers_calls_mis_and_bse_has_its_own_prefix() -> None:
    transport = ScriptedTransport(answer(200, payload("fyers", "place.json")))
    await fyers(transport).prepare(an_order(exchange="BFO", symbol="SENSEX26NOV85000CE"))()
    body = json.loads(transport.last.content)
    assert (body["symbol"], body["productType"], body["side"]) == ("BSE:SENSEX26NOV85000CE", "INTRADAY", 1)


@given(paise=st.integers(1, 10**9))
def test_a_price_is_written_exactly(paise: int) -> None:
    limit = Decimal(paise) / 100
    assert Decimal(json.loads(json.dumps(json_number(limit)), parse_float=Decimal)) == limit


@pytest.mark.parametrize(
    "changes",
    [
        {"limit_price": Decimal(0)},
        {"limit_price": Decimal("NaN")},
        {"limit_price": Decimal("104.5000000000000000001")},
        {"exchange": "NSE"},
    ],
)
async def test_an_order_that_fyers_cannot_carry_is_a_value_error(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"limit_price|exchange"):
        fyers(ScriptedTransport(answer(200, {}))).prepare(an_order(**changes))


async def test_cancelling_and_modifying_name_the_order_in_the_body() -> None:
    transport = ScriptedTransport(answer(200, {"s": "ok", "code": 1103, "message": "Successfully cancelled order"}))
    account = fyers(transport)
    await account.cancel("26112300000001")
    await account.modify("26112300000001", Decimal("104.55"), 130)
    cancel, modify = transport.requests
    assert (cancel.method, cancel.url.path, json.loads(cancel.content)) == (
        "DELETE",
        "/api/v3/orders/sync",
        {"id": "26112300000001"},
    )
    assert (modify.method, json.loads(modify.content)) == (
        "PATCH",
        {"id": "26112300000001", "type": 1, "limitPrice": 104.55, "qty": 130},
    )


async def test_a_basket_is_asked_for_as_documented() -> None:
    transport = ScriptedTransport(answer(200, payload("fyers", "basket.json")))
    await fyers(transport).basket_margin([an_order(), an_order(side=Side.SELL)])
    assert str(transport.last.url) == "http://api.test/api/v3/multiorder/margin"
    first, second = json.loads(transport.last.content)["data"]
    assert first == {
        "symbol": "NSE:NIFTY26NOV26000CE",
        "qty": 65,
        "side": 1,
        "type": 1,
        "productType": "INTRADAY",
        "limitPrice": 104.5,
        "stopLoss": 0,
        "stopPrice": 0,
        "takeProfit": 0,
    }
    assert second == {**first, "side": -1}


async def test_a_margin_with_binary_noise_is_rounded_up_to_the_paisa() -> None:
    body = {"s": "ok", "code": 200, "data": {"margin_total": 147738.05134886527}}
    assert await fyers(ScriptedTransport(answer(200, body))).basket_margin([an_order()]) == Decimal("147738.06")


@pytest.mark.parametrize(
    "reply",
    [
        said(400, -50),
        said(400, -99),
        said(200, -99, "RED:Margin Shortfall:INR 150000.00"),
        said(400, -300),
        said(401, -16),
        said(401, -8),
        said(403, -15),
        said(400, -392, "a code that is not documented"),
    ],
)
async def test_fyers_refuses_readably(reply: httpx.Response) -> None:
    placement = await fyers(ScriptedTransport(reply)).prepare(an_order())()
    assert placement.outcome is Outcome.REFUSED
    assert placement.reason.startswith("fyers: -")


@pytest.mark.parametrize(
    "reply",
    [
        said(500, -99),
        said(502, -50),
        said(408, -50),
        said(400, None),
        said(400, 0),
        said(200, 500, "Internal Server Error"),
        said(200, -99, "Something went wrong"),
        said(400, -99, "Request timed out, please try again"),
        said(200, -99, "RED:Margin Shortfall", id="26112300000001"),
        answer(200, {"s": "ok", "code": 201, "message": "Order is in transit", "id": "26112300000001"}),
        answer(200, {"s": "ok", "code": 1101, "message": "Successfully placed order"}),
        answer(201, {"s": "ok", "code": 1101, "id": "26112300000001"}),
        answer(400, {"code": -50, "message": "no status"}),
    ],
)
async def test_fyers_without_a_decision_is_unknown(reply: httpx.Response) -> None:
    assert (await fyers(ScriptedTransport(reply)).prepare(an_order())()).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "reply",
    [
        said(429, -429),
        said(200, 429, "request limit reached"),
        said(200, -429),
        said(400, -99, "Request limit reached"),
    ],
)
async def test_a_rate_limit_is_refused_and_busy_however_it_is_told(reply: httpx.Response) -> None:
    placement = await fyers(ScriptedTransport(reply)).prepare(an_order())()
    assert (placement.outcome, placement.sent_at is None) == (Outcome.REFUSED, False)
    assert "rate limited" in placement.reason
    with pytest.raises(BrokerBusy):
        await fyers(ScriptedTransport(reply)).orders()


@pytest.mark.parametrize(
    ("reply", "branch"),
    [
        (httpx.ConnectError("no route"), BrokerUnreachable),
        (httpx.ReadTimeout("slow"), BrokerGarbled),
        (said(401, -16, "Could not authenticate the user"), SessionOver),
        (said(200, -8), SessionOver),
        (said(200, -15), SessionOver),
        (said(200, -17), SessionOver),
        (said(401, -99), SessionOver),
        (said(403, -50), BrokerRefused),
        (said(400, -51), BrokerRefused),
        (said(500, -99), BrokerGarbled),
        (said(200, None), BrokerGarbled),
        (said(200, -99, "Something went wrong"), BrokerGarbled),
        (answer(200, {"s": "ok"}), BrokerGarbled),
        (answer(403, HTML), BrokerGarbled),
        (answer(200, HTML), BrokerGarbled),
    ],
)
async def test_an_answer_leads_to_one_branch(reply: Answer, branch: type[BrokerError]) -> None:
    with pytest.raises(branch) as caught:
        await fyers(ScriptedTransport(reply)).orders()
    assert type(caught.value) is branch
    assert str(caught.value).startswith("fyers")


@pytest.mark.parametrize(
    ("number", "filled", "expected"),
    [
        (1, 0, S.CANCELLED),
        (1, 65, S.CANCELLED),
        (2, 65, S.FILLED),
        ("2", 65, S.FILLED),
        (3, 0, S.ACCEPTED),
        (4, 0, S.ACCEPTED),
        (5, 0, S.REFUSED),
        (5, 65, S.CANCELLED),
        (6, 0, S.ACCEPTED),
        (6, 65, S.PARTLY_FILLED),
        (7, 0, S.EXPIRED),
        (7, 65, S.CANCELLED),
        (None, 0, S.ACCEPTED),
    ],
)
async def test_a_status_number_means(number: object, filled: int, expected: S) -> None:
    assert status_of(number, filled) is expected


@given(number=st.one_of(st.integers(), st.text()), filled=st.integers(0, 5000))
def test_a_status_that_nobody_knows_is_in_flight(number: object, filled: int) -> None:
    if str(number).strip() not in ("1", "2", "5", "7"):
        assert status_of(number, filled) not in FINAL


@pytest.mark.parametrize(
    ("written", "tag"),
    [("1:LW1", "LW1"), ("2:Untagged", None), ("2:LW1", None), ("LW1", None), ("1:", None), ("", None), (None, None)],
)
async def test_only_a_tag_of_the_user_is_one(written: str | None, tag: str | None) -> None:
    assert tag_of(written) == tag


async def test_the_order_book_is_read_exactly() -> None:
    exact = b"101.35000000000000000000000001"
    body = payload("fyers", "orders.json").replace(b"101.35", exact)
    transport = ScriptedTransport(answer(200, body))
    filled, refused = await fyers(transport).orders()
    assert transport.last.url.path == "/api/v3/orders"
    assert (filled.broker_order_id, filled.tag, filled.symbol) == (
        "261123000000001",
        "LWAAAAAAAAAAAAAAAAA1",
        "NIFTY26NOV26000CE",
    )
    assert (filled.side, filled.status, filled.quantity, filled.filled_quantity) == (Side.BUY, S.FILLED, 65, 65)
    assert filled.average_price == Decimal(exact.decode())
    assert filled.exchange_at == datetime(2026, 11, 23, 9, 20, 1, tzinfo=IST)
    assert (refused.side, refused.status, refused.tag) == (Side.SELL, S.REFUSED, None)
    assert (refused.average_price, refused.exchange_at) == (None, None)
    assert "Margin Shortfall" in refused.message


@pytest.mark.parametrize(
    ("good", "bad"),
    [(b'"side": 1,', b'"side": 0,'), (b'"filledQty": 65', b'"filledQty": 6.5'), (b'"23-Nov-2026', b'"2026-11-23')],
)
async def test_a_malformed_order_row_is_garbled(good: bytes, bad: bytes) -> None:
    body = payload("fyers", "orders.json").replace(good, bad)
    with pytest.raises(BrokerGarbled, match="fyers: the order book"):
        await fyers(ScriptedTransport(answer(200, body))).orders()


async def test_a_day_without_orders_is_an_empty_book() -> None:
    for rows in ("[]", "null"):
        body = f'{{"s": "ok", "code": 200, "message": "", "orderBook": {rows}}}'
        assert await fyers(ScriptedTransport(answer(200, body))).orders() == []


async def test_one_order_is_asked_for_by_its_number_and_is_that_one() -> None:
    transport = ScriptedTransport(answer(200, payload("fyers", "orders.json")))
    order = await fyers(transport).order("261123000000002")
    assert (order.broker_order_id, order.status) == ("261123000000002", S.REFUSED)
    assert transport.last.url.params["id"] == "261123000000002"
    with pytest.raises(BrokerRefused, match="no order 9 in"):
        await fyers(transport).order("9")


async def test_quotes_are_asked_for_by_ticker() -> None:
    transport = ScriptedTransport(answer(200, payload("fyers", "quote.json")))
    await fyers(transport).quotes([("NFO", "M&M26NOVFUT", "1"), ("BFO", "SENSEX26NOVFUT", "2")])
    assert transport.last.url.path == "/data/quotes"
    assert transport.last.url.params["symbols"] == "NSE:M&M26NOVFUT,BSE:SENSEX26NOVFUT"


async def test_fifty_instruments_go_into_one_question() -> None:
    transport = ScriptedTransport(answer(200, payload("fyers", "quote.json")))
    await fyers(transport).quotes([("NFO", f"S{n}", str(n)) for n in range(101)])
    sizes = [len(request.url.params["symbols"].split(",")) for request in transport.requests]
    assert sizes == [50, 50, 1]
