"""Accounts that leave through their own proxy: what a proxy does wrong happens before anything was sent."""

import asyncio

import pytest

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.registry import open_broker, open_login
from lambdas.ports.broker import BrokerUnreachable, Outcome, Placement
from tests.unit.brokers.doubles import NOON, SteppingClock, an_order, loopback, payload, read_request

pytestmark = pytest.mark.anyio


async def place(api_url: str, proxy_url: str) -> Placement:
    broker = open_broker(
        "zerodha",
        credentials={"api_key": "k", "api_secret": "s"},
        tokens={"access_token": "t"},
        endpoints=Endpoints(api_url),
        clock=SteppingClock(),
        proxy_url=proxy_url,
    )
    placement = await broker.prepare(an_order())()
    await broker.aclose()
    return placement


async def test_an_order_leaves_through_the_proxy_of_its_account() -> None:
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await read_request(reader))
        body = payload("zerodha", "place.json")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()

    async with loopback(proxy) as url:
        placement = await place("http://api.invalid", url)
    assert placement.outcome is Outcome.ACCEPTED
    assert asked[0].startswith(b"POST http://api.invalid/orders/regular HTTP/1.1")


@pytest.mark.parametrize("answer", [b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", b"", b"junk\r\n\r\n"])
async def test_a_tunnel_that_was_not_opened_carried_no_order(answer: bytes) -> None:
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await read_request(reader))
        writer.write(answer)
        await writer.drain()

    async with loopback(proxy) as url:
        placement = await place("https://api.invalid", url)
    assert asked[0].startswith(b"CONNECT api.invalid:443")
    assert b"authorization" not in asked[0].lower()
    assert placement.outcome is Outcome.REFUSED
    assert placement.sent_at is None
    assert "not sent" in placement.reason


@pytest.mark.parametrize(
    ("broker", "credentials"),
    [
        ("zerodha", {"api_key": "k", "api_secret": "s"}),
        ("angel_one", {"api_key": "k", "client_code": "c", "pin": "p", "totp_secret": "MFRGG"}),
        ("groww", {"api_key": "k", "api_secret": "s"}),
        ("upstox", {"api_key": "k", "api_secret": "s", "redirect_url": "https://app.test/back"}),
        ("dhan", {"client_id": "c", "api_key": "k", "api_secret": "s"}),
    ],
)
async def test_a_login_leaves_through_the_proxy_too(broker: str, credentials: dict[str, str]) -> None:
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await read_request(reader))

    async with loopback(proxy) as url:
        login = open_login(
            broker,
            credentials=credentials,
            endpoints=Endpoints("https://api.invalid", "https://api.invalid"),
            clock=SteppingClock(),
            proxy_url=url,
        )
        with pytest.raises(BrokerUnreachable):
            await login.handle_callback(dict.fromkeys(("request_token", "tokenId", "auth_code", "code"), "r"), NOON)
    assert asked[0].startswith(b"CONNECT api.invalid:443")
