"""Canaries: no key, token, PIN or code in a log line, an error, an object's text or a placement's reason."""

import asyncio
import json
import logging
import traceback
from typing import Any

import pytest

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.registry import open_broker, open_login
from lambdas.ports.broker import BrokerError
from tests.unit.brokers.doubles import NOON, FrozenClock, an_order, loopback, payload, read_request

pytestmark = pytest.mark.anyio
CREDENTIALS = {
    "upstox": {
        "api_key": "upstox0key",
        "api_secret": "SECRET0CANARY",
        "redirect_url": "https://app.test/back",
    },
    "dhan": {"client_id": "1000000401", "api_key": "dhan0app", "api_secret": "SECRET0CANARY"},
    "zerodha": {"api_key": "kite0key", "api_secret": "SECRET0CANARY"},
    "angel_one": {
        "api_key": "KEY0CANARY",
        "client_code": "A123456",
        "pin": "PIN0CANARY",
        "totp_secret": "CANARYAACANARYAA",
    },
    "fyers": {
        "api_key": "FYERS0APP-100",
        "api_secret": "SECRET0CANARY",
        "redirect_url": "https://app.test/back",
        "pin": "PIN0CANARY",
    },
    "groww": {"api_key": "KEY0CANARY", "api_secret": "SECRET0CANARY", "totp_secret": "CANARYAACANARYAA"},
}
TOKENS = {
    "upstox": {"access_token": "TOKEN0CANARY"},
    "dhan": {"access_token": "TOKEN0CANARY"},
    "zerodha": {"access_token": "TOKEN0CANARY"},
    "angel_one": {"jwt_token": "JWT0CANARY", "refresh_token": "REFRESH0CANARY", "feed_token": "FEED0CANARY"},
    "fyers": {"access_token": "TOKEN0CANARY", "refresh_token": "REFRESH0CANARY"},
    "groww": {"access_token": "TOKEN0CANARY"},
}


CALLBACK = {
    "request_token": "REQUEST0CANARY",
    "tokenId": "TOKENID0CANARY",
    "totp": "TOTP0CANARY",
    "auth_code": "AUTH0CANARY",
    "code": "CODE0CANARY",
}


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A broker that quotes the body and the secret headers of a request in its error message."""
    head, _, body = (await read_request(reader)).decode().partition("\r\n\r\n")
    secret = ("authorization", "x-privatekey", "access-token", "app_secret")
    told = [line for line in head.split("\r\n") if line.lower().startswith(secret)]
    error: dict[str, Any] = {"error_type": "InputException", "errorcode": "AB1009", "message": " ".join([*told, body])}
    error["error"] = {"code": "GA001", "message": error["message"]}
    error["errors"] = [{"errorCode": "UDAPI1052", "message": error["message"]}]
    text = json.dumps({"status": "error", "s": "error", "code": -50, **error}).encode()
    writer.write(f"HTTP/1.1 400 Bad Request\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
    await writer.drain()


def assert_clean(broker: str, text: str) -> None:
    own = {*CREDENTIALS[broker].values(), *TOKENS[broker].values(), *CALLBACK.values()}
    assert [secret for secret in own if "CANARY" in secret and secret in text] == []


@pytest.mark.parametrize("broker", list(CREDENTIALS))
async def test_a_broker_that_echoes_secrets_gives_none_away(broker: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with loopback(echo) as url:
        endpoints = Endpoints(url, url, url)
        account = open_broker(
            broker,
            credentials=CREDENTIALS[broker],
            tokens=TOKENS[broker],
            endpoints=endpoints,
            clock=FrozenClock(),
        )
        placement = await account.prepare(an_order())()
        with pytest.raises(BrokerError) as asked:
            await account.orders()
        await account.aclose()
        entering = open_login(broker, credentials=CREDENTIALS[broker], endpoints=endpoints, clock=FrozenClock())
        with pytest.raises(BrokerError) as entered:
            await entering.handle_callback(CALLBACK, NOON)
    for said in (placement.reason, str(asked.value), str(entered.value)):
        assert "***" in said
    texts = [repr(account), repr(entering), placement.reason, repr(placement), caplog.text]
    texts += ["".join(traceback.format_exception(caught.value)) for caught in (asked, entered)]
    for text in texts:
        assert_clean(broker, text)


@pytest.mark.parametrize("broker", list(CREDENTIALS))
@pytest.mark.parametrize("hidden", ["\n", "\x00", "é"])
async def test_a_credential_that_no_header_can_carry_is_named_and_not_quoted(broker: str, hidden: str) -> None:
    for field in CREDENTIALS[broker]:
        broken = {**CREDENTIALS[broker], field: f"CAN{hidden}ARY"}
        with pytest.raises(ValueError, match=f"^{field} has characters") as caught:
            open_broker(
                broker,
                credentials=broken,
                tokens={},
                endpoints=Endpoints("http://api.test"),
                clock=FrozenClock(),
            )
        assert "ARY" not in str(caught.value)


async def test_a_session_shows_no_tokens() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        body = payload("zerodha", "session.json")
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()

    async with loopback(talk) as url:
        entering = open_login(
            "zerodha", credentials=CREDENTIALS["zerodha"], endpoints=Endpoints(url), clock=FrozenClock()
        )
        session = await entering.handle_callback(CALLBACK, NOON)
    assert "CANARY" not in repr(session)
    assert session.tokens["access_token"] == "ACCESS0CANARY"
