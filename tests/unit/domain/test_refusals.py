"""Each kind of refusal says what to do, and few of them are worth another try."""

import pytest

from lambdas.domain.refusals import Refusal


@pytest.mark.parametrize("refusal", list(Refusal))
def test_every_refusal_has_advice_in_one_sentence(refusal: Refusal) -> None:
    assert refusal.advice[0].isupper()
    assert refusal.advice.endswith(".")
    assert ". " not in refusal.advice
    assert len(refusal.advice) > 20


def test_no_two_refusals_give_the_same_advice() -> None:
    assert len({refusal.advice for refusal in Refusal}) == len(Refusal)


def test_only_what_passes_by_itself_is_worth_retrying() -> None:
    assert {refusal for refusal in Refusal if refusal.worth_retrying} == {Refusal.PRICE_BAND, Refusal.RATE_LIMIT}
