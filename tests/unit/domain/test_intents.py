"""Intents: identity that survives a repetition, and states without a way back."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.contracts import Right, Side
from lambdas.domain.intents import FINAL, IN_FLIGHT, TAG_LENGTH, TRANSITIONS, IntentStatus, Phase, statuses_before
from tests.doubles.examples import TICK, a_contract, an_intent, an_order

CHANGES: list[dict[str, Any]] = [
    {"leg": 2},
    {"account_id": "angel-one"},
    {"slice_number": 2},
    {"attempt": 2},
    {"phase": Phase.EXIT},
    {"run_id": "spread-20261124"},
]


class TestIdentity:
    def test_the_same_intent_has_the_same_id_and_tag(self) -> None:
        assert an_intent().intent_id == an_intent().intent_id == "spread-20261123.entry.L1.zerodha-one.S1.A1"
        assert an_intent().tag == an_intent().tag

    @pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
    def test_what_makes_another_order_makes_another_id_and_tag(self, change: dict[str, Any]) -> None:
        assert an_intent(**change).intent_id != an_intent().intent_id
        assert an_intent(**change).tag != an_intent().tag

    def test_users_with_the_same_strategy_have_different_tags(self) -> None:
        assert an_intent(user_id="user-two").intent_id == an_intent().intent_id
        assert an_intent(user_id="user-two").tag != an_intent().tag

    def test_what_is_chosen_at_the_last_moment_is_no_part_of_the_id(self) -> None:
        again = an_intent(contract=a_contract(24550), quantity=65, lots=1, side=Side.SELL)
        assert again.intent_id == an_intent().intent_id

    @given(st.text(min_size=1, max_size=60), st.integers(1, 10), st.integers(1, 200), st.integers(1, 9))
    def test_a_tag_is_one_that_every_broker_takes(self, user_id: str, leg: int, part: int, attempt: int) -> None:
        tag = an_intent(user_id=user_id, leg=leg, slice_number=part, attempt=attempt).tag
        assert len(tag) == TAG_LENGTH < 20
        assert tag.isascii()
        assert tag.isalnum()
        assert tag.startswith("LW")

    def test_ten_thousand_intents_have_ten_thousand_tags(self) -> None:
        tags = {an_intent(user_id=f"user-{user}", slice_number=part).tag for user in range(100) for part in range(100)}
        assert len(tags) == 10_000


class TestTransitions:
    def test_every_status_has_its_row(self) -> None:
        assert set(TRANSITIONS) == set(IntentStatus)
        assert set(IntentStatus) == FINAL | IN_FLIGHT
        assert FINAL.isdisjoint(IN_FLIGHT)

    def test_final_is_what_the_domain_calls_final(self) -> None:
        words = {"filled", "refused", "cancelled", "expired", "missed", "withheld"}
        assert {str(status) for status in FINAL} == words

    @pytest.mark.parametrize("status", sorted(FINAL))
    def test_there_is_no_way_out_of_a_final_status(self, status: IntentStatus) -> None:
        assert TRANSITIONS[status] == frozenset()
        assert not any(status in statuses_before(following) for following in IntentStatus)

    def test_nothing_leads_back_to_planned_and_only_planned_leads_to_sending(self) -> None:
        assert statuses_before(IntentStatus.PLANNED) == frozenset()
        assert statuses_before(IntentStatus.SENDING) == {IntentStatus.PLANNED}

    def test_what_the_broker_has_confirmed_never_becomes_unknown_or_unsent(self) -> None:
        unsent = {IntentStatus.UNKNOWN, IntentStatus.MISSED, IntentStatus.WITHHELD}
        for status in (IntentStatus.ACCEPTED, IntentStatus.PARTLY_FILLED):
            assert TRANSITIONS[status] & unsent == set()

    def test_unknown_is_resolved_or_missed_but_never_sent_again(self) -> None:
        assert not {IntentStatus.SENDING, IntentStatus.PLANNED} & TRANSITIONS[IntentStatus.UNKNOWN]
        assert {IntentStatus.FILLED, IntentStatus.REFUSED, IntentStatus.MISSED} <= TRANSITIONS[IntentStatus.UNKNOWN]

    def test_a_partial_fill_is_never_refused(self) -> None:
        assert IntentStatus.REFUSED not in TRANSITIONS[IntentStatus.PARTLY_FILLED]

    @given(st.sampled_from(IntentStatus), st.sampled_from(IntentStatus))
    def test_statuses_before_is_the_table_read_backwards(self, before: IntentStatus, after: IntentStatus) -> None:
        assert (before in statuses_before(after)) == (after in TRANSITIONS[before])

    def test_from_every_status_in_flight_an_end_can_be_reached(self) -> None:
        for status in IN_FLIGHT:
            assert TRANSITIONS[status] & FINAL


class TestOffset:
    def test_the_offset_is_from_the_intended_instant_to_the_first_byte(self) -> None:
        order = an_order(sent_at=TICK.instant + timedelta(microseconds=1250))
        assert order.offset_ms == 1.25

    def test_what_was_not_sent_has_no_offset(self) -> None:
        assert an_order(IntentStatus.WITHHELD).offset_ms is None


class TestContracts:
    def test_a_contract_reads_as_traders_write_it(self) -> None:
        assert str(a_contract(24500)) == "NIFTY 01 Dec 26 24500 CE"
        assert str(a_contract("24512.50", Right.PE)) == "NIFTY 01 Dec 26 24512.5 PE"

    def test_equal_strikes_are_the_same_contract_however_they_are_written(self) -> None:
        assert a_contract("24500.00") == a_contract(24500)
        assert len({a_contract("24500.00"), a_contract(24500)}) == 1

    def test_the_opposite_of_the_opposite_is_the_side_itself(self) -> None:
        assert Side.BUY.opposite is Side.SELL
        assert Side.SELL.opposite is Side.BUY
