"""What orders amount to: verdicts, positions, profit."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.contracts import Side
from lambdas.domain.intents import FINAL, IN_FLIGHT, IntentStatus, Order, Phase
from lambdas.domain.runs import CLOSED, RunStatus, judge, positions_of, realised_profit
from tests.doubles.examples import EXIT_TICK, a_contract, an_order

UNSENT_OR_UNFILLED = sorted(FINAL - {IntentStatus.FILLED})


def entry(**changes: Any) -> Order:
    return an_order(**changes)


def exit_of(status: IntentStatus = IntentStatus.FILLED, **changes: Any) -> Order:
    closing: dict[str, Any] = {"phase": Phase.EXIT, "side": Side.SELL, "intended_at": EXIT_TICK}
    return an_order(status, **{**closing, **changes})


class TestJudge:
    @pytest.mark.parametrize("status", sorted(IN_FLIGHT))
    def test_one_order_in_flight_leaves_the_run_unresolved(self, status: IntentStatus) -> None:
        verdict = judge([entry(), entry(leg=2, status=status)])
        assert verdict.status is RunStatus.UNRESOLVED
        assert verdict.reason == f"leg 2 (BUY NIFTY24500CE at zerodha-one) is {status}: no answer yet"

    def test_an_unresolved_run_tells_the_reason_of_its_order(self) -> None:
        verdict = judge([entry(status=IntentStatus.UNKNOWN, reason="the answer did not come")])
        assert verdict.reason.endswith("is unknown: the answer did not come")

    def test_every_entry_filled_is_open(self) -> None:
        assert judge([entry(), entry(leg=2)]).status is RunStatus.OPEN

    def test_an_entry_that_was_too_late_for_every_order_is_missed(self) -> None:
        short = entry(leg=2, status=IntentStatus.WITHHELD, reason="its hedge is missed")
        verdict = judge([entry(status=IntentStatus.MISSED, reason="past its limit"), short])
        assert verdict.status is RunStatus.MISSED
        assert verdict.reason.endswith("missed: past its limit")

    @pytest.mark.parametrize("status", sorted(set(UNSENT_OR_UNFILLED) - {IntentStatus.MISSED}))
    def test_nothing_entered_is_refused_with_the_reason(self, status: IntentStatus) -> None:
        verdict = judge([entry(status=status, reason="no margin")])
        assert verdict.status is RunStatus.REFUSED
        assert verdict.reason == (f"nothing was entered: leg 1 (BUY NIFTY24500CE at zerodha-one) {status}: no margin")

    @pytest.mark.parametrize("status", UNSENT_OR_UNFILLED)
    def test_entered_in_part_is_incomplete_with_the_reason(self, status: IntentStatus) -> None:
        verdict = judge([entry(), entry(leg=2, status=status, reason="no margin")])
        assert verdict.status is RunStatus.INCOMPLETE
        assert "entered in part: leg 2" in verdict.reason
        assert verdict.reason.endswith("no margin")

    def test_a_cancelled_order_with_a_partial_fill_is_incomplete(self) -> None:
        order = entry(status=IntentStatus.CANCELLED, filled_quantity=65, average_price=Decimal(100))
        assert judge([order]).status is RunStatus.INCOMPLETE

    def test_every_position_closed_is_flat(self) -> None:
        assert judge([entry(), exit_of()]).status is RunStatus.FLAT

    def test_what_stays_open_after_the_exit_is_incomplete_and_named(self) -> None:
        verdict = judge([entry(), exit_of(IntentStatus.REFUSED, reason="no margin")])
        assert verdict.status is RunStatus.INCOMPLETE
        assert "still open after the exit: +130 NIFTY24500CE" in verdict.reason
        assert verdict.reason.endswith("no margin")

    def test_a_short_that_stays_open_is_named_with_its_sign(self) -> None:
        verdict = judge([entry(side=Side.SELL), exit_of(IntentStatus.REFUSED, side=Side.BUY)])
        assert "-130 NIFTY24500CE" in verdict.reason

    def test_a_second_exit_that_closes_the_rest_makes_it_flat(self) -> None:
        first = exit_of(IntentStatus.CANCELLED, filled_quantity=65, average_price=Decimal(90))
        rest = exit_of(attempt=2, quantity=65, lots=1)
        assert judge([entry(), first, rest]).status is RunStatus.FLAT

    def test_an_exit_that_sells_too_much_is_not_flat(self) -> None:
        verdict = judge([entry(), exit_of(), exit_of(slice_number=2)])
        assert verdict.status is RunStatus.INCOMPLETE

    @given(st.lists(st.sampled_from(sorted(IntentStatus)), min_size=1, max_size=6))
    def test_only_what_has_nothing_open_is_closed(self, statuses: list[IntentStatus]) -> None:
        orders = [entry(leg=leg, status=status) for leg, status in enumerate(statuses, 1)]
        verdict = judge(orders)
        can_be_open = any(status in IN_FLIGHT or status is IntentStatus.FILLED for status in statuses)
        assert (verdict.status in CLOSED) == (not can_be_open)
        assert verdict.reason


class TestPositions:
    def test_fills_are_folded_by_leg_account_and_contract(self) -> None:
        orders = [
            entry(leg=2, account_id="zerodha-two"),
            entry(leg=1, slice_number=2, price="110"),
            entry(leg=1),
            entry(leg=1, account_id="zerodha-two", quantity=65, lots=1),
        ]
        found = [(one.leg, one.account_id, one.net, one.paid) for one in positions_of(orders)]
        assert found == [
            (1, "zerodha-one", 260, Decimal(130 * 210)),
            (1, "zerodha-two", 65, Decimal(6500)),
            (2, "zerodha-two", 130, Decimal(13000)),
        ]

    def test_sells_count_against_buys(self) -> None:
        (position,) = positions_of([entry(side=Side.SELL, price="100"), exit_of(side=Side.BUY, price="80")])
        assert (position.net, position.received, position.paid) == (0, Decimal(13000), Decimal(10400))
        assert (position.bought, position.sold, position.lot_size) == (130, 130, 65)

    def test_orders_without_a_fill_hold_nothing(self) -> None:
        assert positions_of([entry(status=status) for status in UNSENT_OR_UNFILLED]) == []

    def test_partial_fills_count_whatever_became_of_the_order(self) -> None:
        order = entry(status=IntentStatus.CANCELLED, filled_quantity=65, average_price=Decimal("99.5"))
        (position,) = positions_of([order])
        assert (position.net, position.paid) == (65, Decimal("6467.5"))

    def test_legs_on_the_same_contract_are_apart(self) -> None:
        assert len(positions_of([entry(leg=1), entry(leg=2, side=Side.SELL)])) == 2

    def test_a_fill_without_a_price_is_refused_by_name(self) -> None:
        with pytest.raises(ValueError, match=r"L1\.zerodha-one\.S1\.A1 has fills without an average price"):
            positions_of([entry(average_price=None)])


class TestProfit:
    def test_profit_is_what_was_received_less_what_was_paid(self) -> None:
        short = [entry(side=Side.SELL, price="100.05"), exit_of(side=Side.BUY, price="80.00")]
        hedge = [entry(leg=2, contract=a_contract(24700), price="20"), exit_of(leg=2, contract=a_contract(24700))]
        assert realised_profit(short) == Decimal("2606.50")
        assert realised_profit([*short, *hedge]) == Decimal("2606.50") + 130 * 80

    def test_while_something_is_open_there_is_no_profit(self) -> None:
        assert realised_profit([entry(), exit_of(quantity=65, lots=1)]) is None

    def test_nothing_traded_is_zero(self) -> None:
        assert realised_profit([entry(status=IntentStatus.REFUSED)]) == 0
