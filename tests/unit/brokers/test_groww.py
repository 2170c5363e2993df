"""What only Groww has: references that are unique, pages, a call for each quote, a list of all instruments."""

import json
from decimal import Decimal
from itertools import pairwise
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.adapters.brokers.exact_number import json_number
from lambdas.adapters.brokers.groww.mapping import instant, order_of
from lambdas.adapters.brokers.groww.master import COLUMNS, MasterReader
from lambdas.adapters.brokers.http import TRIES_WHEN_BUSY
from lambdas.domain.contracts import NO_STRIKE, Listing, Quote, Right, Side
from lambdas.domain.intents import IntentStatus
from lambdas.ports.broker import (
    BrokerBusy,
    BrokerGarbled,
    BrokerPosition,
    BrokerRefused,
    BrokerUnreachable,
    SessionOver,
)
from tests.unit.brokers.accounts import groww
from tests.unit.brokers.doubles import ScriptedTransport, an_order, answer, payload
from tests.unit.brokers.test_outcomes import groww as failure

TAG = "LWAAAAAAAAAAAAAAAAA1"
NIFTY = frozenset({"NIFTY"})
MASTER = payload("groww", "instrument.csv")
anyio = pytest.mark.anyio


def file(name: str) -> httpx.Response:
    return answer(200, payload("groww", name))


def success(data: Any) -> httpx.Response:
    return answer(200, {"status": "SUCCESS", "payload": data})


def row(number: int, **changes: Any) -> dict[str, Any]:
    """One row of the order list."""
    first: dict[str, Any] = json.loads(payload("groww", "orders.json"))["payload"]["order_list"][0]
    return {**first, "groww_order_id": f"GMKFO{number}", "order_reference_id": f"LWROW{number:08d}", **changes}


def read(body: bytes, underlyings: frozenset[str] = NIFTY) -> list[Listing]:
    reader = MasterReader(underlyings)
    reader.feed(body)
    return reader.close()


@anyio
async def test_an_order_is_a_limit_under_our_tag() -> None:
    transport = ScriptedTransport(file("place.json"))
    await groww(transport).prepare(an_order(side=Side.SELL, exchange="BFO", product="NRML"))()
    assert (transport.last.method, str(transport.last.url)) == ("POST", "http://api.test/v1/order/create")
    assert transport.last.headers["Authorization"] == "Bearer TOKEN0CANARY"
    assert transport.last.headers["X-API-VERSION"] == "1.0"
    assert json.loads(transport.last.content) == {
        "trading_symbol": "NIFTY26NOV26000CE",
        "exchange": "BSE",
        "segment": "FNO",
        "transaction_type": "SELL",
        "product": "NRML",
        "order_type": "LIMIT",
        "quantity": 65,
        "price": 104.5,
        "validity": "DAY",
        "order_reference_id": TAG,
    }


@pytest.mark.parametrize(
    "changes", [{"tag": "LW12345"}, {"exchange": "NSE"}, {"limit_price": Decimal("104.51" + "1" * 20)}]
)
def test_what_groww_cannot_carry_is_a_value_error(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"is not"):
        groww(ScriptedTransport(file("place.json"))).prepare(an_order(**changes))


@given(ticks=st.integers(1, 10_000_000))
def test_every_price_on_the_tick_is_written_as_it_is_meant(ticks: int) -> None:
    price = ticks * Decimal("0.05")
    assert Decimal(json.dumps(json_number(price))) == price


@anyio
async def test_modifying_and_cancelling_name_the_order_and_its_segment() -> None:
    transport = ScriptedTransport(success({"groww_order_id": "GMK1", "order_status": "MODIFICATION_REQUESTED"}))
    await groww(transport).modify("GMK1", Decimal("1.0455E+2"), 65)
    assert transport.last.url.path == "/v1/order/modify"
    assert json.loads(transport.last.content) == {
        "segment": "FNO",
        "groww_order_id": "GMK1",
        "order_type": "LIMIT",
        "price": 104.55,
        "quantity": 65,
    }
    await groww(transport).cancel("GMK1")
    assert transport.last.url.path == "/v1/order/cancel"
    assert json.loads(transport.last.content) == {"segment": "FNO", "groww_order_id": "GMK1"}


