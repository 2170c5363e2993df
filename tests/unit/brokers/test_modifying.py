"""Another limit for a resting order, and one order found by its tag."""

import json
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest

from lambdas.ports.broker import BrokerGarbled, BrokerRefused
from tests.unit.brokers.accounts import angel_one, open_over, zerodha
from tests.unit.brokers.doubles import ScriptedTransport, an_order, answer, payload
from tests.unit.brokers.test_outcomes import kite, smart

pytestmark = pytest.mark.anyio
BOTH = ("zerodha", "angel_one", "groww", "dhan", "fyers", "upstox")
FIRST = "261123000000001"


async def test_zerodha_gets_a_limit_instead_of_the_protection() -> None:
    transport = ScriptedTransport(answer(200, payload("zerodha", "place.json")))
    await zerodha(transport).modify("1/2", Decimal("1.045E+2"), 65)
    assert (transport.last.method, transport.last.url.raw_path) == ("PUT", b"/orders/regular/1%2F2")
    assert dict(parse_qsl(transport.last.content.decode(), strict_parsing=True)) == {
        "order_type": "LIMIT",
        "price": "104.5",
        "quantity": "65",
        "validity": "DAY",
    }


async def test_angel_one_gets_the_whole_order_again() -> None:
    transport = ScriptedTransport(
        answer(200, payload("angel_one", "orders.json")), answer(200, payload("angel_one", "place.json"))
    )
    await angel_one(transport).modify(FIRST, Decimal("104.55"), 65)
    assert [request.url.path.rsplit("/", 1)[1] for request in transport.requests] == ["getOrderBook", "modifyOrder"]
    assert json.loads(transport.last.content) == {
        "variety": "NORMAL",
        "orderid": FIRST,
        "ordertype": "LIMIT",
        "producttype": "INTRADAY",
        "duration": "DAY",
        "price": "104.55",
        "quantity": "65",
        "tradingsymbol": "NIFTY23NOV2626000CE",
        "symboltoken": "47164",
        "exchange": "NFO",
    }


async def test_angel_one_looks_at_the_one_order_when_it_knows_its_second_number() -> None:
    row = json.loads(payload("angel_one", "orders.json"))["data"][0]
    transport = ScriptedTransport(
        answer(200, payload("angel_one", "orders.json")),
        answer(200, {"status": True, "message": "SUCCESS", "errorcode": "", "data": row}),
        answer(200, payload("angel_one", "place.json")),
    )
    account = angel_one(transport)
    await account.orders()
    await account.modify(FIRST, Decimal("104.55"), 65)
    assert transport.requests[1].url.path.endswith(f"/details/{row['uniqueorderid']}")
    assert transport.last.url.path.endswith("/modifyOrder")


async def test_an_order_that_is_not_in_the_book_of_angel_one_is_not_modified() -> None:
    transport = ScriptedTransport(answer(200, payload("angel_one", "orders.json")))
    with pytest.raises(BrokerRefused, match="no order 77"):
        await angel_one(transport).modify("77", Decimal("104.55"), 65)
    assert len(transport.requests) == 1


async def test_a_row_without_what_angel_one_wants_again_is_garbled() -> None:
    body = payload("angel_one", "orders.json").replace(b'"duration"', b'"lasting"')
    with pytest.raises(BrokerGarbled, match="duration"):
        await angel_one(ScriptedTransport(answer(200, body))).modify(FIRST, Decimal("104.55"), 65)


@pytest.mark.parametrize("broker", BOTH)
@pytest.mark.parametrize(("limit", "quantity"), [("0", 65), ("-0.05", 65), ("NaN", 65), ("104.5", 0), ("104.5", -65)])
async def test_what_no_exchange_takes_is_not_sent(broker: str, limit: str, quantity: int) -> None:
    transport = ScriptedTransport(answer(200, payload(broker, "orders.json")))
    with pytest.raises(ValueError, match="is not positive"):
        await open_over(broker, transport).modify(FIRST, Decimal(limit), quantity)
    assert transport.requests == []


async def test_a_modification_that_is_refused_is_an_error_in_the_words_of_the_broker() -> None:
    refusal = kite(400, "OrderException", "Order cannot be modified as it is being processed.")
    with pytest.raises(BrokerRefused, match="being processed"):
        await zerodha(ScriptedTransport(refusal)).modify(FIRST, Decimal("104.5"), 65)
    book = answer(200, payload("angel_one", "orders.json"))
    with pytest.raises(BrokerRefused, match="AB1013"):
        await angel_one(ScriptedTransport(book, smart(200, "AB1013"))).modify(FIRST, Decimal("104.5"), 65)


@pytest.mark.parametrize("broker", [name for name in BOTH if name not in ("groww", "upstox")])
async def test_one_order_is_found_by_exactly_its_tag(broker: str) -> None:
    account = open_over(broker, ScriptedTransport(answer(200, payload(broker, "orders.json"))))
    tag = an_order().tag
    found = await account.order_by_tag(tag)
    assert found is not None
    assert (found.broker_order_id, found.tag) == (FIRST, tag)
    for other in (tag[:-1], tag.lower(), f"{tag}0", ""):
        assert await account.order_by_tag(other) is None


@pytest.mark.parametrize("broker", BOTH)
async def test_a_book_that_cannot_be_read_is_not_a_book_without_the_tag(broker: str) -> None:
    with pytest.raises(BrokerGarbled):
        await open_over(broker, ScriptedTransport(answer(200, "<html>"))).order_by_tag("LW1")
