"""The ways out: the address to register at the brokers, and nothing that is secret."""

import os

import pytest

from shared_config.names import ENV_EGRESS_ADDRESS, ENV_RUNTIME
from shared_config.settings import load_settings
from tests.unit.api.house import House

ROUTES = {
    "egress.family": {"proxy_url": "http://user:s3cret@10.0.0.9:3128", "expected_ip": "203.0.113.7"},
    "egress.plain": {"proxy_url": "http://10.0.0.8"},
}


def configure(monkeypatch: pytest.MonkeyPatch, **overrides: object) -> None:
    runtime = load_settings("dev", overrides={**ROUTES, **overrides}).runtime()
    monkeypatch.setitem(os.environ, ENV_RUNTIME, runtime.model_dump_json())


def test_a_route_without_a_static_address_says_so(house: House) -> None:
    assert house.ask("GET", "/egress") == (200, [{"name": "default", "address": None}])


def test_each_route_tells_the_address_that_is_registered_and_nothing_of_its_proxy(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch)
    status, routes = house.ask("GET", "/egress")
    assert (status, routes) == (
        200,
        [
            {"name": "default", "address": None},
            {"name": "family", "address": "203.0.113.7"},
            {"name": "plain", "address": None},
        ],
    )


def test_the_address_of_the_deployment_is_that_of_routes_without_a_proxy(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch)
    monkeypatch.setitem(os.environ, ENV_EGRESS_ADDRESS, "198.51.100.4")
    addresses = {route["name"]: route["address"] for route in house.ask("GET", "/egress")[1]}
    assert addresses == {"default": "198.51.100.4", "family": "203.0.113.7", "plain": None}


def test_what_is_registered_goes_before_what_the_deployment_has(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, **{"egress.default.expected_ip": "203.0.113.8"})
    monkeypatch.setitem(os.environ, ENV_EGRESS_ADDRESS, "198.51.100.4")
    assert house.ask("GET", "/egress")[1][0] == {"name": "default", "address": "203.0.113.8"}
