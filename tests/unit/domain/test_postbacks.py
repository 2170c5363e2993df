"""The address of an account, and which orders a letter is about."""

import re
from typing import Any

import pytest

from lambdas.domain.intents import FINAL, IntentStatus, Order
from lambdas.domain.postbacks import Letter, path_of, proof_of, waiting_for_news
from tests.doubles.examples import USER, an_order

KEYS = {"api_key": "public", "api_secret": "hidden"}


def test_a_proof_is_of_one_account_and_its_keys() -> None:
    proofs = {
        proof_of(USER, "zerodha-one", KEYS),
        proof_of("user-two", "zerodha-one", KEYS),
        proof_of(USER, "zerodha-two", KEYS),
        proof_of(USER, "zerodha-one", KEYS | {"api_secret": "another"}),
        proof_of(USER, "zerodha-one", KEYS | {"pin": ""}),
    }
    assert len(proofs) == 5
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", proof) for proof in proofs)


def test_a_proof_stays_while_the_keys_do() -> None:
    told = proof_of(USER, "zerodha-one", KEYS)
    assert told == proof_of(USER, "zerodha-one", {"api_secret": "hidden ", "api_key": "public"})
    assert path_of(USER, "zerodha-one", told) == f"/postbacks/{USER}/zerodha-one/{told}"


def a_letter(tag: str | None, number: str = "1") -> Letter:
    return Letter(USER, "zerodha-one", number, tag)


def an_unknown_order(**changes: Any) -> Order:
    return an_order(IntentStatus.UNKNOWN, broker_order_id=None, **changes)


def test_a_letter_is_about_the_order_of_its_tag() -> None:
    told, other = an_unknown_order(), an_unknown_order(leg=2)
    assert waiting_for_news([a_letter(told.intent.tag)], [told, other]) == [told]


def test_a_letter_is_about_the_order_of_its_number() -> None:
    told, other = an_order(IntentStatus.ACCEPTED, broker_order_id="7"), an_unknown_order(leg=2)
    for tag in (None, ""):
        assert waiting_for_news([a_letter(tag, "7")], [told, other]) == [told]


def test_a_letter_of_a_strangers_order_is_about_none() -> None:
    orders = [an_unknown_order(), an_order(IntentStatus.ACCEPTED, leg=2, broker_order_id="7")]
    for tag in ("SOMEBODY", ""):
        assert waiting_for_news([a_letter(tag)], orders) == []


def test_a_letter_whose_broker_posts_no_tag_may_be_about_any_order_of_unknown_fate() -> None:
    unknown, accepted = an_unknown_order(), an_order(IntentStatus.ACCEPTED, leg=2, broker_order_id="7")
    assert waiting_for_news([a_letter(None)], [unknown, accepted]) == [unknown]


@pytest.mark.parametrize("status", sorted(FINAL))
def test_an_order_that_has_ended_waits_for_no_news(status: IntentStatus) -> None:
    order = an_order(status, broker_order_id="7")
    assert waiting_for_news([a_letter(order.intent.tag, "7"), a_letter(None)], [order]) == []
