"""Errors of any request, told as `field: what is wrong; what to do`."""

from typing import Any

import pytest
from pydantic import ValidationError

from lambdas.entrypoints.api_answers import problem_lines
from tests.doubles.examples import a_definition


def test_where_the_field_was_sent_is_not_part_of_its_name() -> None:
    for part in ("body", "path", "query", "header"):
        assert problem_lines([{"type": "missing", "loc": (part, "date"), "msg": "?"}]) == ["date: is missing; add it"]
    assert problem_lines([{"type": "missing", "loc": ("body", "path")}]) == ["path: is missing; add it"]


def test_what_is_no_object_at_all_is_the_body() -> None:
    assert problem_lines([{"type": "model_type", "loc": ("body",)}]) == ["body: is not an object; write it in { }"]
    assert problem_lines([{"type": "json_invalid", "loc": ("body", 7)}]) == ["body: is not JSON; send one JSON object"]


def test_nothing_that_was_sent_is_quoted() -> None:
    leg = {"right": "s3cret", "side": "SELL", "lots": "s3cret", "strike": {"by": "s3cret"}}
    with pytest.raises(ValidationError) as caught:
        a_definition(name="s3cret" * 20, mode="s3cret", multiplier="s3cret", legs=[leg])
    lines = problem_lines(list(caught.value.errors()))
    assert len(lines) == 6
    assert "s3cret" not in "".join(lines)


def test_pydantics_own_text_is_left_where_there_is_none_better() -> None:
    error = {"type": "date_from_datetime_parsing", "loc": ("path", "date"), "msg": "Input should be a valid date"}
    assert problem_lines([error]) == ["date: Input should be a valid date"]
    assert problem_lines([{"type": "less_than", "loc": ("x",), "msg": "Input is large", "ctx": None}]) == [
        "x: Input is large"
    ]
    pattern = {"type": "string_pattern_mismatch", "loc": ("x",), "msg": "no match", "ctx": {"pattern": "^z$"}}
    assert problem_lines([pattern]) == ["x: no match"]


@pytest.mark.parametrize(
    ("loc", "field"),
    [
        ((), "body"),
        ([], "body"),
        ("lots", "lots"),
        (("legs", 0, "strike", "strike", "strike"), "legs[1].strike.strike"),
        (("body", "strategies", 2, "definition", "legs", 0, "strike", "delta", "x"), None),
        (("strike", 3), "strike[4]"),
        (([], {}, None), "[].{}.None"),
        (("a\nb\ud800",), r"a\nb\ud800"),
        (("x" * 1000,), "x" * 60),
    ],
)
def test_odd_places_are_named_safely(loc: Any, field: str | None) -> None:
    (line,) = problem_lines([{"type": "missing", "loc": loc, "msg": "Field required"}])
    assert line == f"{field or 'strategies[3].definition.legs[1].strike.x'}: is missing; add it"
    line.encode("utf-8")


def test_an_error_without_anything_is_still_a_line() -> None:
    assert problem_lines([{}]) == ["body: does not fit"]


def test_the_same_is_told_once() -> None:
    error = {"type": "missing", "loc": ("name",), "msg": "Field required"}
    assert problem_lines([error, error]) == ["name: is missing; add it"]


def test_a_list_that_lost_its_only_entry_to_a_mistake_is_not_called_short() -> None:
    few = {"type": "too_short", "loc": ("legs",), "msg": "?", "ctx": {"min_length": 1}}
    wrong = {"type": "missing", "loc": ("legs", 0, "lots"), "msg": "?"}
    assert problem_lines([wrong, few]) == ["legs[1].lots: is missing; add it"]
    other = {"type": "missing", "loc": ("allocation", 0, "account_id"), "msg": "?"}
    assert problem_lines([other, few])[1] == "legs: has too few entries; give at least 1"
