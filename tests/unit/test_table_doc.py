"""The kept description of the table is the one that the code makes, and its costs follow DynamoDB's rules."""

from decimal import Decimal
from typing import Any

import pytest

from lambdas.adapters.dynamo.layout import ACCESS, KINDS, fits, kinds_of
from local.capacity import PAGE, item_size, pages_of, read_units, transaction_cost, write_units
from local.table_doc import DOCUMENT, rendered
from local.table_examples import example_table
from local.write_amplification import CREATED, DELETED, cost_of
from shared_config.names import INDEXES


def test_the_kept_document_is_what_the_code_makes() -> None:
    assert DOCUMENT.read_text("utf-8") == rendered(), "run 'python -m local.table_doc' and commit docs/table.md"


def test_there_is_an_example_of_every_kind_and_each_is_of_one() -> None:
    found = [kinds_of(item) for item in example_table().items.values()]
    assert {len(kinds) for kinds in found} == {1}
    assert {kinds[0].name for kinds in found} == {kind.name for kind in KINDS}


def test_names_of_kinds_and_questions_are_told_apart() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert len({pattern.question for pattern in ACCESS}) == len(ACCESS)


def test_every_index_has_one_kind_in_it() -> None:
    assert sorted(kind.place.index for kind in KINDS if kind.place) == sorted(INDEXES)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("USER#<user>", "USER#u", True),
        ("USER#<user>", "USER#u#DAY#2026-11-23", False),
        ("USER#<user>#DAY#<date>", "USER#u#DAY#2026-11-23", True),
        ("HALT#<scope>", "HALT#ACCOUNT#u#a", True),
        ("HALT#<scope>", "HALT#ACCOUNT#u", False),
        ("DUE#<day>#<minute>#<shard>", "DUE#SPECIAL#18:15#0", True),
        ("DUE#<day>#<minute>#<shard>", "DUE#SUN#18:15#0", False),
        ("ORDER#<run>.", "ORDER#a-20261123.", True),
        ("ORDER#<run>.", "ORDER#a-20261123xentry", False),
        ("", "", True),
        ("", "x", False),
    ],
)
def test_a_pattern_fits_whole_texts_only(pattern: str, text: str, expected: bool) -> None:
    assert fits(pattern, text) is expected


def test_an_item_with_half_of_its_index_keys_is_of_no_kind() -> None:
    (run,) = [item for item in example_table().items.values() if item["sk"].startswith("RUN#")]
    closed = {name: value for name, value in run.items() if not name.startswith("gsi3")}
    assert [kind.name for kind in kinds_of(closed)] == ["run"]
    assert kinds_of({**closed, "gsi3pk": "OPEN#0"}) == []
    assert kinds_of({**run, "gsi1pk": "INFLIGHT#0", "gsi1sk": "u#a#i"}) == []


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("abc", 3),
        ("é", 2),
        (True, 1),
        (None, 1),
        (b"abcd", 4),
        (0, 1),
        (7, 2),
        (Decimal("-12.5"), 4),
        (100_000, 2),
        ([], 3),
        (["a", "bc"], 3 + 2 + 3),
        ({}, 3),
        ({"k": "v"}, 3 + 1 + 1 + 1),
    ],
)
def test_sizes_are_names_and_values(value: Any, size: int) -> None:
    assert item_size({"name": value}) == 4 + size


def test_units_are_begun_blocks_of_four_and_of_one_kilobyte() -> None:
    assert [read_units(size) for size in (1, 4096, 4097)] == [0.5, 0.5, 1.0]
    assert [read_units(size, strongly=True) for size in (0, 4096, 4097)] == [1, 1, 2]
    assert [write_units(size) for size in (1, 1024, 1025)] == [1, 1, 2]


def test_a_page_holds_no_more_than_a_megabyte() -> None:
    assert pages_of([PAGE // 2, PAGE // 2, 1]) == [PAGE, 1]
    assert pages_of([]) == [0]


def test_an_index_entry_is_written_once_unless_it_moves() -> None:
    old = {"pk": "p", "sk": "s", "gsi2pk": "a", "gsi2sk": "k", "x": 1}
    stored = {("p", "s"): old}

    def index_writes(operation: dict[str, Any]) -> int:
        return transaction_cost([operation], stored).index_writes

    assert index_writes({"Put": {"Item": {**old, "x": 2}}}) == 1
    assert index_writes({"Put": {"Item": {**old, "gsi2pk": "b"}}}) == 2
    assert index_writes({"Put": {"Item": old}}) == 0
    assert index_writes({"Put": {"Item": {"pk": "p", "sk": "s"}}}) == 1
    assert index_writes({"Put": {"Item": {**old, "sk": "other"}}}) == 1
    assert index_writes({"Delete": {"Key": {"pk": "p", "sk": "s"}}}) == 1
    assert index_writes({"ConditionCheck": {"Key": {"pk": "p", "sk": "s"}}}) == 0


def test_a_strategy_of_five_weekdays_takes_its_ten_slots_along() -> None:
    created, deleted, moved = (cost_of(name) for name in (CREATED, DELETED, "entry and exit moved"))
    assert (created.items, created.index_writes) == (1 + 10 + 1, 10)
    assert (deleted.items, deleted.index_writes) == (1 + 10, 10)
    assert moved.index_writes == 20
