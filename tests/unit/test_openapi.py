"""The kept OpenAPI document is the one that the code makes."""

from local.openapi import DOCUMENT, document, rendered


def test_the_kept_document_is_what_the_code_makes() -> None:
    assert DOCUMENT.read_text("utf-8") == rendered(), "the API changed: run 'make openapi' and commit docs/openapi.json"


def test_every_operation_tells_its_success_and_its_refusals() -> None:
    operations = [operation for path in document()["paths"].values() for operation in path.values()]
    assert len(operations) == 10
    for operation in operations:
        assert {"200", "401", "422"} <= operation["responses"].keys(), operation["operationId"]


def test_answers_have_no_optional_fields() -> None:
    """So that generated client types are exact."""
    schemas = document()["components"]["schemas"]
    for name in [name for name in schemas if name.endswith("Answer")]:
        assert set(schemas[name]["required"]) == set(schemas[name]["properties"]), name
