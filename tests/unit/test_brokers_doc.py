"""The kept page about brokers says what the suite asks and what the registry knows."""

import pytest

from lambdas.adapters.brokers.registry import BROKERS
from local.brokers_doc import DOCUMENT, cases, renewed


def test_the_kept_page_is_what_the_code_makes() -> None:
    kept = DOCUMENT.read_text("utf-8")
    assert kept == renewed(kept), "run 'python -m local.brokers_doc' and commit docs/brokers.md"


def test_acceptance_cases_are_numbered_without_a_gap() -> None:
    numbers = [number for number, _ in cases()]
    assert numbers == [f"B{number:02d}" for number in range(1, len(numbers) + 1)]


def test_every_case_is_one_sentence_that_ends() -> None:
    assert [number for number, sentence in cases() if not sentence.endswith(".") or len(sentence) < 30] == []


@pytest.mark.parametrize("name", sorted(BROKERS))
def test_every_broker_has_a_part_of_its_own(name: str) -> None:
    assert f"### {BROKERS[name].label}\n" in DOCUMENT.read_text("utf-8")


def test_a_page_that_lost_a_mark_is_not_renewed() -> None:
    kept = DOCUMENT.read_text("utf-8")
    with pytest.raises(ValueError, match="'limits'"):
        renewed(kept.replace("<!-- end: limits -->", ""))
