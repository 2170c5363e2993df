"""What an adapter concludes from what comes back after an order: accepted, refused or unknown."""

from typing import Any

import httpx
import pytest

from lambdas.ports.broker import Outcome, Placement
from tests.unit.brokers.accounts import open_over
from tests.unit.brokers.doubles import Answer, ScriptedTransport, an_order, answer, payload

pytestmark = pytest.mark.anyio
BOTH = ("zerodha", "angel_one", "fyers", "groww", "dhan", "upstox")
HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"


async def place(broker: str, reply: Answer) -> Placement:
    return await open_over(broker, ScriptedTransport(reply)).prepare(an_order())()


def kite(status: int, kind: str, message: str = "said") -> httpx.Response:
    return answer(status, {"status": "error", "message": message, "data": None, "error_type": kind})


def smart(status: int, code: str, message: str = "said") -> httpx.Response:
    return answer(status, {"status": False, "message": message, "errorcode": code, "data": None})


def groww(status: int, code: str, message: str = "said") -> httpx.Response:
    return answer(status, {"status": "FAILURE", "error": {"code": code, "message": message, "metadata": None}})


@pytest.mark.parametrize("broker", BOTH)
async def test_an_order_id_means_accepted(broker: str) -> None:
    placement = await place(broker, answer(200, payload(broker, "place.json")))
    assert placement.outcome is Outcome.ACCEPTED
    assert placement.broker_order_id == "261123000012345"
    assert placement.sent_at is not None
    assert placement.acknowledged_at is not None


@pytest.mark.parametrize("broker", BOTH)
@pytest.mark.parametrize(
    "error", [httpx.ConnectError("no route"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("full")]
)
async def test_without_a_connection_nothing_was_sent(broker: str, error: Exception) -> None:
    placement = await place(broker, error)
    assert placement.outcome is Outcome.REFUSED
    assert "not sent" in placement.reason
    assert placement.sent_at is None


@pytest.mark.parametrize("broker", BOTH)
@pytest.mark.parametrize(
    "reply",
    [
        httpx.ReadTimeout("slow"),
        httpx.WriteTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.WriteError("reset"),
        httpx.RemoteProtocolError("closed without an answer"),
        RuntimeError("a fault in the transport"),
        answer(200, ""),
        answer(200, "OK"),
        answer(200, "null"),
        answer(200, "[]"),
        answer(200, b"\xff\xfe\x00"),
        answer(200, "[" * 100_000),
        answer(200, '{"status": "success", "data": {"order_id": NaN}}'),
        answer(200, {}),
        answer(200, {"status": "success", "data": None}),
        answer(200, {"status": "success", "data": {"order_id": ""}}),
        answer(200, {"status": "success", "data": "261123000012345"}),
        answer(200, {"status": True, "data": None}),
        answer(200, {"status": True, "message": "SUCCESS", "errorcode": "", "data": {"orderid": ""}}),
        answer(200, {"status": True, "message": "SUCCESS", "errorcode": "", "data": ["1"]}),
        answer(302, ""),
        answer(400, HTML),
        answer(403, HTML),
        answer(500, HTML),
        answer(502, HTML),
        answer(503, ""),
        answer(504, HTML),
    ],
)
async def test_whatever_cannot_be_read_is_unknown_once_bytes_left(broker: str, reply: Answer) -> None:
    placement = await place(broker, reply)
    assert placement.outcome is Outcome.UNKNOWN
    assert placement.sent_at is not None
    assert placement.acknowledged_at is None


@pytest.mark.parametrize(
    "reply",
    [
        kite(400, "InputException"),
        kite(400, "MarginException"),
        kite(400, "OrderException"),
        kite(500, "OrderException"),
        kite(403, "TokenException"),
        kite(403, "PermissionException"),
        kite(400, "SomethingNewException"),
    ],
)
async def test_kite_refuses_readably(reply: httpx.Response) -> None:
    placement = await place("zerodha", reply)
    assert placement.outcome is Outcome.REFUSED
    assert placement.reason.endswith("Exception: said")
    assert placement.sent_at is not None


@pytest.mark.parametrize(
    "reply",
    [
        kite(500, "GeneralException"),
        kite(503, "NetworkException"),
        kite(400, "NetworkException"),
        kite(502, "DataException"),
        kite(502, "OrderException"),
        kite(503, "OrderException"),
        kite(504, "OrderException"),
        kite(500, "SomethingNewException"),
        kite(408, "InputException"),
        answer(400, {"status": "error", "message": "no type"}),
        answer(400, {"error_type": "InputException", "status": "success", "data": {}}),
    ],
)
async def test_kite_that_lost_its_order_system_is_unknown(reply: httpx.Response) -> None:
    assert (await place("zerodha", reply)).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "reply",
    [
        smart(200, "AB1009"),
        smart(400, "AB1012"),
        smart(200, "AB4036"),
        smart(401, "AB1010"),
        answer(401, {"success": False, "message": "said", "errorCode": "AG8001", "data": ""}),
    ],
)
async def test_angel_one_refuses_readably(reply: httpx.Response) -> None:
    placement = await place("angel_one", reply)
    assert placement.outcome is Outcome.REFUSED
    assert placement.reason.endswith(": said")
    assert " A" in placement.reason


