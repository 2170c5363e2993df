"""Offsets and acknowledgements of orders become distributions in the function's log."""

import json
from datetime import timedelta
from typing import Any

import pytest

from lambdas.adapters.events.order_times import MOST_VALUES, OrderTimes
from lambdas.domain.intents import IntentStatus, Order
from shared_config.names import METRIC_ACKNOWLEDGED, METRIC_FUNCTION, METRIC_OFFSET, METRICS
from tests.doubles.examples import TICK, an_order

FUNCTION = "legwise-place_orders"


def sent(offset_ms: float, took_ms: float | None = 40, **changes: Any) -> Order:
    left = TICK.instant + timedelta(milliseconds=offset_ms)
    came = None if took_ms is None else left + timedelta(milliseconds=took_ms)
    return an_order(IntentStatus.ACCEPTED, sent_at=left, acknowledged_at=came, **changes)


def written(capsys: pytest.CaptureFixture[str], *orders: Order) -> list[dict[str, Any]]:
    times = OrderTimes()
    for order in orders:
        times.sent(order)
    times.flush(FUNCTION)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    times.flush(FUNCTION)
    assert capsys.readouterr().out == "", "it was not forgotten"
    return lines


def test_the_values_of_all_orders_are_one_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    offsets, acknowledged = written(capsys, sent(0.8), sent(1.25, 55.5))
    assert offsets[METRIC_OFFSET] == [0.8, 1.25]
    assert acknowledged[METRIC_ACKNOWLEDGED] == [40.0, 55.5]
    for line in (offsets, acknowledged):
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == METRICS
        assert directive["Dimensions"] == [[METRIC_FUNCTION]]
        assert line[METRIC_FUNCTION] == FUNCTION


def test_what_was_sent_outside_second_0_has_no_offset(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = written(capsys, sent(31_000, at_once=True))
    assert METRIC_ACKNOWLEDGED in line


def test_an_order_without_an_answer_has_no_acknowledgement(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = written(capsys, sent(0.8, None))
    assert line[METRIC_OFFSET] == [0.8]


def test_what_never_left_is_not_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert written(capsys, an_order(IntentStatus.MISSED)) == []


def test_a_line_holds_no_more_values_than_cloudwatch_takes(capsys: pytest.CaptureFixture[str]) -> None:
    lines = written(capsys, *(sent(1, None) for _ in range(MOST_VALUES + 1)))
    assert [len(line[METRIC_OFFSET]) for line in lines] == [MOST_VALUES, 1]
