"""The kept OpenAPI document is the one that the code makes, and says what the code does."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest
from pydantic import TypeAdapter

from lambdas.domain.accounts import SessionStatus
from lambdas.domain.contracts import Right, Side
from lambdas.domain.intents import IntentStatus, Phase
from lambdas.domain.runs import RunStatus
from lambdas.domain.scopes import Scope, ScopeKind
from lambdas.domain.trading_days import DayKind
from lambdas.domain.values import Identifier
from lambdas.entrypoints.halt_answers import HaltedKind, SquareOffKind
from local.openapi import DOCUMENT, document, rendered

OPERATIONS = 43
DONE = {"200", "202"}
PROBLEM = {"$ref": "#/components/schemas/Problem"}
IDENTIFIER = TypeAdapter(Identifier).json_schema()["pattern"]


@pytest.fixture(scope="module")
def api() -> dict[str, Any]:
    return document()


def operations(api: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in api["paths"].values():
        yield from path.values()


def test_the_kept_document_is_what_the_code_makes() -> None:
    assert DOCUMENT.read_text("utf-8") == rendered(), "the API changed: run 'make openapi' and commit docs/openapi.json"


def test_every_operation_tells_its_success_and_its_refusals(api: dict[str, Any]) -> None:
    told = list(operations(api))
    assert len({operation["operationId"] for operation in told}) == len(told) == OPERATIONS
    for operation in told:
        assert {"401", "422"} <= operation["responses"].keys(), operation["operationId"]
        assert len(DONE & operation["responses"].keys()) == 1, operation["operationId"]
        assert operation["summary"]


def test_every_refusal_has_the_shape_of_a_problem(api: dict[str, Any]) -> None:
    for operation in operations(api):
        for status, response in operation["responses"].items():
            if status not in DONE | {"401"}:
                assert response["content"]["application/json"]["schema"] == PROBLEM, operation["operationId"]


def test_every_id_in_a_path_tells_its_pattern(api: dict[str, Any]) -> None:
    in_paths = [
        parameter
        for operation in operations(api)
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "path" and parameter["name"] != "date"
    ]
    assert len(in_paths) == 24
    assert {parameter["schema"]["pattern"] for parameter in in_paths} == {IDENTIFIER}


def test_what_changes_a_stored_version_asks_for_it(api: dict[str, Any]) -> None:
    for kind in ("Strategy", "Basket"):
        for verb, name in (("enable", "replaces"), ("disable", "replaces"), ("delete", "version"), ("put", "replaces")):
            (operation,) = (one for one in operations(api) if one["operationId"] == f"{verb}{kind}")
            (asked,) = (one for one in operation["parameters"] if one["name"] == name)
            assert asked.get("required", False) is (verb != "put")
            assert "409" in operation["responses"]


def test_answers_have_no_optional_fields(api: dict[str, Any]) -> None:
    """So that generated client types are exact."""
    schemas = api["components"]["schemas"]
    answers = [name for name in schemas if name.endswith("Answer")]
    assert len(answers) > 10
    for name in answers:
        assert set(schemas[name]["required"]) == set(schemas[name]["properties"]), name


CLOSED = {
    ("RunAnswer", "status"): RunStatus,
    ("RunProgressAnswer", "status"): RunStatus,
    ("DayAnswer", "kind"): DayKind,
    ("OrderAnswer", "status"): IntentStatus,
    ("OrderAnswer", "phase"): Phase,
    ("OrderAnswer", "side"): Side,
    ("PreviewLegAnswer", "side"): Side,
    ("PreviewLegAnswer", "right"): Right,
    ("HaltAnswer", "kind"): HaltedKind,
    ("SquareOffAnswer", "kind"): SquareOffKind,
    ("AccountAnswer", "session"): SessionStatus,
}


@pytest.mark.parametrize(("place", "words"), CLOSED.items())
def test_a_word_of_a_closed_list_is_told_with_the_list(
    api: dict[str, Any], place: tuple[str, str], words: type[StrEnum]
) -> None:
    schemas = api["components"]["schemas"]
    schema, field = place
    assert schemas[schema]["properties"][field]["$ref"] == f"#/components/schemas/{words.__name__}"
    assert schemas[words.__name__]["enum"] == list(words)


def test_everything_that_can_be_halted_has_a_word() -> None:
    can_be = {kind for kind in ScopeKind if Scope(kind).can_be_halted}
    assert {HaltedKind(kind.lower()) for kind in can_be} == set(HaltedKind)


def test_whatever_asks_a_broker_tells_that_it_may_not_answer_and_when_to_ask_again(api: dict[str, Any]) -> None:
    asking = {one["operationId"]: one["responses"] for one in operations(api) if "502" in one["responses"]}
    assert set(asking) == {"beginLogin", "startSession", "testAccount"}
    for responses in asking.values():
        assert responses["503"]["headers"]["Retry-After"]["schema"] == {"type": "integer"}


def test_linking_tells_that_others_may_be_at_it(api: dict[str, Any]) -> None:
    (link,) = (one for one in operations(api) if one["operationId"] == "linkAccount")
    assert "409" in link["responses"]
