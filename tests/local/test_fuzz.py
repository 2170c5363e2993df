"""Requests that nobody thought of, made from the API's own document: nothing breaks, nothing undocumented is answered.

An answer counts when a function gave it. The gateway in front of it (the emulator's as AWS's) answers by itself where
a path is that of no route, which a slash in a generated id makes it: it says `{"message": "Not Found"}` then, while
every refusal of a function has `problems` too. Only those answers are left out, and no operation may consist of them.
A function that fails is answered for by the gateway with a 5xx and a body of another shape; that counts.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from local.openapi import DOCUMENT
from tests.local.exchange import ANGEL_ONE, ZERODHA
from tests.local.stage import Stage
from tests.local.trader import ANGEL, ZED, Trader, credit_spread

pytestmark = pytest.mark.emulator

FUZZED = "fuzzed"
THE_GATEWAY = "the gateway"
NOT_ROUTED = {"message": "Not Found"}
DEFINITION = credit_spread(ZED, ANGEL, name="Fuzzed") | {"basket_id": FUZZED}
FILE = {"legwise": 1, "strategies": [{"strategy_id": "imported", "definition": DEFINITION}]}
KEYS = {"api_key": "key-of-fuzz", "api_secret": "secret-of-fuzz"}
BODIES: dict[str, Any] = {
    "putStrategy": DEFINITION,
    "previewStrategy": DEFINITION,
    "copyStrategy": {"new_id": "fuzzed-copy"},
    "putBasket": {"name": "Fuzzed"},
    "copyBasket": {"new_id": "fuzzed-basket"},
    "importStrategies": {"format": "json", "content": json.dumps(FILE), "dry_run": True},
    "linkAccount": {"broker": ZERODHA, "label": "Fuzzed", "credentials": KEYS},
    "setAccountAlgo": {},
    "startSession": {},
    "halt": {"kind": "strategy", "id": FUZZED, "reason": "fuzzed"},
    "squareOff": {"kind": "strategy", "id": FUZZED, "reason": "fuzzed", "confirm": "SQUARE OFF"},
    "putLimits": {"user": {"max_lots_per_day": 100}, "accounts": {ANGEL: {"max_loss_per_day": "5000"}}},
}
"""One request for each operation with a body that is granted; most of what is generated is refused."""
IDS: dict[str, Any] = {
    "strategy_id": FUZZED,
    "basket_id": FUZZED,
    "account_id": ANGEL,
    "date": "2026-11-23",
    "from": "2025-11-17",
    "to": "2025-11-21",
    "kind": "user",
    "version": 1,
}
OF_ONE_OPERATION: dict[str, dict[str, Any]] = {
    "putStrategy": {"replaces": 1},
    "putBasket": {"replaces": 1},
    "putLimits": {"replaces": 0},
    "linkAccount": {"account_id": "fuzzed-account"},
    "deleteBasket": {"basket_id": "empty"},
}
BRIEF = ("previewStrategy", "putStrategy")
"""Their model alone has 1200 cases at the edges of its fields, which `tests/unit/domain` goes through."""


def _with_examples() -> dict[str, Any]:
    """The document with the one granted request of each operation as its example."""
    document: dict[str, Any] = json.loads(DOCUMENT.read_text("utf-8"))
    for operations in document["paths"].values():
        for operation in operations.values():
            name = operation["operationId"]
            known = IDS | {"replaces": 1} | OF_ONE_OPERATION.get(name, {})
            for parameter in operation.get("parameters", []):
                if parameter["name"] in known:
                    parameter["example"] = known[parameter["name"]]
            if name in BODIES:
                operation["requestBody"]["content"]["application/json"]["example"] = BODIES[name]
    return document


SCHEMA = schemathesis.openapi.from_dict(
    _with_examples(),
    config=schemathesis.Config.from_dict(
        {
            "generation": {
                "max-examples": 25,
                "deterministic": True,
                "database": "none",
                "with-security-parameters": False,
            },
            "phases": {"coverage": {"unexpected-methods": []}},  # the gateway answers those, not the functions
            "operations": [
                {"include-operation-id": name, "phases": {"coverage": {"enabled": False}}} for name in BRIEF
            ],
        }
    ),
)
ANSWERED: dict[str, Counter[int | str]] = {}


@pytest.fixture(scope="module")
def fuzzer(stage: Stage) -> Trader:
    """A user with accounts at both brokers, whose keys are replaced and destroyed at will: nobody searches for them."""
    trader = stage.trader(ZERODHA, ANGEL_ONE)
    stage.traders.remove(trader)
    return trader


@pytest.fixture
def stored(fuzzer: Trader, stage: Stage) -> Trader:
    """The user with two accounts that trade, a strategy and two baskets of version 1, whatever an earlier
    operation made of them."""
    trade = {row["account_id"] for row in fuzzer.api.get("/accounts") if row["will_not_trade"] is None}
    for account_id, broker in ((ZED, ZERODHA), (ANGEL, ANGEL_ONE)):
        if account_id not in trade:
            fuzzer.link_as(account_id, stage.exchange, broker)
    for item in fuzzer.items():
        if item["sk"].startswith(("STRATEGY#", "DUE#", "BASKET#", "LIMITS")):
            fuzzer.deployment.table.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
    fuzzer.strategies.clear()
    for basket in (FUZZED, "empty"):
        fuzzer.save_basket(basket, {"name": "Fuzzed"})
    fuzzer.save(DEFINITION, FUZZED)
    return fuzzer


@pytest.fixture(scope="module")
def connection() -> Iterator[requests.Session]:
    """One that stays open from request to request."""
    with requests.Session() as session:
        yield session


@SCHEMA.parametrize()
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_a_documented_one(
    case: schemathesis.Case[Any], stored: Trader, connection: requests.Session
) -> None:
    signed = {"Authorization": stored.api.client.headers["Authorization"]}
    answer = case.call(stored.deployment.api_url, connection, signed)
    operation = case.operation.definition.raw
    seen = ANSWERED.setdefault(operation["operationId"], Counter())
    if _is_a_path_of_no_route(case) and answer.status_code == 404 and answer.json() == NOT_ROUTED:
        seen[THE_GATEWAY] += 1
        return
    seen[answer.status_code] += 1
    checks = [status_code_conformance, content_type_conformance, response_schema_conformance]
    if "502" not in operation["responses"]:  # where the broker may be the one that fails
        checks.append(not_a_server_error)
    case.validate_response(answer, checks=checks)
    case.validate_response(answer, checks=[negative_data_rejection])


def _is_a_path_of_no_route(case: schemathesis.Case[Any]) -> bool:
    return any("/" in str(value) for value in case.path_parameters.values())


def test_every_operation_was_granted_and_refused_by_the_functions_themselves() -> None:
    if not ANSWERED:
        pytest.skip("nothing was fuzzed in this run")
    operations = [operation for path in _with_examples()["paths"].values() for operation in path.values()]
    assert set(ANSWERED) == {operation["operationId"] for operation in operations}
    assert {name: seen for name, seen in ANSWERED.items() if not seen[200] + seen[202]} == {}
    with_input = [one["operationId"] for one in operations if one.get("parameters") or "requestBody" in one]
    no_refusal = {200, 202, 401, THE_GATEWAY}
    assert {name: seen for name in with_input if not (seen := ANSWERED[name]).keys() - no_refusal} == {}


JSON = "application/json"
UNREADABLE: dict[str, tuple[str | None, bytes]] = {
    "nothing": (JSON, b""),
    "no-json": (JSON, b"{"),
    "two-values": (JSON, b"{}{}"),
    "no-utf-8": (JSON, b'{"name": "\xff\xfe"}'),
    "no-utf-8-of-no-kind": (None, b"\xff\xfe"),
    "no-utf-8-of-another-kind": ("application/octet-stream", b"\xff\xfe"),
    "deeper-than-a-parser-goes": (JSON, b"[" * 100_000),
    "deep": (JSON, b'{"name": ' + b"[" * 900 + b"]" * 900 + b"}"),
    "a-number-of-5000-digits": (JSON, b'{"multiplier": ' + b"9" * 5000 + b"}"),
    "a-huge-exponent": (JSON, b'{"multiplier": 1e999999999, "name": "1e999999999"}'),
    "not-a-number": (JSON, b'{"multiplier": NaN}'),
    "infinity": (JSON, b'{"multiplier": -Infinity}'),
    "half-a-character": (JSON, b'{"name": "\\ud800", "\\udfff": 1}'),
    "nul": (JSON, b'{"name": "\\u0000", "\\u0000": "\\u0000"}'),
    "null": (JSON, b"null"),
    "a-list": (JSON, b"[]"),
    "xml": ("text/xml", b"<strategy/>"),
    "a-form": ("application/x-www-form-urlencoded", b"name=Fuzzed"),
    "parts": ("multipart/form-data; boundary=x", b"--x\r\n\r\nfuzzed\r\n--x--"),
    "parts-without-a-boundary": ("multipart/form-data", b"fuzzed"),
}
"""Bodies that no document describes, by what they call themselves."""


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_body_that_cannot_be_read_is_refused_with_a_reason(fuzzer: Trader, name: str) -> None:
    kind, body = UNREADABLE[name]
    for method, path in (
        ("PUT", "/strategies/unreadable"),
        ("POST", "/strategies/preview"),
        ("PUT", "/accounts/unreadable"),
    ):
        headers = {"Content-Type": kind} if kind else {}
        answer = fuzzer.api.client.request(method, path, content=body, headers=headers)
        assert answer.status_code == 422, f"{method} {path}: {answer.status_code} {answer.text}"
        assert answer.json()["problems"], answer.text


def test_a_file_that_cannot_be_read_is_refused_with_a_reason(fuzzer: Trader) -> None:
    bomb = "a: &a [x, x]\n" + "\n".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]" for n in range(24)
    )
    for content in (
        "legwise: 1\nstrategies: !!python/object/apply:os.system [id]",
        bomb,
        "legwise: 1\nlegwise: 1\nstrategies: []\nbaskets: {",
        "[" * 5000,
        "&a [*a]",
        "? [1, 2]\n: 3",
        "legwise: 1\nstrategies:\n  - {strategy_id: 2026-11-23, definition: {}}",
        "\x00",
        "- - - -",
        "9" * 5000,
        "1:60:60",
        "legwise: .nan",
        "--- 1\n--- 2",
        "%YAML 9.9\n---\nlegwise: 1",
    ):
        for kind in ("yaml", "json"):
            answer = fuzzer.ask("POST", "/import", {"format": kind, "content": content})
            assert answer.status_code == 422, f"{content[:40]!r} as {kind}: {answer.status_code} {answer.text[:300]}"
            assert answer.json()["problems"]