@pytest.mark.parametrize(
    "reply",
    [
        smart(200, "AB1004"),
        smart(200, "AB1007"),
        smart(200, "AB2000"),
        smart(200, "AB2001"),
        smart(200, ""),
        smart(408, "AB1009"),
        smart(500, "AB1009"),
        smart(502, "AB1009"),
        answer(403, "Forbidden"),
        answer(400, {"status": True, "message": "SUCCESS", "errorcode": "AB1009", "data": {"orderid": "1"}}),
    ],
)
async def test_angel_one_without_a_decision_is_unknown(reply: httpx.Response) -> None:
    assert (await place("angel_one", reply)).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "reply",
    [
        groww(400, "GA001"),
        groww(404, "GA004"),
        groww(403, "GA005"),
        groww(400, "GA006"),
        groww(401, "GA005"),
        groww(400, "GA123"),
        answer(401, {"error": {"code": "401", "message": "said"}}),
    ],
)
async def test_groww_refuses_readably(reply: httpx.Response) -> None:
    placement = await place("groww", reply)
    assert placement.outcome is Outcome.REFUSED
    assert placement.reason.endswith(": said")
    assert placement.sent_at is not None


@pytest.mark.parametrize(
    "reply",
    [
        groww(500, "GA000"),
        groww(400, "GA000"),
        groww(503, "GA003"),
        groww(400, "GA003"),
        groww(400, ""),
        groww(408, "GA001"),
        groww(500, "GA001"),
        groww(504, "GA006"),
        groww(200, "GA001"),
        answer(400, {"status": "FAILURE", "error": "said"}),
        answer(400, {"status": "FAILURE"}),
        answer(403, {"message": "Forbidden"}),
        answer(400, {"status": "SUCCESS", "payload": {"groww_order_id": "1"}, "error": {"code": "GA001"}}),
        answer(200, {"status": "SUCCESS", "payload": {"order_status": "NEW"}}),
        answer(200, {"status": "SUCCESS", "payload": ["1"]}),
        answer(200, {"groww_order_id": "1"}),
    ],
)
async def test_groww_without_a_decision_is_unknown(reply: httpx.Response) -> None:
    assert (await place("groww", reply)).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("status", [200, 400, 409])
async def test_a_reference_that_groww_knows_already_is_looked_up_and_never_taken_for_a_refusal(status: int) -> None:
    placement = await place("groww", groww(status, "GA007", "Duplicate order reference id"))
    assert placement.outcome is Outcome.UNKNOWN
    assert placement.broker_order_id is None
    assert placement.reason == "groww: GA007: Duplicate order reference id; the order exists already"


@pytest.mark.parametrize(
    ("broker", "reply"),
    [
        ("zerodha", kite(429, "NetworkException", "Too many requests")),
        ("zerodha", answer(429, HTML)),
        ("angel_one", answer(403, "Access denied because of exceeding access rate")),
        ("angel_one", answer(403, "Access denied because of exceeding access limits")),
        ("angel_one", answer(429, "")),
        ("angel_one", smart(200, "AB1021", "Too many requests")),
        ("groww", groww(429, "GA003", "Too many requests")),
        ("groww", answer(429, HTML)),
    ],
)
async def test_a_rate_limit_is_refused_because_the_gateway_never_passed_it_on(
    broker: str, reply: httpx.Response
) -> None:
    placement = await place(broker, reply)
    assert placement.outcome is Outcome.REFUSED
    assert "rate limited" in placement.reason
    assert placement.sent_at is not None


@pytest.mark.parametrize("broker", BOTH)
async def test_a_prepared_order_is_sent_at_most_once(broker: str) -> None:
    transport = ScriptedTransport(httpx.ReadTimeout("slow"))
    send = open_over(broker, transport).prepare(an_order())
    assert transport.requests == []
    await send()
    with pytest.raises(RuntimeError, match="never sent twice"):
        await send()
    assert len(transport.requests) == 1


@pytest.mark.parametrize("broker", BOTH)
@pytest.mark.parametrize(
    "changes",
    [
        {"tag": "LW" + "A" * 19},
        {"tag": ""},
        {"tag": "LW-1"},
        {"tag": "LW१"},
        {"tag": "LW1\n"},
        {"quantity": 0},
        {"product": "CNC"},
        {"symbol": ""},
    ],
)
async def test_an_order_that_cannot_be_expressed_is_a_value_error(broker: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"is not|needs"):
        open_over(broker, ScriptedTransport(answer(200, {}))).prepare(an_order(**changes))
