"""How sessions begin and when they end."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.registry import open_login
from lambdas.adapters.brokers.totp import totp
from lambdas.domain.moments import IST
from lambdas.ports.broker import BrokerBusy, BrokerGarbled, BrokerRefused, BrokerUnreachable, SessionOver
from lambdas.ports.broker_login import BrokerOAuthStrategy
from tests.unit.brokers.doubles import FrozenClock, ScriptedTransport, answer, payload
from tests.unit.brokers.test_outcomes import groww, kite, smart

CREDENTIALS = {
    "zerodha": {"api_key": "kite0key", "api_secret": "SECRET0CANARY"},
    "angel_one": {
        "api_key": "angel0key",
        "client_code": "A123456",
        "pin": "4821",
        "totp_secret": "GEZDGNBVGY3TQOJQ GEZDGNBVGY3TQOJQ",
    },
    "groww": {"api_key": "groww0key", "api_secret": "SECRET0CANARY"},
}
CALLBACK = {"zerodha": {"request_token": "REQUEST0CANARY", "status": "success"}, "angel_one": {}, "groww": {}}
MORNING = datetime(2026, 11, 23, 8, 31, tzinfo=IST)
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def login(broker: str) -> BrokerOAuthStrategy:
    endpoints = Endpoints("http://api.test", "https://login.test/")
    return open_login(broker, credentials=CREDENTIALS[broker], endpoints=endpoints, clock=FrozenClock())


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets a login, which opens its own connections, meet a scripted broker."""

    def script(*answers: Any) -> ScriptedTransport:
        transport = ScriptedTransport(*answers)
        monkeypatch.setattr(httpx, "AsyncHTTPTransport", lambda **_: transport)
        return transport

    return script


