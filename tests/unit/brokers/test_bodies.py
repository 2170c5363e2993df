"""Orders and other requests, byte for byte as the brokers' documentation shows them."""

import json
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest

from lambdas.adapters.brokers.angel_one.client import SmartClient
from lambdas.adapters.brokers.http import Wire
from lambdas.domain.contracts import Side
from tests.unit.brokers.accounts import ENDPOINTS, angel_one, zerodha
from tests.unit.brokers.doubles import FrozenClock, ScriptedTransport, an_order, answer, payload

pytestmark = pytest.mark.anyio


async def test_zerodha_sends_a_market_order_that_the_broker_protects() -> None:
    transport = ScriptedTransport(answer(200, payload("zerodha", "place.json")))
    await zerodha(transport).prepare(an_order(protection_percent=Decimal("2.50")))()
    assert transport.last.method == "POST"
    assert transport.last.url == "http://api.test/orders/regular"
    assert transport.last.headers["X-Kite-Version"] == "3"
    assert transport.last.headers["Authorization"] == "token kite0key:TOKEN0CANARY"
    assert transport.last.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert dict(parse_qsl(transport.last.content.decode(), strict_parsing=True)) == {
        "exchange": "NFO",
        "tradingsymbol": "NIFTY26NOV26000CE",
        "transaction_type": "BUY",
        "quantity": "65",
        "product": "MIS",
        "order_type": "MARKET",
        "validity": "DAY",
        "market_protection": "2.5",
        "tag": "LWAAAAAAAAAAAAAAAAA1",
    }


async def test_zerodha_sends_an_order_of_the_style_limit_at_its_limit() -> None:
    transport = ScriptedTransport(answer(200, payload("zerodha", "place.json")))
    await zerodha(transport).prepare(an_order(style="limit", limit_price=Decimal("1.0450E+2")))()
    assert transport.last.url == "http://api.test/orders/regular"
    assert dict(parse_qsl(transport.last.content.decode(), strict_parsing=True)) == {
        "exchange": "NFO",
        "tradingsymbol": "NIFTY26NOV26000CE",
        "transaction_type": "BUY",
        "quantity": "65",
        "product": "MIS",
        "order_type": "LIMIT",
        "price": "104.50",
        "validity": "DAY",
        "tag": "LWAAAAAAAAAAAAAAAAA1",
    }


@pytest.mark.parametrize("style", ["protected", "limit"])
async def test_angel_one_sends_a_limit_order_in_either_style(style: str) -> None:
    transport = ScriptedTransport(answer(200, payload("angel_one", "place.json")))
    await angel_one(transport).prepare(an_order(style=style))()
    sent = json.loads(transport.last.content)
    assert (sent["ordertype"], sent["price"]) == ("LIMIT", "104.50")


async def test_angel_one_sends_a_limit_order() -> None:
    transport = ScriptedTransport(answer(200, payload("angel_one", "place.json")))
    await angel_one(transport).prepare(an_order(product="NRML", side=Side.SELL))()
    assert transport.last.url == "http://api.test/rest/secure/angelbroking/order/v1/placeOrder"
    assert json.loads(transport.last.content) == {
        "variety": "NORMAL",
        "tradingsymbol": "NIFTY26NOV26000CE",
        "symboltoken": "47164",
        "transactiontype": "SELL",
        "exchange": "NFO",
        "ordertype": "LIMIT",
        "producttype": "CARRYFORWARD",
        "duration": "DAY",
        "price": "104.50",
        "quantity": "65",
        "ordertag": "LWAAAAAAAAAAAAAAAAA1",
    }
    sent = {name: transport.last.headers[name] for name in transport.last.headers}
    assert sent["authorization"] == "Bearer TOKEN0CANARY"
    assert sent["x-privatekey"] == "angel0key"
    assert sent["x-usertype"] == "USER"
    assert sent["x-sourceid"] == "WEB"
    assert sent["x-clientlocalip"] == ENDPOINTS.local_ip
    assert sent["x-clientpublicip"] == ENDPOINTS.public_ip
    assert sent["x-macaddress"] == ENDPOINTS.mac_address
    assert sent["content-type"] == "application/json"


async def test_a_token_that_was_stored_with_its_scheme_carries_it_once() -> None:
    client = SmartClient(Wire("angel_one", FrozenClock()), ENDPOINTS, api_key="angel0key", jwt_token="Bearer JWT")
    assert client.request("GET", "/x").headers["Authorization"] == "Bearer JWT"
    await client.wire.aclose()


async def test_intraday_is_what_angel_one_calls_mis() -> None:
    transport = ScriptedTransport(answer(200, payload("angel_one", "place.json")))
    await angel_one(transport).prepare(an_order())()
    assert json.loads(transport.last.content)["producttype"] == "INTRADAY"


@pytest.mark.parametrize("percent", ["0", "-1", "100.01", "NaN"])
async def test_zerodha_takes_no_order_without_a_protection(percent: str) -> None:
    with pytest.raises(ValueError, match="protection_percent"):
        zerodha(ScriptedTransport(answer(200, {}))).prepare(an_order(protection_percent=Decimal(percent)))


@pytest.mark.parametrize("price", ["0", "-5", "NaN", "Infinity"])
async def test_zerodha_takes_no_order_of_the_style_limit_without_a_limit(price: str) -> None:
    with pytest.raises(ValueError, match="limit_price"):
        zerodha(ScriptedTransport(answer(200, {}))).prepare(an_order(style="limit", limit_price=Decimal(price)))


@pytest.mark.parametrize("price", ["0", "-5", "NaN", "Infinity"])
async def test_angel_one_takes_no_order_without_a_limit(price: str) -> None:
    with pytest.raises(ValueError, match="limit_price"):
        angel_one(ScriptedTransport(answer(200, {}))).prepare(an_order(limit_price=Decimal(price)))


async def test_a_whole_percentage_and_a_large_price_carry_no_exponent() -> None:
    kite = ScriptedTransport(answer(200, payload("zerodha", "place.json")))
    await zerodha(kite).prepare(an_order(protection_percent=Decimal("1E+1")))()
    assert b"market_protection=10&" in kite.last.content
    smart = ScriptedTransport(answer(200, payload("angel_one", "place.json")))
    await angel_one(smart).prepare(an_order(limit_price=Decimal("1.2E+3")))()
    assert json.loads(smart.last.content)["price"] == "1200"


async def test_cancelling_names_the_order_once() -> None:
    kite = ScriptedTransport(answer(200, {"status": "success", "data": {"order_id": "1/2"}}))
    await zerodha(kite).cancel("1/2")
    assert (kite.last.method, kite.last.url.raw_path) == ("DELETE", b"/orders/regular/1%2F2")
    smart = ScriptedTransport(answer(200, payload("angel_one", "place.json")))
    await angel_one(smart).cancel("261123000000001")
    assert smart.last.url.path == "/rest/secure/angelbroking/order/v1/cancelOrder"
    assert json.loads(smart.last.content) == {"variety": "NORMAL", "orderid": "261123000000001"}
