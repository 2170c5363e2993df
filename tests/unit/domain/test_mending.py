"""A run whose orders did not all fill is tried again, completed, closed or left aloud, as its policies say."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.contracts import Side
from lambdas.domain.gaps import gaps_of
from lambdas.domain.intents import FINAL, IntentStatus, Order, Phase
from lambdas.domain.mending import MOST_COMPLETIONS, MOST_ENTRIES, MOST_EXITS, Mend, Mending, Workshop, mend
from lambdas.domain.order_rules import PROTECTED, OrderRules, Policies
from lambdas.domain.refusals import Refusal
from lambdas.domain.runs import positions_of
from tests.doubles.examples import FREEZE, TICK, USER, a_contract, an_order

NOW = TICK.instant + timedelta(seconds=30)
WORKSHOP = Workshop(USER, TICK, NOW, timedelta(seconds=20), FREEZE)
SQUARE_OFF = Policies(on_refusal="square_off", on_partial_fill="unwind", on_broker_failure="square_off")
RETRY = Policies(on_refusal="retry_then_square_off", on_partial_fill="complete", on_broker_failure="square_off")
KEEP = Policies(on_refusal="keep", on_partial_fill="keep", on_broker_failure="keep")
S = IntentStatus


def hedge(status: IntentStatus = S.FILLED, **changes: Any) -> Order:
    return an_order(status, **{"leg": 2, "contract": a_contract(24700), **changes})


def short(status: IntentStatus = S.FILLED, **changes: Any) -> Order:
    return an_order(status, **{"side": Side.SELL, **changes})


def partly(order: Order, filled: int) -> Order:
    state = replace(order.state, filled_quantity=filled, average_price=Decimal(100))
    return replace(order, state=state)


def mended(orders: Sequence[Order], policies: Policies) -> Mend:
    done = mend(orders, policies, WORKSHOP)
    assert done is not None
    return done


def summary(done: Mend) -> list[tuple[Any, ...]]:
    return [(i.leg, i.phase, i.side, i.quantity, i.attempt) for i in done.intents]


@pytest.mark.parametrize("policies", [SQUARE_OFF, RETRY, KEEP])
def test_a_run_that_is_filled_needs_nothing(policies: Policies) -> None:
    assert mend([hedge(), short()], policies, WORKSHOP) is None


@pytest.mark.parametrize("status", sorted(FINAL - {S.FILLED}))
def test_a_leg_that_failed_closes_what_was_entered(status: IntentStatus) -> None:
    done = mended([hedge(), short(status, reason="no margin")], SQUARE_OFF)
    assert done.mending is Mending.SQUARE_OFF
    assert summary(done) == [(2, Phase.EXIT, Side.SELL, 130, 1)]
    assert str(done) == f"squaring off: leg 1 (SELL NIFTY24500CE at zerodha-one) {status}: no margin"


def test_what_mends_a_run_goes_out_at_once_and_belongs_to_its_tick() -> None:
    (intent,) = mended([hedge(), short(S.REFUSED)], SQUARE_OFF).intents
    assert intent.at_once
    assert (intent.intended_at, intent.not_after) == (TICK, NOW + timedelta(seconds=20))


@pytest.mark.parametrize("status", sorted(FINAL - {S.FILLED}))
def test_keeping_what_filled_plans_nothing(status: IntentStatus) -> None:
    assert mend([hedge(), short(status)], KEEP, WORKSHOP) is None


@pytest.mark.parametrize("policies", [SQUARE_OFF, KEEP])
def test_where_nothing_was_entered_there_is_nothing_to_close(policies: Policies) -> None:
    assert mend([hedge(S.REFUSED), short(S.WITHHELD)], policies, WORKSHOP) is None


class TestTryingAgain:
    def test_a_refused_hedge_is_tried_once_more_with_the_short_that_waited_for_it(self) -> None:
        done = mended([hedge(S.REFUSED, reason="out of range"), short(S.WITHHELD)], RETRY)
        assert done.mending is Mending.RETRY
        assert summary(done) == [(1, Phase.ENTRY, Side.SELL, 130, 2), (2, Phase.ENTRY, Side.BUY, 130, 2)]

    def test_the_second_failure_closes_the_run(self) -> None:
        orders = [hedge(), short(S.REFUSED), short(S.REFUSED, attempt=MOST_ENTRIES)]
        assert mended(orders, RETRY).mending is Mending.SQUARE_OFF

    @pytest.mark.parametrize("refusal", [Refusal.FUNDS, Refusal.SESSION, Refusal.FREEZE, Refusal.INSTRUMENT])
    def test_a_refusal_that_would_come_again_is_not_tried_again(self, refusal: Refusal) -> None:
        assert mended([hedge(), short(S.REFUSED, refusal=refusal)], RETRY).mending is Mending.SQUARE_OFF

    @pytest.mark.parametrize("refusal", [Refusal.PRICE_BAND, Refusal.RATE_LIMIT])
    def test_a_refusal_that_may_pass_is(self, refusal: Refusal) -> None:
        assert mended([hedge(), short(S.REFUSED, refusal=refusal)], RETRY).mending is Mending.RETRY

    def test_what_came_too_late_is_not_sent_later_still(self) -> None:
        assert mended([hedge(), short(S.MISSED)], RETRY).mending is Mending.SQUARE_OFF

    def test_a_short_is_not_tried_again_while_its_hedge_is_kept_missing(self) -> None:
        kept = Policies(on_refusal="retry_then_square_off", on_partial_fill="keep", on_broker_failure="keep")
        orders = [partly(hedge(S.CANCELLED), 65), short(S.WITHHELD)]
        assert mend(orders, kept, WORKSHOP) is None

    def test_other_accounts_shorts_do_not_wait_for_it(self) -> None:
        kept = Policies(on_refusal="retry_then_square_off", on_partial_fill="keep", on_broker_failure="keep")
        orders = [partly(hedge(S.CANCELLED), 65), short(S.CANCELLED, account_id="angel-one")]
        assert [intent.account_id for intent in mended(orders, kept).intents] == ["angel-one"]


class TestPartialFills:
    def test_the_rest_is_bought(self) -> None:
        done = mended([partly(hedge(S.CANCELLED), 65), short()], RETRY)
        assert summary(done) == [(2, Phase.ENTRY, Side.BUY, 65, 2)]
        assert (done.intents[0].lots, done.reason) == (
            1,
            "leg 2 (BUY NIFTY24700CE at zerodha-one) 65 of 130 filled, then cancelled",
        )

    def test_the_rest_of_a_limit_order_is_protected(self) -> None:
        done = mended([partly(hedge(S.CANCELLED, orders=OrderRules(style="limit")), 65), short()], RETRY)
        assert [intent.orders for intent in done.intents] == [PROTECTED]

    def test_attempts_add_up(self) -> None:
        orders = [partly(hedge(S.CANCELLED, quantity=195, lots=3), 65), hedge(attempt=2, quantity=130, lots=2)]
        assert mend(orders, RETRY, WORKSHOP) is None

    def test_completing_ends(self) -> None:
        orders = [partly(hedge(S.CANCELLED, quantity=650, lots=10), 65)]
        orders += [partly(hedge(S.CANCELLED, attempt=n), 65) for n in range(2, MOST_COMPLETIONS + 1)]
        done = mended(orders, RETRY)
        assert done.mending is Mending.SQUARE_OFF
        assert summary(done) == [(2, Phase.EXIT, Side.SELL, 65 * MOST_COMPLETIONS, 1)]

    def test_unwinding_closes_the_run(self) -> None:
        done = mended([partly(hedge(S.CANCELLED), 65), short()], SQUARE_OFF)
        assert summary(done) == [(1, Phase.EXIT, Side.BUY, 130, 1), (2, Phase.EXIT, Side.SELL, 65, 1)]


class TestUnknownFates:
    def test_nothing_is_planned_for_what_may_still_fill(self) -> None:
        for status in (S.PLANNED, S.SENDING, S.ACCEPTED, S.PARTLY_FILLED):
            assert mend([hedge(), short(status)], RETRY, WORKSHOP) is None

    def test_an_unknown_order_closes_the_rest_and_is_left_alone(self) -> None:
        done = mended([hedge(), short(S.UNKNOWN, reason="no answer", account_id="angel-one")], SQUARE_OFF)
        assert summary(done) == [(2, Phase.EXIT, Side.SELL, 130, 1)]
        assert "nobody knows what became of leg 1" in done.reason

    def test_a_hedge_stays_while_its_short_may_be_open(self) -> None:
        assert mend([hedge(), short(S.UNKNOWN)], SQUARE_OFF, WORKSHOP) is None
        buying_back = short(S.ACCEPTED, phase=Phase.EXIT, side=Side.BUY)
        sold = hedge(S.REFUSED, phase=Phase.EXIT, side=Side.SELL)
        assert mend([hedge(), short(), buying_back, sold], SQUARE_OFF, WORKSHOP) is None

    def test_or_is_only_told(self) -> None:
        assert mend([hedge(), short(S.UNKNOWN)], KEEP, WORKSHOP) is None

    def test_what_turns_out_to_be_filled_after_the_rest_was_closed_is_closed_too(self) -> None:
        closed = hedge(phase=Phase.EXIT, side=Side.SELL)
        done = mended([hedge(), short(), closed], SQUARE_OFF)
        assert done.mending is Mending.CLOSE_REST
        assert summary(done) == [(1, Phase.EXIT, Side.BUY, 130, 2)]


class TestExits:
    def test_an_exit_that_failed_is_tried_again_whatever_the_policies(self) -> None:
        failed = hedge(S.REFUSED, phase=Phase.EXIT, side=Side.SELL, reason="out of range")
        done = mended([hedge(), failed], KEEP)
        assert summary(done) == [(2, Phase.EXIT, Side.SELL, 130, 2)]
        assert "leg 2 (SELL NIFTY24700CE at zerodha-one) refused: out of range" in str(done)

    def test_what_an_exit_filled_in_part_is_closed_for_the_rest_only(self) -> None:
        rest = partly(hedge(S.CANCELLED, phase=Phase.EXIT, side=Side.SELL), 65)
        assert summary(mended([hedge(), rest], KEEP)) == [(2, Phase.EXIT, Side.SELL, 65, 2)]

    @pytest.mark.parametrize("status", sorted(set(IntentStatus) - FINAL))
    def test_an_exit_under_way_is_waited_for(self, status: IntentStatus) -> None:
        assert mend([hedge(), hedge(status, phase=Phase.EXIT, side=Side.SELL)], KEEP, WORKSHOP) is None

    def test_it_ends_after_some_attempts(self) -> None:
        failed = [hedge(S.REFUSED, phase=Phase.EXIT, side=Side.SELL, attempt=n) for n in range(1, MOST_EXITS + 1)]
        assert mended([hedge(), *failed[:-1]], KEEP).intents[0].attempt == MOST_EXITS
        assert mend([hedge(), *failed], KEEP, WORKSHOP) is None


FATES = st.sampled_from([S.FILLED, S.REFUSED, S.CANCELLED, S.WITHHELD, S.MISSED, S.UNKNOWN, S.ACCEPTED])


@given(
    st.lists(st.tuples(st.sampled_from([Side.BUY, Side.SELL]), FATES, st.integers(0, 3)), min_size=1, max_size=5),
    st.sampled_from([SQUARE_OFF, RETRY, KEEP]),
)
def test_no_mend_ever_doubles_what_was_planned_or_closes_what_is_not_open(
    legs: list[tuple[Side, IntentStatus, int]], policies: Policies
) -> None:
    orders = []
    for number, (side, status, lots) in enumerate(legs, 1):
        order = an_order(status, leg=number, side=side, lots=4, quantity=260, contract=a_contract(24000 + number * 50))
        filled = 260 if status is S.FILLED else 65 * lots if status is S.CANCELLED else 0
        orders.append(partly(order, filled) if filled else order)
    done = mend(orders, policies, WORKSHOP)
    if done is None:
        return
    missing = {(gap.last.intent.leg, gap.last.intent.side): gap.missing for gap in gaps_of(orders)}
    net = {position.leg: position.net for position in positions_of(orders)}
    assert len({intent.intent_id for intent in done.intents} | {o.intent.intent_id for o in orders}) == len(
        done.intents
    ) + len(orders)
    for intent in done.intents:
        if intent.phase is Phase.ENTRY:
            assert intent.quantity == missing[intent.leg, intent.side]
        else:
            assert net[intent.leg] == (intent.quantity if intent.side is Side.SELL else -intent.quantity)