@anyio
async def test_the_order_book_is_followed_to_its_last_page() -> None:
    first, second = [row(n) for n in range(100)], [row(n) for n in range(99, 130)]
    transport = ScriptedTransport(*[success({"order_list": rows}) for rows in (first, second, [])])
    orders = await groww(transport).orders()
    assert [order.broker_order_id for order in orders] == [f"GMKFO{n}" for n in range(130)]
    assert [dict(request.url.params) for request in transport.requests] == [
        {"segment": "FNO", "page": str(page), "page_size": "100"} for page in range(3)
    ]


@anyio
async def test_a_page_that_groww_cuts_shorter_than_asked_for_is_not_the_last() -> None:
    pages = [[row(n) for n in range(25)], [row(n) for n in range(25, 30)]]
    transport = ScriptedTransport(*[success({"order_list": rows}) for rows in pages])
    assert len(await groww(transport).orders()) == 30


@anyio
async def test_a_book_that_repeats_itself_ends() -> None:
    transport = ScriptedTransport(success({"order_list": [row(n) for n in range(50)]}))
    assert len(await groww(transport).orders()) == 50
    assert len(transport.requests) == 2


@anyio
async def test_a_day_without_orders_is_an_empty_book() -> None:
    for nothing in ("[]", "null"):
        body = f'{{"status": "SUCCESS", "payload": {{"order_list": {nothing}}}}}'
        assert await groww(ScriptedTransport(answer(200, body))).orders() == []


@anyio
async def test_a_page_that_cannot_be_read_is_not_the_end_of_the_book() -> None:
    transport = ScriptedTransport(success({"order_list": [row(n) for n in range(50)]}), failure(500, "GA000"))
    with pytest.raises(BrokerGarbled):
        await groww(transport).orders()


@anyio
async def test_an_order_is_asked_for_by_its_tag_and_then_by_its_number() -> None:
    detail = json.loads(payload("groww", "orders.json"))["payload"]["order_list"][0]
    transport = ScriptedTransport(file("status.json"), success(detail))
    found = await groww(transport).order_by_tag(TAG)
    assert found is not None
    assert (found.tag, found.status, found.average_price) == (TAG, IntentStatus.FILLED, Decimal("101.35"))
    assert [str(request.url) for request in transport.requests] == [
        f"http://api.test/v1/order/status/reference/{TAG}?segment=FNO",
        "http://api.test/v1/order/detail/261123000000001?segment=FNO",
    ]


@anyio
@pytest.mark.parametrize("unknown", [failure(404, "GA004"), failure(400, "GA001")])
async def test_a_reference_that_groww_does_not_know_is_looked_for_in_the_book(unknown: httpx.Response) -> None:
    assert await groww(ScriptedTransport(unknown, success({"order_list": []}))).order_by_tag(TAG) is None
    found = await groww(ScriptedTransport(unknown, file("orders.json"))).order_by_tag(TAG)
    assert found is not None
    assert found.broker_order_id == "261123000000001"


@anyio
async def test_an_order_under_another_reference_is_not_ours() -> None:
    detail = row(1, order_reference_id=TAG.lower())
    transport = ScriptedTransport(file("status.json"), success(detail), success({"order_list": [detail]}))
    assert await groww(transport).order_by_tag(TAG) is None


@anyio
@pytest.mark.parametrize(
    ("reply", "branch"),
    [
        (failure(500, "GA000"), BrokerGarbled),
        (failure(503, "GA003"), BrokerGarbled),
        (failure(429, "GA003"), BrokerBusy),
        (failure(401, "GA005"), SessionOver),
        (failure(403, "GA005"), BrokerRefused),
        (httpx.ConnectError("no route"), BrokerUnreachable),
        (success({}), BrokerGarbled),
    ],
)
async def test_a_lookup_that_fails_does_not_say_that_there_is_no_order(reply: Any, branch: type[Exception]) -> None:
    transport = ScriptedTransport(reply)
    with pytest.raises(branch):
        await groww(transport).order_by_tag(TAG)
    assert len(transport.requests) == (TRIES_WHEN_BUSY if branch is BrokerBusy else 1)


@pytest.mark.parametrize(
    ("status", "filled", "expected"),
    [
        ("EXECUTED", 130, IntentStatus.FILLED),
        ("EXECUTED", 65, IntentStatus.PARTLY_FILLED),
        ("COMPLETED", 0, IntentStatus.ACCEPTED),
        ("CANCELLED", 65, IntentStatus.CANCELLED),
    ],
)
def test_an_order_is_filled_only_when_its_whole_quantity_is(status: str, filled: int, expected: IntentStatus) -> None:
    order = order_of(row(1, quantity=130, filled_quantity=filled, order_status=status))
    assert (order.status, order.filled_quantity) == (expected, filled)