@pytest.mark.parametrize(
    ("seconds", "password"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238(seconds: int, password: str) -> None:
    instant = datetime.fromtimestamp(seconds, UTC)
    assert totp(RFC_SECRET, instant, digits=8) == password
    assert totp(RFC_SECRET, instant) == password[-6:]


def test_a_totp_secret_may_be_written_as_apps_show_it() -> None:
    assert totp("gezd gnbv gy3t qojq gezd gnbv gy3t qojq", MORNING) == totp(RFC_SECRET, MORNING)
    assert len(totp("MFRGG", MORNING)) == 6


def test_a_secret_that_is_not_base32_is_not_quoted() -> None:
    with pytest.raises(ValueError, match="not base32") as caught:
        totp("NOT!BASE32", MORNING)
    assert "NOT!" not in str(caught.value)


@pytest.mark.anyio
async def test_zerodha_sends_the_browser_to_its_page_and_gets_the_state_back() -> None:
    url = urlsplit(await login("zerodha").get_auth_url("st&te=1") or "")
    assert url.geturl().startswith("https://login.test/connect/login?")
    query = parse_qs(url.query)
    assert query["v"] == ["3"]
    assert query["api_key"] == ["kite0key"]
    assert parse_qsl(query["redirect_params"][0]) == [("state", "st&te=1")]


@pytest.mark.anyio
async def test_angel_one_has_no_login_page() -> None:
    assert await login("angel_one").get_auth_url("state") is None


@pytest.mark.anyio
async def test_zerodha_exchanges_the_request_token_with_a_checksum(wire: Any) -> None:
    transport = wire(answer(200, payload("zerodha", "session.json")))
    session = await login("zerodha").handle_callback(CALLBACK["zerodha"], MORNING)
    assert session.tokens == {"access_token": "ACCESS0CANARY"}
    assert session.client_id == "AB1234"
    assert dict(parse_qsl(transport.last.content.decode())) == {
        "api_key": "kite0key",
        "request_token": "REQUEST0CANARY",
        "checksum": sha256(b"kite0keyREQUEST0CANARYSECRET0CANARY").hexdigest(),
    }
    assert "Authorization" not in transport.last.headers


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("now", "end"),
    [
        (datetime(2026, 11, 23, 8, 31, tzinfo=IST), datetime(2026, 11, 24, 6, 0, tzinfo=IST)),
        (datetime(2026, 11, 23, 5, 59, tzinfo=IST), datetime(2026, 11, 23, 6, 0, tzinfo=IST)),
        (datetime(2026, 11, 23, 6, 0, tzinfo=IST), datetime(2026, 11, 24, 6, 0, tzinfo=IST)),
        (datetime(2026, 11, 22, 20, 0, tzinfo=UTC), datetime(2026, 11, 23, 6, 0, tzinfo=IST)),
    ],
)
async def test_a_zerodha_session_ends_at_the_next_six_in_the_morning(wire: Any, now: datetime, end: datetime) -> None:
    wire(answer(200, payload("zerodha", "session.json")))
    assert (await login("zerodha").handle_callback(CALLBACK["zerodha"], now)).expires_at == end


@pytest.mark.anyio
async def test_angel_one_logs_in_with_pin_and_totp(wire: Any) -> None:
    transport = wire(answer(200, payload("angel_one", "session.json")))
    session = await login("angel_one").handle_callback({}, MORNING)
    assert set(session.tokens) == {"jwt_token", "refresh_token", "feed_token"}
    assert session.client_id == "A123456"
    assert session.expires_at == datetime(2026, 11, 24, tzinfo=IST)
    assert transport.last.url.path == "/rest/auth/angelbroking/user/v1/loginByPassword"
    assert json.loads(transport.last.content) == {
        "clientcode": "A123456",
        "password": "4821",
        "totp": totp(RFC_SECRET, MORNING),
    }
    assert transport.last.headers["X-PrivateKey"] == "angel0key"


@pytest.mark.anyio
async def test_a_totp_that_the_user_typed_is_used_instead_of_the_stored_secret(wire: Any) -> None:
    transport = wire(answer(200, payload("angel_one", "session.json")))
    await login("angel_one").handle_callback({"totp": "123456"}, MORNING)
    assert json.loads(transport.last.content)["totp"] == "123456"


@pytest.mark.anyio
@pytest.mark.parametrize("callback", [{}, {"status": "cancelled"}, {"request_token": ""}])
async def test_a_login_that_was_not_completed_asks_for_another(wire: Any, callback: dict[str, str]) -> None:
    transport = wire(answer(200, payload("zerodha", "session.json")))
    with pytest.raises(BrokerRefused, match="log in again"):
        await login("zerodha").handle_callback(callback, MORNING)
    assert transport.requests == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("broker", "reply", "branch"),
    [
        ("zerodha", kite(403, "TokenException", "Token is invalid or has expired."), BrokerRefused),
        ("zerodha", kite(429, "NetworkException"), BrokerBusy),
        ("zerodha", answer(200, {"status": "success", "data": {}}), BrokerGarbled),
        ("zerodha", httpx.ConnectError("no route"), BrokerUnreachable),
        ("angel_one", smart(200, "AB1050", "Invalid totp"), BrokerRefused),
        ("groww", answer(400, {"error": {"displayMessage": "Invalid TOTP"}}), BrokerRefused),
        ("groww", groww(401, "GA005"), BrokerRefused),
        ("groww", groww(403, "GA005", "The key is not approved for today"), BrokerRefused),
        ("groww", groww(500, "GA000"), BrokerGarbled),
        ("groww", groww(429, "GA003"), BrokerBusy),
        ("groww", answer(200, {"status": "SUCCESS", "payload": {}}), BrokerGarbled),
        ("groww", answer(200, {"token": None}), BrokerGarbled),
        ("groww", httpx.ConnectError("no route"), BrokerUnreachable),
        ("angel_one", smart(200, "AB1007", "Invalid LoginId or PIN"), BrokerRefused),
        ("angel_one", smart(200, "AG8001", "Invalid Token"), BrokerRefused),
        ("angel_one", smart(200, "AB1004", "Something Went Wrong"), BrokerGarbled),
        ("angel_one", answer(200, {"status": True, "data": None}), BrokerGarbled),
        ("angel_one", answer(403, "Access denied because of exceeding access rate"), BrokerBusy),
    ],
)
async def test_a_login_that_fails_says_why(wire: Any, broker: str, reply: Any, branch: type[Exception]) -> None:
    wire(reply)
    with pytest.raises(branch, match=broker):
        await login(broker).handle_callback(CALLBACK[broker], MORNING)


@pytest.mark.anyio
async def test_angel_one_renews_a_session_with_its_refresh_token(wire: Any) -> None:
    transport = wire(answer(200, payload("angel_one", "session.json")))
    kept = {"jwt_token": "OLD0JWT", "refresh_token": "OLD0REFRESH", "feed_token": "OLD0FEED"}
    session = await login("angel_one").refresh(kept, MORNING)
    assert session is not None
    assert set(session.tokens) == set(kept)
    assert set(session.tokens.values()).isdisjoint(kept.values())
    assert (session.client_id, session.expires_at) == ("A123456", datetime(2026, 11, 24, tzinfo=IST))
    assert transport.last.url.path == "/rest/auth/angelbroking/jwt/v1/generateTokens"
    assert json.loads(transport.last.content) == {"refreshToken": "OLD0REFRESH"}
    assert transport.last.headers["Authorization"] == "Bearer OLD0JWT"


