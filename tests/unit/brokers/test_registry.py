"""Brokers by name: what they need, and what is loaded to know it."""

import subprocess
import sys
from typing import Any

import pytest

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.registry import BROKERS, broker_kind, open_broker, open_login
from tests.unit.brokers.doubles import FrozenClock

ENDPOINTS = Endpoints("http://api.test")


def test_an_unknown_broker_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=f"no broker is called 'robinhood'; known are {', '.join(sorted(BROKERS))}"):
        open_broker("robinhood", credentials={}, tokens={}, endpoints=ENDPOINTS, clock=FrozenClock())
    with pytest.raises(ValueError, match="known are"):
        open_login("", credentials={}, endpoints=ENDPOINTS, clock=FrozenClock())


@pytest.mark.parametrize("name", list(BROKERS))
@pytest.mark.parametrize("opener", [open_broker, open_login])
def test_a_missing_credential_is_named(name: str, opener: Any) -> None:
    extra: dict[str, Any] = {"tokens": {}} if opener is open_broker else {}
    for field in [field for field in broker_kind(name).fields if not field.optional]:
        partial = {other.name: "x" for other in broker_kind(name).fields if other != field}
        for credentials in (partial, {**partial, field.name: "  "}):
            with pytest.raises(ValueError, match=f"{name}: {field.label} \\({field.name}\\) is missing"):
                opener(name, credentials=credentials, endpoints=ENDPOINTS, clock=FrozenClock(), **extra)


def test_what_must_stay_hidden_is_marked() -> None:
    secret = {(kind.name, field.name) for kind in BROKERS.values() for field in kind.fields if field.secret}
    assert secret == {
        ("zerodha", "api_secret"),
        ("angel_one", "api_key"),
        ("angel_one", "pin"),
        ("angel_one", "totp_secret"),
        ("groww", "api_key"),
        ("groww", "api_secret"),
        ("groww", "totp_secret"),
        ("dhan", "api_secret"),
        ("upstox", "api_secret"),
        ("fyers", "api_secret"),
        ("fyers", "pin"),
    }


def test_limits_are_those_that_the_brokers_publish() -> None:
    kite, smart = broker_kind("zerodha").limits, broker_kind("angel_one").limits
    assert (kite.orders_per_second, kite.orders_per_minute, kite.orders_per_day) == (10, 400, 5000)
    assert (kite.quotes_per_second, kite.instruments_per_quote) == (1, 500)
    assert (smart.orders_per_second, smart.orders_per_minute, smart.orders_per_hour) == (10, 500, 1000)
    assert (smart.quotes_per_second, smart.instruments_per_quote) == (10, 50)
    assert (smart.order_book_per_second, smart.profiles_per_second) == (1, 3)


def test_groww_is_limited_by_kind_of_call() -> None:
    limits = broker_kind("groww").limits
    assert (limits.orders_per_second, limits.orders_per_minute) == (10, 250)
    assert (limits.quotes_per_second, limits.instruments_per_quote) == (10, 1)
    assert (limits.order_book_per_second, limits.profiles_per_second) == (20, 20)


@pytest.mark.parametrize("opener", [open_broker, open_login])
def test_groww_is_opened_with_and_without_a_totp_secret(opener: Any) -> None:
    extra: dict[str, Any] = {"tokens": {}} if opener is open_broker else {}
    needed = {"api_key": "k", "api_secret": "s"}
    for credentials in (needed, {**needed, "totp_secret": "MFRGG"}):
        assert opener("groww", credentials=credentials, endpoints=ENDPOINTS, clock=FrozenClock(), **extra)


def test_looking_up_a_broker_loads_no_http_client() -> None:
    code = (
        "import sys; from lambdas.adapters.brokers.registry import broker_kind;"
        "broker_kind('zerodha').limits; sys.exit('httpx' in sys.modules or 'pydantic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