def test_an_instant_without_an_offset_is_in_ist_and_one_with_an_offset_is_kept() -> None:
    assert instant("2026-11-23T09:20:01") == instant("2026-11-23T03:50:01Z") == instant("2026-11-23T09:20:01+05:30")
    assert instant("") is None


@anyio
async def test_positions_get_their_last_prices_from_another_call() -> None:
    transport = ScriptedTransport(file("positions.json"), file("ltp.json"))
    short, closed = await groww(transport).positions()
    assert short == BrokerPosition(
        "NFO", "NIFTY26NOV26000CE", "NIFTY26NOV26000CE", "MIS", -65, 65, 130, Decimal("101.35"), Decimal("98.2")
    )
    assert closed == BrokerPosition(
        "BFO", "SENSEX26NOV85000PE", "SENSEX26NOV85000PE", "NRML", 0, 20, 20, None, Decimal("190.05")
    )
    assert transport.last.url.params["exchange_symbols"] == "NSE_NIFTY26NOV26000CE,BSE_SENSEX26NOV85000PE"


@anyio
async def test_positions_are_told_without_last_prices_when_those_cannot_be_had() -> None:
    transport = ScriptedTransport(file("positions.json"), failure(429, "GA003"))
    assert [position.last_price for position in await groww(transport).positions()] == [None, None]
    with pytest.raises(SessionOver):
        await groww(ScriptedTransport(file("positions.json"), failure(401, "GA005"))).positions()


@anyio
async def test_an_account_without_positions_asks_for_no_prices() -> None:
    for nothing in ("[]", "null"):
        transport = ScriptedTransport(answer(200, f'{{"status": "SUCCESS", "payload": {{"positions": {nothing}}}}}'))
        assert await groww(transport).positions() == []
        assert len(transport.requests) == 1


@anyio
async def test_a_basket_is_asked_for_as_a_whole() -> None:
    transport = ScriptedTransport(file("basket.json"))
    await groww(transport).basket_margin([an_order(product="NRML"), an_order(side=Side.SELL)])
    assert str(transport.last.url) == "http://api.test/v1/margins/detail/orders?segment=FNO"
    bought, sold = json.loads(transport.last.content)
    assert bought == {
        "trading_symbol": "NIFTY26NOV26000CE",
        "exchange": "NSE",
        "transaction_type": "BUY",
        "product": "NRML",
        "order_type": "LIMIT",
        "quantity": 65,
        "price": 104.5,
    }
    assert sold["transaction_type"] == "SELL"


@anyio
async def test_each_quote_is_a_call_and_an_empty_book_has_no_prices() -> None:
    unknown = failure(404, "GA004")
    transport = ScriptedTransport(file("quote.json"), unknown, file("quote_empty.json"))
    symbols = ("NIFTY26NOV26000CE", "DELISTED", "SENSEX26NOV90000CE")
    asked = [("NFO", symbols[0], ""), ("NFO", symbols[1], ""), ("BFO", symbols[2], "")]
    assert await groww(transport).quotes(asked) == {
        symbols[0]: Quote(Decimal("101.35"), Decimal("101.3"), Decimal("101.4")),
        symbols[2]: Quote(Decimal("0.05"), None, None),
    }
    assert dict(transport.last.url.params) == {"exchange": "BSE", "segment": "FNO", "trading_symbol": symbols[2]}


@anyio
async def test_many_quotes_are_last_prices_fifty_a_call() -> None:
    transport = ScriptedTransport(success({"NSE_S0": 12.35, "NSE_S60": 0, "BSE_S1": 1}))
    quotes = await groww(transport).quotes([("NFO", f"S{n}", str(n)) for n in range(101)])
    assert quotes == {"S0": Quote(Decimal("12.35"))}
    sizes = [len(request.url.params["exchange_symbols"].split(",")) for request in transport.requests]
    assert sizes == [50, 50, 1]


@anyio
async def test_a_session_that_is_over_is_not_a_missing_quote() -> None:
    with pytest.raises(SessionOver):
        await groww(ScriptedTransport(failure(401, "GA004"))).quotes([("NFO", "S", "")])
    with pytest.raises(BrokerRefused):
        await groww(ScriptedTransport(failure(403, "GA005"))).quotes([("NFO", "S", "")])


