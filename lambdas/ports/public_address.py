"""Which address the world sees when a route is taken."""

from ipaddress import IPv4Address
from typing import Protocol


class AddressNotTold(Exception):
    """Nobody told the address, or not in words that can be read; the message says why."""


class PublicAddress(Protocol):
    """Asks somebody outside."""

    async def seen_through(self, proxy_url: str | None) -> IPv4Address:
        """The address of a call that leaves through `proxy_url`, or directly. Raises AddressNotTold."""
        ...
