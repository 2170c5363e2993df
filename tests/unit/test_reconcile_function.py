"""The function that runs each minute: neither of its two parts keeps the other from its work."""

import json
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from lambdas.entrypoints import reconcile
from lambdas.entrypoints.frame import application
from shared_config.names import METRIC_DIFFERING, METRIC_FUNCTION, METRIC_SERVICE, METRICS

CONTEXT: Any = SimpleNamespace(
    function_name="reconcile-of-dev", memory_limit_in_mb=1, invoked_function_arn="a", aws_request_id="r"
)


class Part:
    """One of the two, which answers or fails; remembers how it was asked."""

    def __init__(self, answer: Mapping[str, int] | Exception) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []

    async def __call__(self, **asked: Any) -> Mapping[str, int]:
        self.asked.append(asked)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Parts:
    """What the function builds."""

    def __init__(self) -> None:
        self.reconcile = Part({"in_flight": 2, "left": 1})
        self.compare = Part({"compared": 3, "unreadable": 1, "differing": 2})


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    parts = Parts()
    kept = dict(application.__dict__)
    application.__dict__["reconciler"] = SimpleNamespace(reconcile=parts.reconcile)
    application.__dict__["book_comparer"] = SimpleNamespace(compare=parts.compare)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "reconcile")
    yield parts
    application.__dict__.clear()
    application.__dict__.update(kept)


def test_both_are_done_and_counted(parts: Parts) -> None:
    counts = reconcile.handler({}, CONTEXT)
    assert counts == {"in_flight": 2, "left": 1, "compared": 3, "unreadable": 1, "differing": 2}
    assert parts.compare.asked == [{"everyone": False}]


def test_before_the_open_everyone_is_compared(parts: Parts) -> None:
    reconcile.handler({"compare": "everyone"}, CONTEXT)
    assert parts.compare.asked == [{"everyone": True}]


def test_what_cannot_be_reconciled_keeps_no_account_from_being_compared(
    parts: Parts, capsys: pytest.CaptureFixture[str]
) -> None:
    parts.reconcile.answer = ExceptionGroup("1 of 2 accounts", [KeyError("route")])
    with pytest.raises(ExceptionGroup, match="1 of 2 parts failed"):
        reconcile.handler({}, CONTEXT)
    assert len(parts.compare.asked) == 1
    assert [measured["BooksDiffering"] for measured in _measured(capsys)] == [[2.0]]


def test_a_comparison_that_fails_measures_nothing(parts: Parts, capsys: pytest.CaptureFixture[str]) -> None:
    parts.compare.answer = ConnectionError("the table is away")
    with pytest.raises(ExceptionGroup):
        reconcile.handler({}, CONTEXT)
    assert len(parts.reconcile.asked) == 1
    assert _measured(capsys) == []


@pytest.mark.usefixtures("parts")
def test_it_measures_under_the_names_that_the_alarm_watches(capsys: pytest.CaptureFixture[str]) -> None:
    reconcile.handler({}, CONTEXT)
    (measured,) = _measured(capsys)
    (described,) = measured["_aws"]["CloudWatchMetrics"]
    assert described["Namespace"] == METRICS
    assert [metric["Name"] for metric in described["Metrics"]] == [METRIC_DIFFERING]
    assert set(described["Dimensions"][0]) == {METRIC_FUNCTION, METRIC_SERVICE}
    assert (measured[METRIC_FUNCTION], measured[METRIC_SERVICE]) == ("reconcile-of-dev", "reconcile")


def _measured(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    return [found for found in map(json.loads, lines) if "_aws" in found]
