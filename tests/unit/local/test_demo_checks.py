"""The demo's verdict bites: each way in which a day can be wrong is found."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from lambdas.domain.moments import IST
from local.books import differences_of
from local.seed import TIME_TO_SAVE, iron_condor, next_due, room_at
from local.show import problems

ORDER: dict[str, Any] = {
    "tag": "LWABC",
    "symbol": "NIFTY26NOV26000CE",
    "account_id": "my-zerodha",
    "phase": "entry",
    "leg": 1,
    "contract": "NIFTY 23 Nov 26 26000 CE",
    "side": "BUY",
    "quantity": 130,
    "filled_quantity": 130,
    "average_price": "13.70",
    "status": "filled",
    "reason": "",
    "intended_at": "2026-11-23T09:20:00+05:30",
    "sent_at": "2026-11-23T09:20:00.001+05:30",
    "offset_ms": 1.0,
}
ROW: dict[str, Any] = {
    "tag": "LWABC",
    "underlying": "NIFTY",
    "expiry": "2026-11-23",
    "strike": 26000,
    "kind": "CE",
    "side": "BUY",
    "quantity": 130,
    "filled": 130,
    "average_price": "13.70",
    "received_at": "2026-11-23T09:20:00.002000+05:30",
}


def test_equal_books_have_no_difference() -> None:
    assert differences_of([ORDER], [ROW]) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"filled": 65}, "filled quantity"),
        ({"side": "SELL"}, "side"),
        ({"strike": 26050}, "contract"),
        ({"average_price": "13.75"}, "average price"),
        ({"received_at": "2026-11-23T09:19:59.999000+05:30"}, "before"),
        ({"tag": "LWOTHER"}, "the table has no order LWOTHER"),
    ],
)
def test_each_difference_is_named(change: dict[str, Any], named: str) -> None:
    assert any(named in text for text in differences_of([ORDER], [ROW | change]))


def test_an_order_that_the_broker_has_twice_is_a_difference() -> None:
    assert differences_of([ORDER], [ROW, ROW]) == ["the broker has the order LWABC twice"]


def test_an_order_that_was_sent_and_is_in_no_book_is_a_difference() -> None:
    assert differences_of([ORDER], []) == ["the broker has no order LWABC (NIFTY26NOV26000CE)"]
    assert differences_of([ORDER | {"sent_at": None}], []) == []


def test_a_good_day_has_no_problem() -> None:
    day = {"runs": [{"run_id": "r", "status": "flat", "reason": ""}], "orders": [ORDER, ORDER | {"phase": "exit"}]}
    assert list(problems(day)) == []


@pytest.mark.parametrize(
    ("run", "orders"),
    [
        ({"status": "incomplete"}, [ORDER, ORDER | {"phase": "exit"}]),
        ({}, []),
        ({}, [ORDER]),
        ({}, [ORDER | {"status": "withheld", "offset_ms": None}, ORDER | {"phase": "exit"}]),
        ({}, [ORDER | {"filled_quantity": 65}, ORDER | {"phase": "exit"}]),
        ({}, [ORDER | {"offset_ms": -0.1}, ORDER | {"phase": "exit"}]),
        ({}, [ORDER | {"offset_ms": 60_000.0}, ORDER | {"phase": "exit"}]),
    ],
)
def test_each_way_to_fail_is_a_problem(run: dict[str, Any], orders: list[dict[str, Any]]) -> None:
    day = {"runs": [{"run_id": "r", "status": "flat", "reason": ""} | run], "orders": orders}
    assert list(problems(day))


@pytest.mark.parametrize("second", range(0, 24 * 3600, 397))
def test_a_demo_leaves_time_to_save_and_never_spans_midnight(second: int) -> None:
    now = datetime(2026, 11, 22, tzinfo=IST) + timedelta(seconds=second)
    seeded = room_at(now) + timedelta(seconds=20)
    due = next_due(seeded)
    assert due.entry.instant - seeded >= TIME_TO_SAVE
    assert seeded.date() == due.entry.date == due.exit.date
    schedule = iron_condor(due)["schedule"]
    assert schedule["entry"] < schedule["exit"]


def test_a_demo_begins_at_once_unless_midnight_is_near() -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=IST)
    assert room_at(noon) == noon
    late = datetime(2026, 11, 22, 23, 57, tzinfo=IST)
    assert room_at(late) == datetime(2026, 11, 23, 0, 0, 1, tzinfo=IST)
