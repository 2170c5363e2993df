"""The kept OpenAPI document is the one that the code makes, and says what the code does."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter

from lambdas.domain.values import Identifier
from local.openapi import DOCUMENT, document, rendered

OPERATIONS = 40
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