@anyio
async def test_an_index_is_quoted_by_its_name_at_groww() -> None:
    transport = ScriptedTransport(file("ltp.json"))
    assert await groww(transport).index_quote("NIFTY") == Quote(Decimal("26012.4"))
    assert dict(transport.last.url.params) == {"segment": "CASH", "exchange_symbols": "NSE_NIFTY"}
    with pytest.raises(BrokerGarbled):
        await groww(transport).index_quote("MIDCPNIFTY")
    assert transport.last.url.params["exchange_symbols"] == "NSE_NIFTYMIDSELECT"
    with pytest.raises(BrokerRefused, match="NIKKEI"):
        await groww(transport).index_quote("NIKKEI")


def test_the_list_names_contracts_of_both_exchanges() -> None:
    call, put, future = read(MASTER)
    assert (call.exchange, call.symbol, call.token) == ("NFO", "NIFTY26NOV26000CE", "NIFTY26NOV26000CE")
    assert (call.lot_size, call.tick_size, call.freeze_quantity) == (65, Decimal("0.05"), 1801)
    assert put.contract.right is Right.PE
    assert (future.contract.right, future.contract.strike) == (Right.FUT, NO_STRIKE)
    (sensex,) = read(MASTER, frozenset({"SENSEX"}))
    assert (sensex.exchange, sensex.contract.strike) == ("BFO", Decimal(85000))


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_named(column: str) -> None:
    head, _, rest = MASTER.decode().partition("\n")
    renamed = ",".join("renamed" if name == column else name for name in head.split(","))
    with pytest.raises(BrokerGarbled, match=f"groww: instrument list has no column {column}$"):
        read(f"{renamed}\n{rest}".encode())


def test_columns_may_change_their_order() -> None:
    lines = [line.split(",") for line in MASTER.decode().splitlines() if '"' not in line]
    turned = "\n".join(",".join(reversed(cells)) for cells in lines)
    assert read(turned.encode()) == read(MASTER)


@given(cuts=st.lists(st.integers(0, len(MASTER)), max_size=40))
def test_chunks_may_break_anywhere(cuts: list[int]) -> None:
    reader = MasterReader(NIFTY)
    for start, end in pairwise([0, *sorted(cuts), len(MASTER)]):
        reader.feed(MASTER[start:end])
    assert reader.close() == read(MASTER)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"2026-11-23,26000,65,0.05", b"23-11-2026,26000,65,0.05"),
        (b"2026-11-23,26000,65,0.05", b",26000,65,0.05"),
        (b"2026-11-23,26000,65,0.05", b"2026-11-23,,65,0.05"),
        (b"2026-11-23,26000,65,0.05", b"2026-11-23,26000,0,0.05"),
        (b"2026-11-23,26000,65,0.05", b"2026-11-23,26000,65,0"),
        (b"2026-11-23,26000,65,0.05", b"2026-11-23,26000,many,0.05"),
        (b"2026-11-23,26000,65,0.05", b"2026-11-23,26000,65"),
        (b"47164,NIFTY26NOV26000CE", b"47164,"),
    ],
)
def test_an_unreadable_contract_is_named_by_its_line(good: bytes, bad: bytes) -> None:
    assert good in MASTER
    with pytest.raises(BrokerGarbled, match="groww: instrument list line 2: "):
        read(MASTER.replace(good, bad, 1))


def test_a_future_with_a_strike_is_unreadable() -> None:
    with pytest.raises(BrokerGarbled, match="groww: instrument list line 5: "):
        read(MASTER.replace(b"2026-11-23,,65,0.1", b"2026-11-23,26000,65,0.1", 1))


@pytest.mark.parametrize("cut", [1, 30, 100, 200])
def test_a_file_that_breaks_off_in_a_line_is_garbled(cut: int) -> None:
    with pytest.raises(BrokerGarbled, match="groww: instrument list"):
        read(MASTER[:-cut].rpartition(b",")[0])


@pytest.mark.parametrize("body", [b"", b"\n", b"<html><body>Bad Gateway</body></html>"])
def test_a_page_instead_of_the_list_is_garbled(body: bytes) -> None:
    with pytest.raises(BrokerGarbled, match="has no column"):
        read(body)


@anyio
async def test_the_public_list_gets_neither_key_nor_token() -> None:
    transport = ScriptedTransport(answer(200, MASTER))
    assert len(await groww(transport).listings(NIFTY)) == 3
    assert str(transport.last.url) == "http://master.test/instruments/instrument.csv"
    assert "authorization" not in transport.last.headers
    with pytest.raises(BrokerGarbled, match="HTTP 503"):
        await groww(ScriptedTransport(answer(503, ""))).listings(NIFTY)
