"""Positions, funds and margins: what is asked, and that it is read exactly."""

import json
from decimal import Decimal

import pytest

from lambdas.domain.contracts import Side
from lambdas.ports.broker import BrokerGarbled, BrokerPosition, Funds
from tests.unit.brokers.accounts import angel_one, open_over, zerodha
from tests.unit.brokers.doubles import ScriptedTransport, an_order, answer, payload

pytestmark = pytest.mark.anyio
BOTH = ("zerodha", "angel_one", "groww", "fyers")
SYMBOL = {"zerodha": "NIFTY26NOV26000CE", "angel_one": "NIFTY26NOV2626000CE", "fyers": "NIFTY26NOV26000CE"}
TOKENS = {
    "zerodha": ("12073986", "210001669"),
    "angel_one": ("47164", "820319"),
    "fyers": ("101126112347164", "1211261126873766"),
}


@pytest.mark.parametrize("broker", list(TOKENS))
async def test_positions_are_those_in_derivatives_carried_and_of_today_together(broker: str) -> None:
    transport = ScriptedTransport(answer(200, payload(broker, "positions.json")))
    short, closed = await open_over(broker, transport).positions()
    first, second = TOKENS[broker]
    assert short == BrokerPosition(
        "NFO", SYMBOL[broker], first, "MIS", -65, 65, 130, Decimal("101.35"), Decimal("98.2")
    )
    assert closed == BrokerPosition("BFO", "SENSEX26NOV85000PE", second, "NRML", 0, 20, 20, None, Decimal("190.05"))
    assert all(position.net == position.bought - position.sold for position in (short, closed))


async def test_an_account_without_positions_holds_nothing() -> None:
    kite = ScriptedTransport(answer(200, {"status": "success", "data": {"net": [], "day": []}}))
    assert await zerodha(kite).positions() == []
    smart = ScriptedTransport(answer(200, {"status": True, "message": "SUCCESS", "errorcode": "", "data": None}))
    assert await angel_one(smart).positions() == []
    assert (kite.last.url.path, smart.last.url.path) == (
        "/portfolio/positions",
        "/rest/secure/angelbroking/order/v1/getPosition",
    )


async def test_a_product_that_the_platform_does_not_trade_keeps_the_name_of_the_broker() -> None:
    body = payload("angel_one", "positions.json").replace(b"CARRYFORWARD", b"MARGIN")
    _, closed = await angel_one(ScriptedTransport(answer(200, body))).positions()
    assert closed.product == "MARGIN"


@pytest.mark.parametrize("broker", BOTH)
async def test_funds_are_what_is_left_and_what_is_bound(broker: str) -> None:
    transport = ScriptedTransport(answer(200, payload(broker, "margins.json")))
    assert await open_over(broker, transport).funds() == Funds(Decimal("99725.05"), Decimal("145706.55"))


@pytest.mark.parametrize("broker", BOTH)
async def test_an_account_may_be_in_debt(broker: str) -> None:
    body = payload(broker, "margins.json").replace(b"99725.05", b"-12.5", 1)
    assert (await open_over(broker, ScriptedTransport(answer(200, body))).funds()).available == Decimal("-12.5")


@pytest.mark.parametrize("broker", BOTH)
async def test_a_margin_is_the_one_that_counts_hedges(broker: str) -> None:
    transport = ScriptedTransport(answer(200, payload(broker, "basket.json")))
    assert await open_over(broker, transport).basket_margin([an_order(product="NRML")]) == Decimal("43124.9")


@pytest.mark.parametrize("broker", BOTH)
async def test_no_orders_need_no_margin_and_no_question(broker: str) -> None:
    transport = ScriptedTransport(answer(200, payload(broker, "basket.json")))
    assert await open_over(broker, transport).basket_margin([]) == 0
    assert transport.requests == []


async def test_zerodha_is_asked_for_a_basket_apart_from_what_is_held() -> None:
    transport = ScriptedTransport(answer(200, payload("zerodha", "basket.json")))
    await zerodha(transport).basket_margin([an_order(product="NRML", side=Side.SELL)])
    assert transport.last.method == "POST"
    assert transport.last.url == "http://api.test/margins/basket?consider_positions=false"
    assert transport.last.headers["Content-Type"] == "application/json"
    assert json.loads(transport.last.content, parse_float=str) == [
        {
            "exchange": "NFO",
            "tradingsymbol": "NIFTY26NOV26000CE",
            "transaction_type": "SELL",
            "variety": "regular",
            "product": "NRML",
            "order_type": "LIMIT",
            "quantity": 65,
            "price": "104.5",
            "trigger_price": 0,
        }
    ]


async def test_angel_one_is_asked_by_token() -> None:
    transport = ScriptedTransport(answer(200, payload("angel_one", "basket.json")))
    await angel_one(transport).basket_margin([an_order(), an_order(side=Side.SELL, product="NRML")])
    assert transport.last.url == "http://api.test/rest/secure/angelbroking/margin/v1/batch"
    bought, sold = json.loads(transport.last.content, parse_float=str)["positions"]
    assert bought == {
        "exchange": "NFO",
        "qty": 65,
        "price": "104.5",
        "productType": "INTRADAY",
        "token": "47164",
        "tradeType": "BUY",
        "orderType": "LIMIT",
    }
    assert (sold["productType"], sold["tradeType"]) == ("CARRYFORWARD", "SELL")


async def test_more_orders_than_angel_one_calculates_together_are_not_split() -> None:
    transport = ScriptedTransport(answer(200, payload("angel_one", "basket.json")))
    await angel_one(transport).basket_margin([an_order()] * 50)
    with pytest.raises(ValueError, match="at most 50"):
        await angel_one(transport).basket_margin([an_order()] * 51)
    assert len(transport.requests) == 1


@pytest.mark.parametrize("broker", BOTH)
@pytest.mark.parametrize("limit", ["0", "-1", "NaN", "Infinity"])
async def test_a_basket_without_a_limit_is_not_asked_for(broker: str, limit: str) -> None:
    transport = ScriptedTransport(answer(200, payload(broker, "basket.json")))
    with pytest.raises(ValueError, match="limit_price"):
        await open_over(broker, transport).basket_margin([an_order(limit_price=Decimal(limit))])
    assert transport.requests == []


@pytest.mark.parametrize("broker", BOTH)
@pytest.mark.parametrize("call", ["positions", "funds", "basket_margin"])
async def test_a_success_with_other_contents_is_garbled(broker: str, call: str) -> None:
    body = {"status": "success" if broker == "zerodha" else True, "data": [{"exchange": "NFO", "net": "many"}]}
    account = open_over(broker, ScriptedTransport(answer(200, body)))
    ask = account.basket_margin([an_order()]) if call == "basket_margin" else getattr(account, call)()
    with pytest.raises(BrokerGarbled, match=broker):
        await ask


@pytest.mark.parametrize("broker", BOTH)
@pytest.mark.parametrize("written", ["NaN", "Infinity"])
async def test_money_that_is_no_number_is_garbled(broker: str, written: str) -> None:
    quoted = f'"{written}"'.encode()
    body = payload(broker, "margins.json").replace(b'"99725.05"', b"99725.05").replace(b"99725.05", quoted, 1)
    with pytest.raises(BrokerGarbled, match="funds"):
        await open_over(broker, ScriptedTransport(answer(200, body))).funds()
