"""Canaries in every branch of the error tree: whatever a broker throws back at what it was sent, nothing is told on.

The log is looked at from INFO on: below, the HTTP library writes every byte of an answer, and nothing of ours turns
that on.
"""

import asyncio
import json
import logging
import traceback
from collections.abc import Callable, Mapping
from urllib.parse import quote_plus

import pytest

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.registry import open_broker, open_login
from lambdas.ports.broker import (
    BrokerBusy,
    BrokerError,
    BrokerGarbled,
    BrokerRefused,
    BrokerUnreachable,
    SessionOver,
)
from tests.unit.brokers.doubles import NOON, FrozenClock, Talk, an_order, loopback, read_request

pytestmark = pytest.mark.anyio
SECRET, TOKEN = "SECRET/0+CANARY=", "TOKEN0CANARY"
CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "zerodha": {"api_key": "kite0key", "api_secret": SECRET},
    "angel_one": {
        "api_key": "KEY0CANARY",
        "client_code": "A123456",
        "pin": "PIN0CANARY",
        "totp_secret": "CANARYAACANARYAA",
    },
    "upstox": {"api_key": "upstox0key", "api_secret": SECRET, "redirect_url": "https://app.test/back"},
    "fyers": {
        "api_key": "FYERS0APP-100",
        "api_secret": SECRET,
        "redirect_url": "https://app.test/back",
        "pin": "PIN0CANARY",
    },
    "dhan": {"client_id": "1000000401", "api_key": "dhan0app", "api_secret": SECRET},
    "groww": {"api_key": "KEY0CANARY", "api_secret": SECRET, "totp_secret": "CANARYAACANARYAA"},
}
Branch = Mapping[str, tuple[int, Mapping[str, object]]]
"""Status and code of an error that every broker means alike."""
TOKENS = {broker: {"access_token": TOKEN} for broker in CREDENTIALS} | {
    "angel_one": {"jwt_token": TOKEN, "refresh_token": "REFRESH0CANARY", "feed_token": "FEED0CANARY"},
    "fyers": {"access_token": TOKEN, "refresh_token": "REFRESH0CANARY"},
}
CALLBACK = dict.fromkeys(("request_token", "code", "auth_code", "tokenId", "totp"), "ONCE0CANARY")
SESSION_OVER: Branch = {
    "zerodha": (403, {"error_type": "TokenException"}),
    "angel_one": (200, {"errorcode": "AG8001"}),
    "upstox": (401, {"errorCode": "UDAPI100050"}),
    "fyers": (401, {"code": -16}),
    "dhan": (401, {"errorCode": "DH-901"}),
    "groww": (401, {"code": "GA005"}),
}
REFUSED: Branch = {
    "zerodha": (400, {"error_type": "InputException"}),
    "angel_one": (200, {"errorcode": "AB1009"}),
    "upstox": (400, {"errorCode": "UDAPI1052"}),
    "fyers": (400, {"code": -50}),
    "dhan": (400, {"errorCode": "DH-905"}),
    "groww": (400, {"code": "GA001"}),
}
Answer = Callable[[str, str], bytes]
"""From the broker and the request that it got, head and body, to what it writes."""


def http(status: int, body: str, kind: str) -> bytes:
    head = f"HTTP/1.1 {status} Said\r\nContent-Type: {kind}\r\nContent-Length: {len(body.encode())}\r\n\r\n"
    return head.encode() + body.encode()


def in_json(branch: Branch) -> Answer:
    """An error of the broker's own shape whose message is the whole request."""

    def answer(broker: str, request: str) -> bytes:
        status, code = branch[broker]
        error = {**code, "message": request, "errorMessage": request}
        nested = {"error": error} if broker == "groww" else {"errors": [error]}
        said = {"s": "error", "status": False if broker == "angel_one" else "error", **error, **nested}
        return http(status, json.dumps({"status": "FAILURE", **nested} if broker == "groww" else said), "text/json")

    return answer


def on_a_page(status: int) -> Answer:
    return lambda _broker, request: http(status, f"<html><pre>{request}</pre></html>", "text/html")


