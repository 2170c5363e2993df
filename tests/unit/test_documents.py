"""Files of strategies: what is written is read back, and nothing is read as what nobody wrote."""

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some
from pydantic import ValidationError

from lambdas.adapters.files.documents import (
    MAX_CHARACTERS,
    MAX_VALUES,
    DocumentUnreadable,
    read_document,
    write_document,
)
from lambdas.domain.basket import BasketDefinition
from lambdas.use_cases.transfer_strategies import BasketEntry, Document, StrategyEntry
from tests.doubles.definitions import decimals, definitions, rupees

FORMATS = ("yaml", "json")
CONTROL = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))


NAMES = some.text(some.characters(codec="utf-8", exclude_characters=CONTROL), min_size=1, max_size=60).filter(str.strip)
IDS = some.from_regex(r"\A[a-z0-9][a-z0-9-]{1,39}\Z")
BASKETS = some.builds(
    BasketDefinition,
    name=NAMES,
    enabled=some.booleans(),
    multiplier=decimals("0.0001", "1000", places=4),
    capital=some.none() | rupees,
)
STRATEGIES = some.tuples(definitions, NAMES, some.none() | IDS).map(
    lambda drawn: drawn[0].model_copy(update={"name": drawn[1], "basket_id": drawn[2]})
)
DOCUMENTS = some.builds(
    Document,
    legwise=some.just(1),
    baskets=some.lists(some.builds(BasketEntry, basket_id=IDS, definition=BASKETS), max_size=2).map(tuple),
    strategies=some.lists(some.builds(StrategyEntry, strategy_id=IDS, definition=STRATEGIES), max_size=2).map(tuple),
)
PLAIN = some.recursive(
    some.none() | some.booleans() | some.integers(-(10**17), 10**17) | some.text(some.characters(codec="utf-8")),
    lambda values: some.lists(values) | some.dictionaries(some.text(some.characters(codec="utf-8")), values),
    max_leaves=15,
)


def reread(values: Any, format: str) -> Any:
    return read_document(write_document(values, format), format)


class TestRoundTrip:
    @pytest.mark.parametrize("format", FORMATS)
    @given(document=DOCUMENTS)
    @settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=25)
    def test_an_exported_document_comes_back_equal(self, format: str, document: Document) -> None:
        content = write_document(document.model_dump(mode="json", exclude_none=True), format)
        assert Document.model_validate(read_document(content, format)) == document

    @pytest.mark.parametrize("format", FORMATS)
    @given(values=PLAIN)
    @example(values={"y": "yes", "n": "no", "~": "null", "1": "1", "1_0": "1_0", "0x1": "0o7", "<<": "=", "": ""})
    @example(values=["15:15", "1e3", ".inf", ".nan", "2026-11-23", "-", "?", "- a", "a: b", "# a", "& a", "* a", "! a"])
    @example(values=["\x85", "\u2028", "\ufeff", "\U0001f4b9", "\x00", "\x7f", " a ", "a\n", "\ta", "%", "@", "`"])
    def test_plain_values_come_back_equal(self, format: str, values: Any) -> None:
        assert reread(values, format) == values

    @pytest.mark.parametrize("format", FORMATS)
    def test_a_value_that_stands_twice_is_written_twice(self, format: str) -> None:
        once = {"account_id": "zerodha-one"}
        assert reread([once, once], format) == [once, once]

    def test_a_file_is_for_people(self) -> None:
        content = write_document({"legwise": 1, "strategies": [{"strategy_id": "a1", "name": "Straße ₹"}]}, "yaml")
        assert content == "legwise: 1\nstrategies:\n  - strategy_id: a1\n    name: Straße ₹\n"


