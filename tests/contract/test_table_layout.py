"""After the contract suite of the stores: what they wrote and asked is what the layout declares."""

import re
from pathlib import Path

import pytest

from lambdas.adapters.dynamo.layout import ACCESS, KINDS
from tests.contract.recorded import RECORDED, Recorded

SUITE = (
    "test_comparisons.py",
    "test_limits.py",
    "test_marks.py",
    "test_paper_store.py",
    "test_rates.py",
    "test_secrets.py",
    "test_stores.py",
    "test_strategies.py",
)
TEST = re.compile(r"def (test_\w+)\(\s*(?:self, (?:stores|open_stores|table)|secrets|comparisons|limits|rates|kept)\b")
NOT_WRITTEN: dict[str, str] = {}
"""Kinds that no contract test writes, each with its reason."""


@pytest.fixture
def recorded() -> Recorded:
    """What was recorded until now; skips when nothing was."""
    if not RECORDED.tests:
        pytest.skip("no contract test of the stores ran before")
    return RECORDED


@pytest.fixture
def whole(recorded: Recorded) -> Recorded:
    """The record of the whole suite; skips when only some of it ran."""
    texts = [Path(__file__).with_name(name).read_text("utf-8") for name in SUITE]
    tests = {name for text in texts for name in TEST.findall(text)}
    if tests - recorded.tests:
        pytest.skip(f"{len(tests - recorded.tests)} of {len(tests)} contract tests of the stores did not run before")
    return recorded


def test_whatever_is_written_or_asked_is_declared_once(recorded: Recorded) -> None:
    assert recorded.undeclared == []


def test_whatever_is_declared_is_written(whole: Recorded) -> None:
    assert {kind.name for kind in KINDS} - whole.kinds.keys() == NOT_WRITTEN.keys()


def test_whatever_is_declared_is_asked(whole: Recorded) -> None:
    assert {pattern.question for pattern in ACCESS} - whole.questions.keys() == set()
