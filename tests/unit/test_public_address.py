"""What the address check makes of answers, silence and proxies, over real connections on this machine."""

import asyncio
from ipaddress import IPv4Address

import pytest

from lambdas.adapters.public_address import MOST_BYTES, WebPublicAddress
from lambdas.ports.public_address import AddressNotTold
from tests.unit.brokers.doubles import Talk, loopback, read_request

pytestmark = pytest.mark.anyio


def answering(body: bytes, status: str = "200 OK", headers: str = "") -> Talk:
    """A server with one answer."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        head = f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    return talk


@pytest.mark.parametrize("body", [b"203.0.113.7", b"203.0.113.7\n", b" 203.0.113.7\r\n"])
async def test_the_answer_is_the_address(body: bytes) -> None:
    async with loopback(answering(body)) as url:
        assert await WebPublicAddress(url).seen_through(None) == IPv4Address("203.0.113.7")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"203.0.113",
        b"2001:db8::7",
        b"<html>203.0.113.7</html>",
        b"\xff",
        b"203.0.113.7" + b" " * MOST_BYTES + b"x",
    ],
)
async def test_what_is_no_address_is_not_taken_for_one(body: bytes) -> None:
    async with loopback(answering(body)) as url:
        with pytest.raises(AddressNotTold, match="answered with something that is no IPv4 address"):
            await WebPublicAddress(url).seen_through(None)


@pytest.mark.parametrize("status", ["500 Error", "302 Found"])
async def test_only_a_success_counts_and_nothing_is_followed(status: str) -> None:
    async with loopback(answering(b"203.0.113.7", status, "Location: /elsewhere\r\n")) as url:
        with pytest.raises(AddressNotTold, match=f"answered with HTTP {status[:3]}"):
            await WebPublicAddress(url).seen_through(None)


async def test_who_closes_without_a_word_did_not_answer() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)

    async with loopback(talk) as url:
        with pytest.raises(AddressNotTold, match="did not answer: RemoteProtocolError"):
            await WebPublicAddress(url).seen_through(None)


async def test_who_hangs_is_not_waited_for() -> None:
    leave = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await leave.wait()

    async with loopback(talk) as url:
        with pytest.raises(AddressNotTold, match="did not answer: TimeoutError"):
            await WebPublicAddress(url, seconds=0.05).seen_through(None)
        leave.set()


async def test_the_question_leaves_through_the_proxy_of_the_route() -> None:
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await read_request(reader))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n203.0.113.7\n")
        await writer.drain()

    async with loopback(proxy) as url:
        seen = await WebPublicAddress("http://checkip.invalid/").seen_through(url)
    assert seen == IPv4Address("203.0.113.7")
    assert asked[0].startswith(b"GET http://checkip.invalid/ HTTP/1.1")


async def test_a_proxy_that_refuses_is_no_answer_and_is_not_named() -> None:
    async with loopback(answering(b"", "407 Proxy Authentication Required")) as url:
        with_password = url.replace("http://", "http://desk:password@")
        with pytest.raises(AddressNotTold, match="did not answer: ProxyError") as caught:
            await WebPublicAddress("https://checkip.invalid").seen_through(with_password)
    assert "password" not in str(caught.value)