def as_no_http(_broker: str, request: str) -> bytes:
    """The secret lines of the request come first, where a status line should be."""
    lines = request.replace("\r\n", " ")
    return lines[lines.lower().find("authorization") :].encode() + b"\r\n\r\n" if lines else b"\r\n\r\n"


def cut_off(_broker: str, request: str) -> bytes:
    return http(200, request * 2, "text/json")[: -len(request)]


def as_a_token(_broker: str, request: str) -> bytes:
    """A success whose fields are all of another kind than they should be."""
    data = {"access_token": [request], "jwtToken": {"a": request}, "accessToken": 1.5, "token": [request]}
    return http(200, json.dumps({"status": "success", "s": "ok", **data, "data": data, "payload": data}), "text/json")


ANSWERS: list[tuple[str, Answer, type[BrokerError]]] = [
    ("session", in_json(SESSION_OVER), SessionOver),
    ("refused", in_json(REFUSED), BrokerRefused),
    ("busy", lambda _broker, request: http(429, request, "text/plain"), BrokerBusy),
    ("page-200", on_a_page(200), BrokerGarbled),
    ("page-401", on_a_page(401), BrokerGarbled),
    ("page-502", on_a_page(502), BrokerGarbled),
    ("no-http", as_no_http, BrokerGarbled),
    ("cut-off", cut_off, BrokerGarbled),
    ("other-kind", as_a_token, BrokerGarbled),
]


def talking(broker: str, answer: Answer, heard: list[str]) -> Talk:
    """A broker that answers so, and keeps what it heard."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await read_request(reader)).decode()
        heard.append(request)
        writer.write(answer(broker, request))
        await writer.drain()

    return talk


def told(error: BrokerError) -> list[str]:
    """All that can be read of an error, with everything that it came from."""
    return [str(error), repr(error), repr(error.args), "".join(traceback.format_exception(error))]


def canaries(broker: str) -> list[str]:
    own = {*CREDENTIALS[broker].values(), *TOKENS[broker].values(), *CALLBACK.values()}
    return [form for secret in own if "CANARY" in secret for form in (secret, quote_plus(secret), json.dumps(secret))]


@pytest.mark.parametrize("broker", sorted(CREDENTIALS))
@pytest.mark.parametrize(("answer", "branch"), [pytest.param(*case, id=name) for name, *case in ANSWERS])
async def test_no_branch_of_the_tree_tells_a_secret(
    broker: str, answer: Answer, branch: type[BrokerError], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    heard: list[str] = []
    async with loopback(talking(broker, answer, heard)) as url:
        endpoints, clock = Endpoints(url, url, url), FrozenClock()
        account = open_broker(
            broker, credentials=CREDENTIALS[broker], tokens=TOKENS[broker], endpoints=endpoints, clock=clock
        )
        entering = open_login(broker, credentials=CREDENTIALS[broker], endpoints=endpoints, clock=clock)
        with pytest.raises(BrokerError) as asked:
            await account.orders()
        with pytest.raises(BrokerError) as entered:
            await entering.handle_callback(CALLBACK, NOON)
        placement = await account.prepare(an_order())()
        await account.aclose()
    assert any("CANARY" in request for request in heard)
    assert type(asked.value) is branch
    assert type(entered.value) is (BrokerRefused if branch is SessionOver else branch)
    texts = [*told(asked.value), *told(entered.value), placement.reason, repr(placement), caplog.text]
    assert [canary for canary in canaries(broker) for text in texts if canary in text] == []


@pytest.mark.parametrize("broker", sorted(CREDENTIALS))
async def test_without_a_connection_no_secret_is_told(broker: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with loopback(talking(broker, as_no_http, [])) as url:
        pass
    endpoints, clock = Endpoints(url, url, url), FrozenClock()
    entering = open_login(broker, credentials=CREDENTIALS[broker], endpoints=endpoints, clock=clock)
    with pytest.raises(BrokerUnreachable) as entered:
        await entering.handle_callback(CALLBACK, NOON)
    texts = [*told(entered.value), caplog.text]
    assert [canary for canary in canaries(broker) for text in texts if canary in text] == []
