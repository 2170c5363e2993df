"""The brokers' order statuses in the platform's words."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.adapters.brokers.angel_one.mapping import status_of as angel_one_status
from lambdas.adapters.brokers.groww.mapping import status_of as groww_status
from lambdas.adapters.brokers.upstox.mapping import status_of as upstox_status
from lambdas.adapters.brokers.zerodha.mapping import status_of as zerodha_status
from lambdas.domain.contracts import Side
from lambdas.domain.intents import FINAL, IntentStatus
from lambdas.domain.moments import IST
from lambdas.ports.broker import BrokerGarbled, BrokerRefused
from tests.unit.brokers.accounts import angel_one, open_over, zerodha
from tests.unit.brokers.doubles import ScriptedTransport, an_order, answer, payload

S = IntentStatus
BOTH = ("zerodha", "angel_one", "upstox")
BOOKS = (*BOTH, "groww")
StatusOf = Callable[[str, int], IntentStatus]
each = pytest.mark.parametrize("status_of", [zerodha_status, angel_one_status, upstox_status], ids=BOTH)


@each
@pytest.mark.parametrize(
    ("text", "filled", "expected"),
    [
        ("COMPLETE", 65, S.FILLED),
        ("complete", 65, S.FILLED),
        ("REJECTED", 0, S.REFUSED),
        ("rejected", 0, S.REFUSED),
        ("CANCELLED", 0, S.CANCELLED),
        ("cancelled", 25, S.CANCELLED),
        ("OPEN", 0, S.ACCEPTED),
        ("open", 25, S.PARTLY_FILLED),
        ("PUT ORDER REQ RECEIVED", 0, S.ACCEPTED),
        ("validation pending", 0, S.ACCEPTED),
        ("OPEN PENDING", 0, S.ACCEPTED),
        ("trigger pending", 0, S.ACCEPTED),
        ("MODIFY VALIDATION PENDING", 0, S.ACCEPTED),
        ("modify pending", 0, S.ACCEPTED),
        ("modified", 0, S.ACCEPTED),
        ("CANCEL PENDING", 25, S.PARTLY_FILLED),
        ("AMO REQ RECEIVED", 0, S.ACCEPTED),
        ("after market order req received", 0, S.ACCEPTED),
        ("", 0, S.ACCEPTED),
    ],
)
def test_a_status_means(status_of: StatusOf, text: str, filled: int, expected: IntentStatus) -> None:
    assert status_of(text, filled) is expected


@each
def test_a_rejection_after_a_fill_keeps_the_fill(status_of: StatusOf) -> None:
    assert status_of("REJECTED", 65) is S.CANCELLED


@each
@given(text=st.text(), filled=st.integers(0, 5000))
def test_a_status_that_nobody_knows_is_in_flight(status_of: StatusOf, text: str, filled: int) -> None:
    known = {"complete", "rejected", "cancelled", "cancelled amo", "cancelled after market order"}
    if text.strip().lower() not in known:
        assert status_of(text, filled) not in FINAL


@pytest.mark.parametrize(
    ("text", "filled", "expected"),
    [
        ("EXECUTED", 65, S.FILLED),
        ("COMPLETED", 65, S.FILLED),
        ("DELIVERY_AWAITED", 65, S.FILLED),
        ("REJECTED", 0, S.REFUSED),
        ("FAILED", 0, S.REFUSED),
        ("FAILED", 25, S.CANCELLED),
        ("CANCELLED", 0, S.CANCELLED),
        ("cancelled", 25, S.CANCELLED),
        ("NEW", 0, S.ACCEPTED),
        ("ACKED", 0, S.ACCEPTED),
        ("APPROVED", 25, S.PARTLY_FILLED),
        ("OPEN", 0, S.ACCEPTED),
        ("TRIGGER_PENDING", 0, S.ACCEPTED),
        ("MODIFICATION_REQUESTED", 0, S.ACCEPTED),
        ("CANCELLATION_REQUESTED", 25, S.PARTLY_FILLED),
        ("", 0, S.ACCEPTED),
    ],
)
def test_a_status_of_groww_means(text: str, filled: int, expected: IntentStatus) -> None:
    assert groww_status(text, filled) is expected


@given(text=st.text(), filled=st.integers(0, 5000))
def test_a_status_that_groww_may_add_is_in_flight(text: str, filled: int) -> None:
    known = {"EXECUTED", "COMPLETED", "DELIVERY_AWAITED", "REJECTED", "FAILED", "CANCELLED"}
    if text.strip().upper() not in known:
        assert groww_status(text, filled) not in FINAL


@pytest.mark.anyio
@pytest.mark.parametrize("broker", BOOKS)
async def test_the_order_book_is_read_exactly(broker: str) -> None:
    transport = ScriptedTransport(answer(200, payload(broker, "orders.json")))
    filled, refused = await open_over(broker, transport).orders()
    assert filled.broker_order_id == "261123000000001"
    assert filled.tag == "LWAAAAAAAAAAAAAAAAA1"
    assert filled.side is Side.BUY
    assert (filled.status, filled.quantity, filled.filled_quantity) == (S.FILLED, 65, 65)
    assert filled.average_price == Decimal("101.35")
    assert filled.exchange_at == datetime(2026, 11, 23, 9, 20, 1, tzinfo=IST)
    assert (refused.status, refused.tag, refused.average_price) == (S.REFUSED, None, None)
    assert refused.exchange_at is None
    assert "argin" in refused.message


@pytest.mark.anyio
@pytest.mark.parametrize("broker", BOOKS)
async def test_prices_never_pass_through_binary_fractions(broker: str) -> None:
    exact = "101.35000000000000000000000001"
    body = payload(broker, "orders.json").replace(b"101.35", exact.encode())
    filled, _ = await open_over(broker, ScriptedTransport(answer(200, body))).orders()
    assert filled.average_price == Decimal(exact)


@pytest.mark.anyio
async def test_a_day_without_orders_is_an_empty_book() -> None:
    assert await zerodha(ScriptedTransport(answer(200, {"status": "success", "data": []}))).orders() == []
    nothing = {"status": True, "message": "SUCCESS", "errorcode": "", "data": None}
    assert await angel_one(ScriptedTransport(answer(200, nothing))).orders() == []


@pytest.mark.anyio
@pytest.mark.parametrize("broker", BOOKS)
async def test_a_malformed_order_row_is_garbled(broker: str) -> None:
    body = payload(broker, "orders.json").replace(b"BUY", b"HOLD")
    with pytest.raises(BrokerGarbled, match=f"{broker}: the order book"):
        await open_over(broker, ScriptedTransport(answer(200, body))).orders()


@pytest.mark.anyio
async def test_zerodha_tells_one_order_by_the_last_of_its_states() -> None:
    transport = ScriptedTransport(answer(200, payload("zerodha", "order_history.json")))
    order = await zerodha(transport).order("261123000000001")
    assert (order.status, order.filled_quantity, order.quantity) == (S.PARTLY_FILLED, 65, 130)


@pytest.mark.anyio
async def test_angel_one_asks_for_one_order_by_the_number_it_learned_from_the_placement() -> None:
    book = answer(200, payload("angel_one", "orders.json"))
    row = answer(200, {"status": True, "data": book.json()["data"][0]})
    transport = ScriptedTransport(answer(200, payload("angel_one", "place.json")), row)
    broker = angel_one(transport)
    placement = await broker.prepare(an_order())()
    await broker.order(placement.broker_order_id or "")
    assert transport.last.url.path.endswith("/order/v1/details/34reqfachdfih")


@pytest.mark.anyio
async def test_angel_one_finds_an_order_of_another_process_in_the_book() -> None:
    transport = ScriptedTransport(answer(200, payload("angel_one", "orders.json")))
    broker = angel_one(transport)
    order = await broker.order("261123000000002")
    assert order.status is S.REFUSED
    assert transport.last.url.path.endswith("/getOrderBook")
    with pytest.raises(BrokerRefused, match="no order 9"):
        await broker.order("9")
