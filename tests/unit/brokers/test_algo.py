"""What an algorithm is registered as goes out with the orders of its account, where the broker takes it.

Sources: kiteconnect 5.2 (`algo_id` of `place_order`), upstox-python-sdk 2.30 (`X-Algo-Name` of placing, changing and
cancelling), upstox.com/developer/api-documentation/v3/place-order. The other official clients know neither.
"""

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from lambdas.adapters.brokers.http import Wire
from lambdas.adapters.brokers.registry import BROKERS, open_broker
from lambdas.adapters.brokers.upstox.adapter import UpstoxBroker
from lambdas.adapters.brokers.upstox.client import UpstoxClient
from lambdas.adapters.brokers.zerodha.adapter import ZerodhaBroker
from lambdas.adapters.brokers.zerodha.client import KiteClient
from lambdas.domain.accounts import NO_ALGO, PAPER, Algo
from lambdas.ports.broker import Outcome
from tests.contract.sandboxed import CREDENTIALS
from tests.unit.brokers.accounts import ENDPOINTS, upstox, zerodha
from tests.unit.brokers.doubles import FrozenClock, ScriptedTransport, an_order, answer, payload

pytestmark = pytest.mark.anyio
ALGO = Algo(id="NSE0012345", name="Morning spread")
KEY = "NSE_FO|47164"
CHANGED = {"status": "success", "data": {"order_id": "1"}}


def an_upstox_account(transport: httpx.AsyncBaseTransport, algo: Algo) -> UpstoxBroker:
    client = UpstoxClient(Wire("upstox", FrozenClock(), transport=transport), ENDPOINTS, algo_name=algo.name)
    return UpstoxBroker(client, ENDPOINTS.master_url)


def a_zerodha_account(transport: httpx.AsyncBaseTransport, algo: Algo) -> ZerodhaBroker:
    client = KiteClient(Wire("zerodha", FrozenClock(), transport=transport), ENDPOINTS.api_url, api_key="k")
    return ZerodhaBroker(client, algo)


def form_of(request: httpx.Request) -> dict[str, str]:
    return dict(parse_qsl(request.content.decode(), strict_parsing=True))


def test_what_the_orders_of_each_broker_carry_is_known() -> None:
    carried = {name: set(kind.algo) for name, kind in BROKERS.items() if kind.algo}
    assert carried == {"zerodha": {"id"}, "upstox": {"name"}}


async def test_a_new_order_at_zerodha_carries_the_id_and_nothing_else_changes() -> None:
    named, plain = (ScriptedTransport(answer(200, payload("zerodha", "place.json"))) for _ in range(2))
    await a_zerodha_account(named, ALGO).prepare(an_order())()
    await zerodha(plain).prepare(an_order())()
    assert form_of(named.last) == {**form_of(plain.last), "algo_id": "NSE0012345"}
    assert "algo_id" not in form_of(plain.last)
    assert "x-algo-name" not in named.last.headers


async def test_changes_and_cancellations_at_zerodha_carry_no_id() -> None:
    transport = ScriptedTransport(answer(200, CHANGED))
    await a_zerodha_account(transport, ALGO).modify("1", Decimal("100.05"), 65)
    assert "algo_id" not in form_of(transport.last)
    transport = ScriptedTransport(answer(200, CHANGED))
    await a_zerodha_account(transport, ALGO).cancel("1")
    assert b"algo" not in transport.last.content + transport.last.url.query


async def test_orders_changes_and_cancellations_at_upstox_carry_the_name() -> None:
    transport = ScriptedTransport(answer(200, payload("upstox", "place.json")))
    await an_upstox_account(transport, ALGO).prepare(an_order(token=KEY))()
    assert transport.last.headers["X-Algo-Name"] == "Morning spread"
    assert b"NSE0012345" not in transport.last.content
    transport = ScriptedTransport(answer(200, CHANGED))
    await an_upstox_account(transport, ALGO).modify("1", Decimal("100.05"), 65)
    assert (transport.last.method, transport.last.headers["X-Algo-Name"]) == ("PUT", "Morning spread")
    transport = ScriptedTransport(answer(200, CHANGED))
    await an_upstox_account(transport, ALGO).cancel("1")
    assert (transport.last.method, transport.last.headers["X-Algo-Name"]) == ("DELETE", "Morning spread")


async def test_questions_at_upstox_name_no_algo() -> None:
    transport = ScriptedTransport(answer(200, {"status": "success", "data": []}))
    await an_upstox_account(transport, ALGO).orders()
    assert "x-algo-name" not in transport.last.headers


async def test_without_a_name_upstox_gets_no_header() -> None:
    for account in (upstox, lambda transport: an_upstox_account(transport, NO_ALGO)):
        transport = ScriptedTransport(answer(200, payload("upstox", "place.json")))
        await account(transport).prepare(an_order(token=KEY))()
        assert "x-algo-name" not in transport.last.headers


async def test_a_name_that_upstox_does_not_know_is_a_refusal_in_its_words() -> None:
    error = {"errorCode": "UDAPI1156", "message": "Invalid Algo name passed in headers"}
    transport = ScriptedTransport(answer(400, {"status": "error", "errors": [error]}))
    placement = await an_upstox_account(transport, ALGO).prepare(an_order(token=KEY))()
    assert placement.outcome is Outcome.REFUSED
    assert placement.reason == "upstox: UDAPI1156: Invalid Algo name passed in headers"


def opened(name: str, algo: Algo) -> Any:
    return open_broker(
        name, credentials=CREDENTIALS[name], tokens={}, endpoints=ENDPOINTS, clock=FrozenClock(), algo=algo
    )


@pytest.mark.parametrize("name", sorted(set(BROKERS) - {PAPER}))
async def test_every_broker_opens_with_the_algo_of_its_account(name: str) -> None:
    await opened(name, ALGO).aclose()


@pytest.mark.parametrize("name", sorted(name for name, kind in BROKERS.items() if kind.algo))
@pytest.mark.parametrize("algo", [Algo(id="1\r\nX-Other: 2", name="1\r\nX-Other: 2"), Algo(id="अ", name="अ")])
async def test_what_no_header_can_carry_opens_no_account(name: str, algo: Algo) -> None:
    with pytest.raises(ValueError, match="algo_id has characters that cannot be sent"):
        opened(name, algo)
