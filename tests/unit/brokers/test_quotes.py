"""Quotes, the profile and the connections that are opened before they are needed."""

import json
from decimal import Decimal

import httpx
import pytest

from lambdas.domain.contracts import Quote
from lambdas.ports.broker import BrokerGarbled, BrokerRefused, BrokerUnreachable, Profile, SessionOver
from tests.unit.brokers.accounts import angel_one, open_over, zerodha
from tests.unit.brokers.doubles import FrozenClock, ScriptedTransport, answer, payload
from tests.unit.brokers.test_outcomes import kite, smart

pytestmark = pytest.mark.anyio
SYMBOLS = {
    "dhan": ("NIFTY-23Nov2026-26000-CE", "NIFTY-23Nov2026-29000-CE"),
    "zerodha": ("NIFTY26NOV26000CE", "NIFTY26NOV29000CE"),
    "angel_one": ("NIFTY23NOV2626000CE", "NIFTY23NOV2629000CE"),
    "fyers": ("NIFTY26NOV26000CE", "NIFTY26NOV29000CE"),
}
BOTH = tuple(SYMBOLS)


@pytest.mark.parametrize("broker", BOTH)
async def test_quotes_are_exact_and_an_empty_book_has_no_prices(broker: str) -> None:
    near, far = SYMBOLS[broker]
    transport = ScriptedTransport(answer(200, payload(broker, "quote.json")))
    quotes = await open_over(broker, transport).quotes(
        [("NFO", near, "47164"), ("NFO", far, "47999"), ("NFO", "DELISTED", "1")]
    )
    assert quotes == {
        near: Quote(Decimal("101.35"), Decimal("101.3"), Decimal("101.4")),
        far: Quote(Decimal("0.05"), None, None),
    }


@pytest.mark.parametrize("broker", BOTH)
async def test_an_index_has_a_last_price_only(broker: str) -> None:
    transport = ScriptedTransport(answer(200, payload(broker, "quote.json")))
    assert await open_over(broker, transport).index_quote("NIFTY") == Quote(Decimal("26012.4"))


@pytest.mark.parametrize("broker", BOTH)
async def test_an_index_that_is_not_known_or_not_answered_is_an_error(broker: str) -> None:
    account = open_over(broker, ScriptedTransport(answer(200, payload(broker, "quote.json"))))
    with pytest.raises(BrokerRefused, match="NIKKEI"):
        await account.index_quote("NIKKEI")
    with pytest.raises(BrokerGarbled):
        await account.index_quote("SENSEX")


@pytest.mark.parametrize("broker", BOTH)
async def test_no_instruments_ask_for_nothing(broker: str) -> None:
    transport = ScriptedTransport(answer(200, payload(broker, "quote.json")))
    assert await open_over(broker, transport).quotes([]) == {}
    assert transport.requests == []


@pytest.mark.parametrize(
    ("broker", "size", "waits"),
    [("zerodha", 500, [1.1, 2.2]), ("dhan", 1000, [1.1, 2.2]), ("angel_one", 50, []), ("upstox", 500, [])],
)
async def test_many_instruments_are_asked_for_in_portions_that_take_turns(
    broker: str, size: int, waits: list[float]
) -> None:
    clock = FrozenClock()
    transport = ScriptedTransport(answer(200, payload(broker, "quote.json")))
    start = clock.now()
    instruments = [("NFO", f"S{n}", f"NSE_FO|{n}" if broker == "upstox" else str(n)) for n in range(2 * size + 1)]
    await open_over(broker, transport, clock).quotes(instruments)
    assert len(transport.requests) == 3
    assert [(instant - start).total_seconds() for instant in clock.slept_until] == waits


@pytest.mark.parametrize(("broker", "a_second"), [("angel_one", 10), ("groww", 10), ("fyers", 6)])
async def test_quotes_wait_when_their_second_is_full(broker: str, a_second: int) -> None:
    clock = FrozenClock()
    start, transport = clock.now(), ScriptedTransport(answer(200, payload(broker, "quote.json")))
    account = open_over(broker, transport, clock)
    for n in range(a_second):
        await account.quotes([("NFO", f"S{n}", str(n))])
    assert clock.now() == start
    await account.quotes([("NFO", "S", "0")])
    assert (clock.now() - start).total_seconds() >= 1


async def test_zerodha_asks_by_exchange_and_symbol() -> None:
    transport = ScriptedTransport(answer(200, payload("zerodha", "quote.json")))
    await zerodha(transport).quotes([("NFO", "A&B", "1"), ("BFO", "C", "2")])
    assert transport.last.url.params.get_list("i") == ["NFO:A&B", "BFO:C"]


async def test_angel_one_asks_by_exchange_and_token() -> None:
    transport = ScriptedTransport(answer(200, payload("angel_one", "quote.json")))
    await angel_one(transport).quotes([("NFO", "A", "1"), ("BFO", "C", "2"), ("NFO", "B", "3")])
    assert json.loads(transport.last.content) == {
        "mode": "FULL",
        "exchangeTokens": {"NFO": ["1", "3"], "BFO": ["2"]},
    }


@pytest.mark.parametrize(("asked", "opened"), [(0, 1), (1, 1), (3, 3), (50, None)])
@pytest.mark.parametrize(
    ("broker", "most"), [("zerodha", 4), ("dhan", 4), ("angel_one", 3), ("fyers", 4), ("groww", 4)]
)
async def test_warming_opens_as_many_connections_as_the_broker_answers(
    broker: str, most: int, asked: int, opened: int | None
) -> None:
    transport = ScriptedTransport(answer(200, payload(broker, "profile.json")))
    profile = await open_over(broker, transport).warm(asked)
    assert profile.client_id in ("AB1234", "A123456", "1000000401")
    assert len(transport.requests) == (opened or most)


async def test_one_answer_proves_the_session_even_when_the_others_meet_a_limit() -> None:
    busy = kite(429, "NetworkException")
    transport = ScriptedTransport(busy, answer(200, payload("zerodha", "profile.json")), busy)
    assert await zerodha(transport).warm(3) == Profile("AB1234", "Asha Rao")


async def test_a_session_that_is_over_is_over_whatever_else_was_answered() -> None:
    good = answer(200, payload("angel_one", "profile.json"))
    transport = ScriptedTransport(good, smart(200, "AG8002", "Token Expired"), good)
    with pytest.raises(SessionOver, match="Token Expired"):
        await angel_one(transport).warm(3)


async def test_warming_without_a_connection_says_so() -> None:
    with pytest.raises(BrokerUnreachable):
        await zerodha(ScriptedTransport(httpx.ConnectError("no route"))).warm(2)