class TestYaml:
    @pytest.mark.parametrize(
        "text", ["15:15", "09:20", "2026-11-23", "on", "off", "yes", "no", "NO", "1.5", "1e3", "0x10", "010", "=", "+1"]
    )
    def test_what_other_readers_would_reinterpret_stays_text(self, text: str) -> None:
        assert read_document(f"value: {text}", "yaml") == {"value": text}

    def test_a_time_need_not_be_quoted(self) -> None:
        written = "entry: 09:20\nexit: 15:15\nweekdays: [MON, TUE]\nenabled: false\nlots: 2\nbasket_id: null\n"
        assert read_document(written, "yaml") == {
            "entry": "09:20",
            "exit": "15:15",
            "weekdays": ["MON", "TUE"],
            "enabled": False,
            "lots": 2,
            "basket_id": None,
        }

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("a: 1\nb: 2\na: 3", "line 3, column 1: the key 'a' is written twice"),
            ("a:\n  b: 1\n  b: 2", "line 3, column 3: the key 'b' is written twice"),
            ("a: &x 1", "line 1, column 4: anchors and aliases are not read"),
            ("a: *x", "line 1, column 4: anchors and aliases are not read"),
            ("&x [1]", "line 1, column 1: anchors and aliases are not read"),
            ("a: !!str 1", "line 1, column 4: tags are not read"),
            ('!!int "abc"', "line 1, column 1: tags are not read"),
            ("! a", "line 1, column 1: tags are not read"),
            ("!!python/object/apply:os.system [date]", "line 1, column 1: tags are not read"),
            ("%TAG !e! tag:e,2000:\n---\n!e!a b", "line 3, column 1: tags are not read"),
            ("? [a]\n: b", "a key must be a plain word"),
            ("a: 1\n--- b", "line 2, column 1: "),
            ("a: [1", "line 1, column 6: "),
            ("a: 'b", "line 1, column 6: "),
            ("a:\tb: c", "line 1, column "),
            ("%YAML 9.9\n---\na", "line 1, column 1: "),
            ('"\\Uffffffff"', "it cannot be read: "),
            ("a: \0", "it cannot be read: "),
            ("[" * 20_000, "it cannot be read: it is nested too deeply"),
            ("[" + "1," * MAX_VALUES + "]", f"more than {MAX_VALUES} names and values; split it"),
        ],
        ids=lambda value: value[:12],
    )
    def test_what_could_surprise_is_refused_with_its_place(self, text: str, said: str) -> None:
        with pytest.raises(DocumentUnreadable) as caught:
            read_document(text, "yaml")
        assert said in str(caught.value)


class TestJson:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('{"a": 1, "a": 2}', "the key 'a' is written twice"),
            ('[{"b": {"a": 1, "a": 1}}]', "the key 'a' is written twice"),
            ('{"a": NaN}', "NaN is no number here"),
            ("[Infinity]", "Infinity is no number here"),
            ('{"a": 1,}', "line 1, column 9: "),
            ("{\n'a': 1}", "line 2, column 1: "),
            ("", "line 1, column 1: "),
            ("[" * 100_000, "it cannot be read: it is nested too deeply"),
            ("9" * 5000, "it cannot be read: "),
        ],
        ids=lambda value: value[:12],
    )
    def test_what_could_surprise_is_refused_with_its_place(self, text: str, said: str) -> None:
        with pytest.raises(DocumentUnreadable) as caught:
            read_document(text, "json")
        assert said in str(caught.value)


@pytest.mark.parametrize("format", FORMATS)
def test_a_document_beyond_the_limit_is_refused_unread(format: str) -> None:
    assert read_document('"' + "a" * (MAX_CHARACTERS - 2) + '"', format) == "a" * (MAX_CHARACTERS - 2)
    with pytest.raises(DocumentUnreadable, match="the limit is 500000; split it"):
        read_document("[" * (MAX_CHARACTERS + 1), format)


@given(some.text(max_size=200))
def test_no_text_is_worse_than_unreadable(text: str) -> None:
    for format in FORMATS:
        try:
            read_document(text, format)
        except DocumentUnreadable as error:
            assert str(error)  # noqa: PT017 - either outcome is right


@given(some.text("[]{}:,-?&*!|>'\"%@`# \n\t<=~0a.\\", max_size=40))
def test_no_punctuation_is_worse_than_unreadable(text: str) -> None:
    for format in FORMATS:
        try:
            read_document(text, format)
        except DocumentUnreadable as error:
            assert str(error)  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"legwise": 2},
        {"legwise": "one"},
        {"legwise": 1, "colour": "red"},
        {"legwise": 1, "strategies": {}},
        {"legwise": 1, "strategies": [{"strategy_id": "a1"}]},
        {"legwise": 1, "baskets": [{"basket_id": "a1", "definition": {"name": "A", "user_id": "somebody"}}]},
        {"legwise": 1, "baskets": [{"basket_id": "a1", "version": 3, "definition": {"name": "A"}}]},
    ],
)
def test_a_document_of_another_format_is_no_document(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Document.model_validate(values)
