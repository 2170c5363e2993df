"""Brokers by name: what they need, and what is loaded to know it."""

import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.gateway import BrokerGateway
from lambdas.adapters.brokers.limits import DAY, HALF_HOUR, HOUR, MINUTE, SECOND
from lambdas.adapters.brokers.pacing import MemoryRates
from lambdas.adapters.brokers.registry import BROKERS, broker_kind, open_broker, open_login
from lambdas.ports.pace import CallKind
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


def test_every_field_says_where_it_is_found() -> None:
    for kind in BROKERS.values():
        for field in kind.fields:
            assert field.help, f"{kind.name}: {field.name}"
            assert field.help[0].isupper(), "it stands below the field as a sentence"
            assert not field.help.endswith("."), f"{kind.name}: {field.name}"


def test_a_password_is_typed_where_there_is_no_page_and_a_secret_to_make_it_from() -> None:
    typed = {kind.name for kind in BROKERS.values() if kind.typed_code}
    assert typed == {
        kind.name
        for kind in BROKERS.values()
        if not kind.redirects and "totp_secret" in {field.name for field in kind.fields}
    }
    assert typed == {"angel_one", "groww"}


@pytest.mark.parametrize("name", list(BROKERS))
def test_what_is_told_of_a_broker_is_what_the_registry_knows(name: str) -> None:
    gateway = BrokerGateway({}, {}, FrozenClock(), MemoryRates())
    told, kind = gateway.facts(name), broker_kind(name)
    assert (told.name, told.label, told.fields, told.redirects) == (kind.name, kind.label, kind.fields, kind.redirects)
    assert (told.algo, told.postback_at, told.typed_code) == (kind.algo, kind.postback_at, kind.typed_code)


@pytest.mark.parametrize(
    ("broker", "kind", "published"),
    [
        ("zerodha", CallKind.ORDER, {SECOND: 10, MINUTE: 400, DAY: 5000}),
        ("zerodha", CallKind.QUOTE, {SECOND: 1}),
        ("zerodha", CallKind.BOOK, {SECOND: 10}),
        ("angel_one", CallKind.ORDER, {SECOND: 10, MINUTE: 500, HOUR: 1000}),
        ("angel_one", CallKind.BOOK, {SECOND: 1}),
        ("angel_one", CallKind.OTHER, {SECOND: 3}),
        ("upstox", CallKind.ORDER, {SECOND: 10, MINUTE: 500, HALF_HOUR: 2000}),
        ("upstox", CallKind.QUOTE, {SECOND: 50, MINUTE: 500, HALF_HOUR: 2000}),
        ("fyers", CallKind.ORDER, {SECOND: 10, MINUTE: 200, DAY: 100_000}),
        ("dhan", CallKind.ORDER, {SECOND: 10, MINUTE: 250, HOUR: 1000, DAY: 7000}),
        ("dhan", CallKind.QUOTE, {SECOND: 1}),
        ("groww", CallKind.ORDER, {SECOND: 10, MINUTE: 250}),
        ("groww", CallKind.QUOTE, {SECOND: 10, MINUTE: 300}),
    ],
)
def test_limits_are_those_that_the_brokers_publish(
    broker: str, kind: CallKind, published: dict[timedelta | None, int]
) -> None:
    rules = broker_kind(broker).limits.rules[kind]
    assert {rule.span: rule.calls for rule in rules} == published


def test_at_fyers_all_calls_share_a_bucket_and_leave_room_for_orders() -> None:
    rules = broker_kind("fyers").limits.rules
    assert {rule.bucket for kind in CallKind for rule in rules[kind]} == {"calls"}
    per_minute = {kind: broker_kind("fyers").limits.per(kind, MINUTE) for kind in CallKind}
    assert per_minute[CallKind.ORDER] == 200
    assert {per_minute[kind] for kind in CallKind if kind is not CallKind.ORDER} == {160}


@pytest.mark.parametrize("broker", sorted(BROKERS))
def test_an_order_counts_at_its_exchange_too_and_a_change_at_each(broker: str) -> None:
    limits = broker_kind(broker).limits
    placed = {rule.bucket: rule.calls for rule in limits.of_order("BFO") if rule.bucket.startswith("orders to")}
    assert placed == {"orders to BFO": 10}
    changed = {rule.bucket for rule in limits.of_call(CallKind.ORDER) if rule.bucket.startswith("orders to")}
    assert changed == {"orders to NFO", "orders to BFO"}


@pytest.mark.parametrize(
    ("broker", "method", "path", "kind"),
    [
        ("zerodha", "POST", "/orders/regular", CallKind.ORDER),
        ("zerodha", "GET", "/orders/1", CallKind.BOOK),
        ("zerodha", "GET", "/quote", CallKind.QUOTE),
        ("zerodha", "GET", "/user/profile", CallKind.OTHER),
        ("angel_one", "POST", "/rest/secure/angelbroking/order/v1/modifyOrder", CallKind.ORDER),
        ("angel_one", "GET", "/rest/secure/angelbroking/order/v1/getPosition", CallKind.BOOK),
        ("angel_one", "POST", "/rest/secure/angelbroking/market/v1/quote/", CallKind.QUOTE),
        ("angel_one", "GET", "/rest/secure/angelbroking/order/v1/details/7", CallKind.OTHER),
        ("upstox", "DELETE", "/v3/order/cancel", CallKind.ORDER),
        ("upstox", "GET", "/v2/order/retrieve-all", CallKind.BOOK),
        ("upstox", "GET", "/v2/market-quote/quotes", CallKind.QUOTE),
        ("fyers", "PATCH", "/api/v3/orders/sync", CallKind.ORDER),
        ("fyers", "GET", "/api/v3/orders", CallKind.BOOK),
        ("fyers", "GET", "/data/quotes", CallKind.QUOTE),
        ("dhan", "PUT", "/v2/orders/7", CallKind.ORDER),
        ("dhan", "GET", "/v2/orders/external/LW1", CallKind.BOOK),
        ("dhan", "POST", "/v2/marketfeed/quote", CallKind.QUOTE),
        ("groww", "POST", "/v1/order/cancel", CallKind.ORDER),
        ("groww", "GET", "/v1/order/status/reference/LW1", CallKind.BOOK),
        ("groww", "GET", "/v1/live-data/quote", CallKind.QUOTE),
    ],
)
def test_a_call_counts_as_what_the_broker_counts_it(broker: str, method: str, path: str, kind: CallKind) -> None:
    assert broker_kind(broker).limits.kind_of(method, path) is kind


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
