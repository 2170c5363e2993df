"""Every route is asked; a route that leaves from another address, or from none, is told."""

from dataclasses import dataclass, field
from ipaddress import IPv4Address

import pytest

from lambdas.ports.public_address import AddressNotTold
from lambdas.use_cases.check_egress import EgressChecker, Finding, Route, RouteCheck
from tests.doubles.events import RecordedEvents

pytestmark = pytest.mark.anyio
REGISTERED, OTHER = IPv4Address("203.0.113.7"), IPv4Address("198.51.100.9")
PROXY = "http://desk:password@10.0.0.9:3128"


@dataclass
class Addresses:
    """Implements `PublicAddress`: by proxy, an address or why there is none."""

    told: dict[str | None, IPv4Address | str] = field(default_factory=dict)
    asked: list[str | None] = field(default_factory=list)

    async def seen_through(self, proxy_url: str | None) -> IPv4Address:
        self.asked.append(proxy_url)
        answer = self.told[proxy_url]
        if isinstance(answer, str):
            raise AddressNotTold(answer)
        return answer


async def check(
    routes: dict[str, Route], told: dict[str | None, IPv4Address | str]
) -> tuple[dict[str, RouteCheck], RecordedEvents]:
    events = RecordedEvents()
    checks = await EgressChecker(routes, Addresses(told), events).check()
    assert [check.route for check in checks] == sorted(routes)
    return {check.route: check for check in checks}, events


async def test_the_registered_address_is_nothing_to_tell() -> None:
    checks, events = await check({"default": Route(None, REGISTERED)}, {None: REGISTERED})
    assert checks["default"].finding is Finding.AS_REGISTERED
    assert checks["default"].seen == REGISTERED
    assert events.published == []


async def test_another_address_is_a_drift_and_names_both() -> None:
    checks, events = await check({"default": Route(None, REGISTERED)}, {None: OTHER})
    assert events.of("EgressDrift") == [
        {
            "route": "default",
            "finding": "DRIFTED",
            "reason": "calls leave from 198.51.100.9, not from 203.0.113.7",
            "expected": "203.0.113.7",
            "seen": "198.51.100.9",
        }
    ]
    assert [checks["default"].as_json()] == events.of("EgressDrift")


@pytest.mark.parametrize("expected", [REGISTERED, None])
async def test_no_answer_is_told_whatever_was_expected(expected: IPv4Address | None) -> None:
    checks, events = await check({"default": Route(None, expected)}, {None: "it did not answer: ConnectTimeout"})
    assert (checks["default"].finding, checks["default"].seen) == (Finding.NO_ANSWER, None)
    (event,) = events.of("EgressDrift")
    assert (event["reason"], event["seen"]) == ("it did not answer: ConnectTimeout", None)


async def test_where_nothing_is_expected_the_address_is_only_shown() -> None:
    checks, events = await check({"default": Route(None, None)}, {None: OTHER})
    assert checks["default"].finding is Finding.NOTHING_EXPECTED
    assert checks["default"].as_json()["seen"] == "198.51.100.9"
    assert events.published == []


async def test_each_route_is_asked_through_its_own_proxy_and_judged_alone() -> None:
    routes = {"family": Route(PROXY, OTHER), "default": Route(None, REGISTERED), "late": Route("http://p:1", OTHER)}
    checks, events = await check(routes, {PROXY: OTHER, None: OTHER, "http://p:1": "no"})
    assert {name: check.finding for name, check in checks.items()} == {
        "family": Finding.AS_REGISTERED,
        "default": Finding.DRIFTED,
        "late": Finding.NO_ANSWER,
    }
    assert [event["route"] for event in events.of("EgressDrift")] == ["default", "late"]


@pytest.mark.parametrize("seen", [REGISTERED, OTHER, "no"])
async def test_the_password_of_a_proxy_is_never_told(seen: IPv4Address | str) -> None:
    checks, events = await check({"family": Route(PROXY, REGISTERED)}, {PROXY: seen})
    assert "password" not in f"{checks}{events.published}"