@pytest.mark.anyio
async def test_without_a_refresh_token_the_user_must_log_in(wire: Any) -> None:
    transport = wire(answer(200, payload("angel_one", "session.json")))
    with pytest.raises(SessionOver, match="log in again"):
        await login("angel_one").refresh({"jwt_token": "OLD0JWT"}, MORNING)
    assert transport.requests == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("reply", "branch"),
    [
        (smart(200, "AB8050", "Invalid Refresh Token OLD0REFRESH"), SessionOver),
        (smart(200, "AB8051", "Refresh Token Expired"), SessionOver),
        (smart(200, "AB2001", "Internal Error"), BrokerGarbled),
        (httpx.ConnectError("no route"), BrokerUnreachable),
    ],
)
async def test_a_renewal_that_fails_says_what_to_do(wire: Any, reply: Any, branch: type[Exception]) -> None:
    wire(reply)
    with pytest.raises(branch) as caught:
        await login("angel_one").refresh({"refresh_token": "OLD0REFRESH"}, MORNING)
    assert "OLD0REFRESH" not in str(caught.value)


@pytest.mark.anyio
async def test_zerodha_has_no_renewal(wire: Any) -> None:
    transport = wire(answer(200, payload("zerodha", "session.json")))
    assert await login("zerodha").refresh({"access_token": "OLD0TOKEN"}, MORNING) is None
    assert transport.requests == []


@pytest.mark.anyio
async def test_groww_has_no_login_page_and_no_renewal() -> None:
    entering = login("groww")
    assert await entering.get_auth_url("state") is None
    assert await entering.refresh({"access_token": "OLD0TOKEN"}, MORNING) is None


@pytest.mark.anyio
async def test_groww_logs_in_with_a_checksum_of_secret_and_time(wire: Any) -> None:
    transport = wire(answer(200, payload("groww", "session.json")), answer(200, payload("groww", "profile.json")))
    session = await login("groww").handle_callback({}, MORNING)
    entering, asking = transport.requests
    seconds = int(MORNING.timestamp())
    assert (entering.method, str(entering.url)) == ("POST", "https://login.test/v1/token/api/access")
    assert entering.headers["Authorization"] == "Bearer groww0key"
    assert entering.headers["X-API-VERSION"] == "1.0"
    assert json.loads(entering.content) == {
        "key_type": "approval",
        "checksum": sha256(f"SECRET0CANARY{seconds}".encode()).hexdigest(),
        "timestamp": seconds,
    }
    assert str(asking.url) == "http://api.test/v1/user/detail"
    assert asking.headers["Authorization"] == "Bearer ACCESS0CANARY"
    assert (session.tokens, session.client_id) == ({"access_token": "ACCESS0CANARY"}, "AB1234")
    assert session.expires_at == datetime(2026, 11, 24, 6, 0, tzinfo=IST)


@pytest.mark.anyio
@pytest.mark.parametrize(("typed", "expected"), [({}, None), ({"totp": "123456"}, "123456")])
async def test_groww_logs_in_by_itself_with_a_totp_secret(
    wire: Any, typed: dict[str, str], expected: str | None
) -> None:
    transport = wire(answer(200, payload("groww", "session.json")), answer(200, payload("groww", "profile.json")))
    credentials = {**CREDENTIALS["groww"], "totp_secret": RFC_SECRET}
    endpoints = Endpoints("http://api.test", "https://login.test/")
    entering = open_login("groww", credentials=credentials, endpoints=endpoints, clock=FrozenClock())
    await entering.handle_callback(typed, MORNING)
    sent = json.loads(transport.requests[0].content)
    assert sent == {"key_type": "totp", "totp": expected or totp(RFC_SECRET, MORNING)}


@pytest.mark.anyio
async def test_a_groww_secret_that_is_not_base32_is_refused_before_anything_is_sent(wire: Any) -> None:
    transport = wire(answer(200, payload("groww", "session.json")))
    credentials = {**CREDENTIALS["groww"], "totp_secret": "NOT!BASE32"}
    entering = open_login("groww", credentials=credentials, endpoints=Endpoints("http://api.test"), clock=FrozenClock())
    with pytest.raises(BrokerRefused, match="not base32"):
        await entering.handle_callback({}, MORNING)
    assert transport.requests == []
