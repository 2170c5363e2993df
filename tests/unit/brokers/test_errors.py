"""Which branch of the error tree an answer leads to, for calls that may be asked again."""

import httpx
import pytest

from lambdas.ports.broker import (
    BrokerBusy,
    BrokerError,
    BrokerGarbled,
    BrokerRefused,
    BrokerUnreachable,
    SessionOver,
)
from tests.unit.brokers.accounts import open_over
from tests.unit.brokers.doubles import Answer, ScriptedTransport, answer
from tests.unit.brokers.test_outcomes import HTML, groww, kite, smart

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("broker", "reply", "branch"),
    [
        ("zerodha", httpx.ConnectError("no route"), BrokerUnreachable),
        ("zerodha", httpx.PoolTimeout("full"), BrokerUnreachable),
        ("zerodha", httpx.ReadTimeout("slow"), BrokerGarbled),
        ("zerodha", httpx.RemoteProtocolError("closed"), BrokerGarbled),
        ("zerodha", kite(403, "TokenException"), SessionOver),
        ("zerodha", kite(400, "TokenException"), SessionOver),
        ("zerodha", kite(403, "PermissionException"), BrokerRefused),
        ("zerodha", kite(400, "InputException"), BrokerRefused),
        ("zerodha", kite(429, "NetworkException"), BrokerBusy),
        ("zerodha", kite(503, "NetworkException"), BrokerGarbled),
        ("zerodha", kite(500, "GeneralException"), BrokerGarbled),
        ("zerodha", answer(502, HTML), BrokerGarbled),
        ("zerodha", answer(200, HTML), BrokerGarbled),
        ("zerodha", answer(200, {"status": "success"}), BrokerGarbled),
        ("zerodha", answer(403, HTML), BrokerGarbled),
        ("angel_one", httpx.ConnectTimeout("slow"), BrokerUnreachable),
        ("angel_one", httpx.ReadError("reset"), BrokerGarbled),
        ("angel_one", smart(200, "AG8001"), SessionOver),
        ("angel_one", smart(200, "AG8002"), SessionOver),
        ("angel_one", smart(200, "AG8003"), SessionOver),
        ("angel_one", smart(200, "AB1010"), SessionOver),
        ("angel_one", smart(200, "AB1011"), SessionOver),
        ("angel_one", answer(401, {"success": False, "message": "x", "errorCode": "AG8001"}), SessionOver),
        ("angel_one", smart(200, "AB1013"), BrokerRefused),
        ("angel_one", answer(403, "Access denied because of exceeding access rate"), BrokerBusy),
        ("angel_one", answer(429, ""), BrokerBusy),
        ("angel_one", smart(200, "AB1021"), BrokerBusy),
        ("angel_one", answer(403, "Forbidden"), BrokerGarbled),
        ("angel_one", smart(200, "AB1004"), BrokerGarbled),
        ("angel_one", smart(500, "AB1013"), BrokerGarbled),
        ("angel_one", answer(200, HTML), BrokerGarbled),
        ("groww", httpx.ConnectTimeout("slow"), BrokerUnreachable),
        ("groww", httpx.ReadError("reset"), BrokerGarbled),
        ("groww", groww(401, "GA005"), SessionOver),
        ("groww", answer(401, {"error": {"code": "401", "message": "said"}}), SessionOver),
        ("groww", answer(401, {"message": "Unauthorized"}), SessionOver),
        ("groww", groww(403, "GA005"), BrokerRefused),
        ("groww", groww(400, "GA001"), BrokerRefused),
        ("groww", groww(404, "GA004"), BrokerRefused),
        ("groww", groww(400, "GA006"), BrokerRefused),
        ("groww", groww(429, "GA003"), BrokerBusy),
        ("groww", answer(429, HTML), BrokerBusy),
        ("groww", groww(500, "GA000"), BrokerGarbled),
        ("groww", groww(400, "GA003"), BrokerGarbled),
        ("groww", groww(502, "GA001"), BrokerGarbled),
        ("groww", answer(401, HTML), BrokerGarbled),
        ("groww", answer(200, HTML), BrokerGarbled),
        ("groww", answer(200, {"status": "SUCCESS"}), BrokerGarbled),
    ],
)
async def test_an_answer_leads_to_one_branch(broker: str, reply: Answer, branch: type[BrokerError]) -> None:
    for ask in ("orders", "cancel"):
        account = open_over(broker, ScriptedTransport(reply))
        with pytest.raises(branch) as caught:
            await (account.orders() if ask == "orders" else account.cancel("1"))
        assert type(caught.value) is branch
        assert str(caught.value).startswith(broker)


@pytest.mark.parametrize("broker", ["zerodha", "angel_one"])
async def test_a_call_is_made_once_even_when_it_fails(broker: str) -> None:
    transport = ScriptedTransport(httpx.ConnectError("no route"))
    with pytest.raises(BrokerUnreachable):
        await open_over(broker, transport).orders()
    assert len(transport.requests) == 1
