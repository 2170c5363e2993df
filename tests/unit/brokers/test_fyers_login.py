"""How a session at Fyers begins, ends, and is renewed."""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.registry import open_login
from lambdas.domain.moments import IST
from lambdas.ports.broker import BrokerBusy, BrokerGarbled, BrokerRefused, BrokerUnreachable, SessionOver
from lambdas.ports.broker_login import BrokerOAuthStrategy
from tests.unit.brokers.doubles import FrozenClock, ScriptedTransport, answer, payload
from tests.unit.brokers.test_fyers import said

pytestmark = pytest.mark.anyio
CREDENTIALS = {
    "api_key": "FYERS0APP-100",
    "api_secret": "SECRET0CANARY",
    "redirect_url": "https://app.test/back?x=1",
    "pin": "4821",
}
HASH = sha256(b"FYERS0APP-100:SECRET0CANARY").hexdigest()
CALLBACK = {"s": "ok", "code": "200", "auth_code": "AUTH0CANARY", "state": "s"}
MORNING = datetime(2026, 11, 23, 8, 31, tzinfo=IST)
MIDNIGHT = datetime(2026, 11, 24, tzinfo=IST)


def login(**changes: str) -> BrokerOAuthStrategy:
    endpoints = Endpoints("http://api.test", "https://login.test/")
    return open_login("fyers", credentials={**CREDENTIALS, **changes}, endpoints=endpoints, clock=FrozenClock())


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets a login, which opens its own connections, meet a scripted broker."""

    def script(*answers: Any) -> ScriptedTransport:
        transport = ScriptedTransport(*answers)
        monkeypatch.setattr(httpx, "AsyncHTTPTransport", lambda **_: transport)
        return transport

    return script


def session_answers() -> tuple[httpx.Response, httpx.Response]:
    return answer(200, payload("fyers", "session.json")), answer(200, payload("fyers", "profile.json"))


async def test_the_browser_goes_to_the_page_of_fyers_with_the_state() -> None:
    url = urlsplit(await login().get_auth_url("st&te=1") or "")
    assert url.geturl().startswith("https://login.test/api/v3/generate-authcode?")
    assert parse_qs(url.query) == {
        "client_id": ["FYERS0APP-100"],
        "redirect_uri": ["https://app.test/back?x=1"],
        "response_type": ["code"],
        "state": ["st&te=1"],
    }


async def test_the_auth_code_is_exchanged_with_the_hash_and_the_profile_tells_whose_it_is(wire: Any) -> None:
    transport = wire(*session_answers())
    session = await login().handle_callback(CALLBACK, MORNING)
    assert session.tokens == {"access_token": "ACCESS0CANARY", "refresh_token": "REFRESH0CANARY"}
    assert (session.client_id, session.expires_at) == ("AB1234", MIDNIGHT)
    exchange, profile = transport.requests
    assert exchange.url.path == "/api/v3/validate-authcode"
    assert json.loads(exchange.content) == {
        "grant_type": "authorization_code",
        "appIdHash": HASH,
        "code": "AUTH0CANARY",
    }
    assert "Authorization" not in exchange.headers
    assert profile.url.path == "/api/v3/profile"
    assert profile.headers["Authorization"] == "FYERS0APP-100:ACCESS0CANARY"
    assert "CANARY" not in repr(session)


@pytest.mark.parametrize("callback", [{}, {"auth_code": ""}, {"s": "error", "auth_code": "A", "message": "no"}])
async def test_a_login_that_was_not_completed_asks_for_another(wire: Any, callback: dict[str, str]) -> None:
    transport = wire(*session_answers())
    with pytest.raises(BrokerRefused, match="log in again"):
        await login().handle_callback(callback, MORNING)
    assert transport.requests == []


@pytest.mark.parametrize(
    ("reply", "branch"),
    [
        (said(400, -437, "invalid auth code AUTH0CANARY"), BrokerRefused),
        (said(401, -16, "Could not authenticate the user"), BrokerRefused),
        (said(429, -429), BrokerBusy),
        (said(500, -99), BrokerGarbled),
        (answer(200, {"s": "ok", "code": 200}), BrokerGarbled),
        (httpx.ConnectError("no route"), BrokerUnreachable),
    ],
)
async def test_a_login_that_fails_says_why(wire: Any, reply: Any, branch: type[Exception]) -> None:
    wire(reply)
    with pytest.raises(branch, match="fyers") as caught:
        await login().handle_callback(CALLBACK, MORNING)
    assert "CANARY" not in str(caught.value)


async def test_a_refresh_token_and_the_pin_renew_the_session(wire: Any) -> None:
    renewed = answer(200, {"s": "ok", "code": 200, "message": "", "access_token": "NEW0TOKEN"})
    transport = wire(renewed, session_answers()[1])
    session = await login().refresh({"access_token": "OLD", "refresh_token": "REFRESH0CANARY"}, MORNING)
    assert session is not None
    assert session.tokens == {"access_token": "NEW0TOKEN", "refresh_token": "REFRESH0CANARY"}
    assert (session.client_id, session.expires_at) == ("AB1234", MIDNIGHT)
    assert transport.requests[0].url.path == "/api/v3/validate-refresh-token"
    assert json.loads(transport.requests[0].content) == {
        "grant_type": "refresh_token",
        "appIdHash": HASH,
        "refresh_token": "REFRESH0CANARY",
        "pin": "4821",
    }


async def test_without_a_pin_or_a_refresh_token_there_is_no_renewal(wire: Any) -> None:
    transport = wire(*session_answers())
    assert await login(pin="").refresh({"refresh_token": "R"}, MORNING) is None
    assert await login().refresh({"access_token": "A"}, MORNING) is None
    assert transport.requests == []


@pytest.mark.parametrize(
    ("reply", "branch"), [(said(401, -501, "invalid REFRESH0CANARY"), SessionOver), (said(400, -502), BrokerRefused)]
)
async def test_a_renewal_that_is_refused_says_so(wire: Any, reply: Any, branch: type[Exception]) -> None:
    wire(reply)
    with pytest.raises(branch) as caught:
        await login().refresh({"refresh_token": "REFRESH0CANARY"}, MORNING)
    assert "REFRESH0CANARY" not in str(caught.value)
