"""The published schema is the one that the model makes, and knows a good strategy from a malformed one."""

from typing import Any

import jsonschema_rs
import pytest

from local.strategy_schema import DOCUMENT, document, rendered
from tests.doubles.examples import a_definition
from tests.unit.domain.test_engine_rules import EVERYTHING_CARRIED_OUT, NOT_CARRIED_OUT
from tests.unit.domain.test_malformed_strategies import BASE, CONTRADICTIONS, SHAPE, Change, without_absent
from tests.unit.domain.test_strategy import STRIKES

SCHEMA = jsonschema_rs.validator_for(document())
NOT_IN_ANY_FILE = {"name-that-is-not-readable", "multiplier-nan", "weight-infinite"}
"""What cannot be written in JSON."""

BETWEEN_FIELDS = {
    "days-without-days-to-expiry",
    "atm-with-steps",
    "premium-range-reversed",
    "profit-lock-that-keeps-all",
    "account-risk-of-nothing",
    "vix-reversed",
    "chase-given-up-before-its-first-step",
}
"""What a schema does not say; the model refuses it."""

DECIMALS_OF_A_NUMBER = {"multiplier-of-many-places"}
"""The decimal places of a number are not bounded by the schema, those of a text are."""

REFUSED = [row for row in SHAPE if row[0] not in NOT_IN_ANY_FILE | BETWEEN_FIELDS | DECIMALS_OF_A_NUMBER]


def changed(change: Change) -> dict[str, Any]:
    return without_absent({**BASE, **change})


def test_the_kept_document_is_what_the_model_makes() -> None:
    said = "the model changed: run 'python -m local.strategy_schema' and commit docs/strategy.schema.json"
    assert DOCUMENT.read_text("utf-8") == rendered(), said


def test_it_is_a_schema_that_says_what_it_is_of() -> None:
    assert jsonschema_rs.meta.is_valid(document())
    assert document()["$id"].startswith("urn:legwise:")
    assert document()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for word in ("`strategy_id`", "`definition`"):
        assert word in document()["description"]


@pytest.mark.parametrize(
    "definition",
    [
        BASE,
        changed(EVERYTHING_CARRIED_OUT),
        *(changed(change) for change in NOT_CARRIED_OUT.values()),
        *(changed(change) for _, change, _ in CONTRADICTIONS),
        *(changed({"legs": [{**BASE["legs"][0], "strike": rule}]}) for rule in STRIKES),
    ],
)
def test_what_has_the_shape_of_a_strategy_is_accepted(definition: dict[str, Any]) -> None:
    assert [error.message for error in SCHEMA.iter_errors(definition)] == []


@pytest.mark.parametrize("exclude_none", [True, False])
@pytest.mark.parametrize("change", [{}, EVERYTHING_CARRIED_OUT, *NOT_CARRIED_OUT.values()])
def test_what_the_product_writes_is_accepted(change: Change, exclude_none: bool) -> None:
    written = a_definition(**change).model_dump(mode="json", exclude_none=exclude_none)
    assert [error.message for error in SCHEMA.iter_errors(written)] == []


@pytest.mark.parametrize("change", [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_does_not_fit_is_refused(change: Change) -> None:
    assert not SCHEMA.is_valid(changed(change))


def test_only_what_a_schema_cannot_say_is_left_to_the_model() -> None:
    names = {row[0] for row in SHAPE}
    assert names >= NOT_IN_ANY_FILE | BETWEEN_FIELDS | DECIMALS_OF_A_NUMBER
    left = {name for name, change, _ in SHAPE if name not in NOT_IN_ANY_FILE and SCHEMA.is_valid(changed(change))}
    assert left == BETWEEN_FIELDS | DECIMALS_OF_A_NUMBER


@pytest.mark.parametrize("written", ["0.33333", "-1", "NaN", "Infinity", "1e2", "", "two", "1.", ".5"])
def test_a_decimal_that_is_written_as_text_is_a_decimal(written: str) -> None:
    assert SCHEMA.is_valid(changed({"multiplier": "0.3333"}))
    assert not SCHEMA.is_valid(changed({"multiplier": written}))
