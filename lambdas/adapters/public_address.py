"""Asks a web address that answers with the caller's own."""

import asyncio
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import TYPE_CHECKING

from lambdas.ports.public_address import AddressNotTold

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 256
"""An address and a line feed are 16; more is a page of somebody who stands between."""


@dataclass(frozen=True)
class WebPublicAddress:
    """Implements `PublicAddress`. `seconds` is for one whole question; one that could not connect is asked again."""

    url: str
    seconds: float = 8.0

    async def seen_through(self, proxy_url: str | None) -> IPv4Address:
        # Loaded with the first question: what builds a use case loads no HTTP client.
        import httpx

        try:
            async with asyncio.timeout(self.seconds), _client(proxy_url) as client:
                status, body = await self._ask(client)
        except (httpx.HTTPError, TimeoutError) as error:
            raise AddressNotTold(f"{self.url} did not answer: {type(error).__name__}") from error
        if status != httpx.codes.OK:
            raise AddressNotTold(f"{self.url} answered with HTTP {status}")
        return self._read(body)

    async def _ask(self, client: "httpx.AsyncClient") -> tuple[int, bytes]:
        body = b""
        async with client.stream("GET", self.url) as response:
            async for chunk in response.aiter_bytes(MOST_BYTES):
                body += chunk
                if len(body) > MOST_BYTES:
                    break
            return response.status_code, body

    def _read(self, body: bytes) -> IPv4Address:
        try:
            return IPv4Address(body.decode("ascii").strip())
        except (AddressValueError, UnicodeDecodeError) as error:
            raise AddressNotTold(f"{self.url} answered with something that is no IPv4 address") from error


def _client(proxy_url: str | None) -> "httpx.AsyncClient":
    """As a broker's client leaves: neither proxies nor passwords from the environment, no redirects."""
    import httpx

    transport = httpx.AsyncHTTPTransport(retries=1, trust_env=False, proxy=proxy_url)
    return httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=False, timeout=3.0)
