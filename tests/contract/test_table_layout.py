"""After the contract suite of the stores: what they wrote and asked is what the layout declares."""

import re
from pathlib import Path

import pytest

from lambdas.adapters.dynamo.layout import ACCESS, KINDS
from tests.contract.recorded import RECORDED

SUITE = ("test_stores.py", "test_strategies.py")
NOT_WRITTEN: dict[str, str] = {}
"""Kinds that no contract test writes, each with its reason."""


@pytest.fixture(autouse=True)
def _the_whole_suite_ran() -> None:
    texts = [Path(__file__).with_name(name).read_text("utf-8") for name in SUITE]
    tests = {
        name for text in texts for name in re.findall(r"def (test_\w+)\(\s*self, (?:stores|open_stores|table)\b", text)
    }
    if tests - RECORDED.tests:
        pytest.skip(f"{len(tests - RECORDED.tests)} of {len(tests)} contract tests of the stores did not run before")


def test_whatever_is_written_or_asked_is_declared_once() -> None:
    assert RECORDED.undeclared == []


def test_whatever_is_declared_is_written() -> None:
    assert {kind.name for kind in KINDS} - RECORDED.kinds.keys() == NOT_WRITTEN.keys()


def test_whatever_is_declared_is_asked() -> None:
    assert {pattern.question for pattern in ACCESS} - RECORDED.questions.keys() == set()
