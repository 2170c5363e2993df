"""What the requests of a measurement cost."""

from typing import Any

from bench.reading import COLUMNS, Reading, timed, units_of
from bench.wire import Exchange


def a_query(size: int, *, strongly: bool = False, **request: Any) -> Exchange:
    """A query that answers one item of so many bytes."""
    item = {"pk": {"S": "x" * (size - 2)}}
    if strongly:
        request["ConsistentRead"] = True
    return Exchange("Query", request, {"Items": [item]}, 100, 900)


def test_units_are_half_for_an_index_and_whole_for_a_strong_read() -> None:
    assert units_of(a_query(4096)) == 0.5
    assert units_of(a_query(4097)) == 1.0
    assert units_of(a_query(4097, strongly=True)) == 2.0


def test_a_query_that_finds_nothing_costs_the_least() -> None:
    assert units_of(Exchange("Query", {}, {"Items": []}, 1, 1)) == 0.5


def test_further_pages_are_requests_and_no_queries() -> None:
    first, further = a_query(4096), a_query(4096, ExclusiveStartKey={"pk": {"S": "x"}})
    reading = Reading("ours", 2, [first, further], [3.0, 1.0, 2.0])
    assert reading.queries == 1
    assert dict(zip(COLUMNS, reading.row(), strict=True)) == {
        "found by": "ours",
        "strategies": "2",
        "queries": "1",
        "with pages": "2",
        "read units": "1.0",
        "kB on the wire": "2.0",
        "p50 ms": "2.0",
        "p99 ms": "3.0",
    }


def test_the_first_call_does_not_count() -> None:
    calls: list[int] = []
    assert len(timed(lambda: calls.append(1), 3)) == 3
    assert len(calls) == 4
