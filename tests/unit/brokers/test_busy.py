"""A call that a broker refused for a rate limit is made again; an order only by who answers for it."""

from typing import Any

import pytest

from lambdas.adapters.brokers.http import TRIES_WHEN_BUSY
from lambdas.adapters.brokers.pacing import SHUT_FOR
from lambdas.ports.broker import BrokerBusy, Outcome
from tests.unit.brokers.accounts import OPENERS, open_over
from tests.unit.brokers.doubles import FrozenClock, ScriptedTransport, an_order, answer, payload

pytestmark = pytest.mark.anyio
TOO_MANY: dict[str, list[tuple[int, Any]]] = {
    "zerodha": [(429, {"status": "error", "error_type": "NetworkException", "message": "Too many requests"})],
    "angel_one": [
        (403, "Access denied because of exceeding access rate"),
        (200, {"status": False, "message": "Too many requests", "errorcode": "AB1021", "data": None}),
        (429, "slow down"),
    ],
    "upstox": [(429, {"status": "error", "errors": [{"errorCode": "UDAPI10005", "message": "Too Many Request"}]})],
    "fyers": [
        (429, {"s": "error", "code": -429, "message": "request limit reached"}),
        (200, {"s": "error", "code": -99, "message": "request limit reached"}),
    ],
    "dhan": [
        (429, {"errorType": "Rate_Limit", "errorCode": "DH-904", "errorMessage": "Too many requests"}),
        (400, {"errorType": "Rate_Limit", "errorCode": "DH-904", "errorMessage": "Too many requests"}),
    ],
    "groww": [(429, {"status": "FAILURE", "error": {"code": "GA003", "message": "too many"}})],
}
DISGUISES = [(broker, status, body) for broker, answers in TOO_MANY.items() for status, body in answers]


def test_every_broker_has_a_refusal_here() -> None:
    assert set(TOO_MANY) == set(OPENERS)


@pytest.mark.parametrize(("broker", "status", "body"), DISGUISES)
async def test_a_read_waits_and_asks_again(broker: str, status: int, body: Any) -> None:
    clock = FrozenClock()
    transport = ScriptedTransport(answer(status, body), answer(200, payload(broker, "orders.json")))
    start = clock.now()
    rows = await open_over(broker, transport, clock).orders()
    assert rows
    assert transport.requests[0].url == transport.requests[1].url
    assert clock.now() - start >= SHUT_FOR


@pytest.mark.parametrize(("broker", "status", "body"), DISGUISES)
async def test_a_limit_that_stays_is_told_after_a_few_tries(broker: str, status: int, body: Any) -> None:
    transport = ScriptedTransport(answer(status, body))
    with pytest.raises(BrokerBusy, match=f"^{broker}: rate limited"):
        await open_over(broker, transport).orders()
    assert len(transport.requests) == TRIES_WHEN_BUSY


@pytest.mark.parametrize(("broker", "status", "body"), DISGUISES)
async def test_an_order_is_sent_once_and_says_that_a_limit_refused_it(broker: str, status: int, body: Any) -> None:
    transport = ScriptedTransport(answer(status, body))
    placement = await open_over(broker, transport).prepare(an_order())()
    assert (placement.outcome, placement.busy) == (Outcome.REFUSED, True)
    assert "rate limited" in placement.reason
    assert len(transport.requests) == 1
