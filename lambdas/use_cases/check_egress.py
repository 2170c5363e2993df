"""Find out whether the calls of each egress route leave from the address that is registered at the brokers.

Brokers take API orders from registered static addresses only (SEBI circular of 4 Feb 2025 on retail algorithmic
trading); an address that drifted would be noticed with the first order of the day, which is too late.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address

from lambdas.ports.events import Event, Events
from lambdas.ports.public_address import AddressNotTold, PublicAddress


@dataclass(frozen=True)
class Route:
    """One way out. Without an `expected` address any will do."""

    proxy_url: str | None
    expected: IPv4Address | None


class Finding(StrEnum):
    """What is to be said of a route."""

    AS_REGISTERED = "AS_REGISTERED"
    NOTHING_EXPECTED = "NOTHING_EXPECTED"
    DRIFTED = "DRIFTED"
    NO_ANSWER = "NO_ANSWER"


NOTICED = frozenset({Finding.DRIFTED, Finding.NO_ANSWER})


@dataclass(frozen=True)
class RouteCheck:
    """What was found of one route, and why. The proxy is not named: its URL may hold a password."""

    route: str
    finding: Finding
    reason: str
    expected: IPv4Address | None
    seen: IPv4Address | None = None

    def as_json(self) -> dict[str, str | None]:
        """For the event and the function's answer."""
        return {
            "route": self.route,
            "finding": str(self.finding),
            "reason": self.reason,
            "expected": str(self.expected) if self.expected else None,
            "seen": str(self.seen) if self.seen else None,
        }


@dataclass(frozen=True)
class EgressChecker:
    """Asks through every route at the same time."""

    routes: Mapping[str, Route]
    addresses: PublicAddress
    events: Events

    async def check(self) -> tuple[RouteCheck, ...]:
        """One finding for each route, by name. Publishes `EgressDrift` for a difference and for no answer."""
        checks = await asyncio.gather(*(self._check(name, route) for name, route in sorted(self.routes.items())))
        drifted = [Event("EgressDrift", check.as_json()) for check in checks if check.finding in NOTICED]
        if drifted:
            await self.events.publish(drifted)
        return tuple(checks)

    async def _check(self, name: str, route: Route) -> RouteCheck:
        expected = route.expected
        try:
            seen = await self.addresses.seen_through(route.proxy_url)
        except AddressNotTold as error:
            return RouteCheck(name, Finding.NO_ANSWER, str(error), expected)
        if expected is None:
            return RouteCheck(name, Finding.NOTHING_EXPECTED, "no expected_ip is configured", None, seen)
        if seen != expected:
            return RouteCheck(name, Finding.DRIFTED, f"calls leave from {seen}, not from {expected}", expected, seen)
        return RouteCheck(name, Finding.AS_REGISTERED, f"calls leave from {expected}", expected, seen)
