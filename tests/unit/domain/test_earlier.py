"""What runs of earlier days may still hold, what a broker still has of it, and how they and their orders end."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.contracts import Side
from lambdas.domain.earlier import (
    NOBODY_KNOWS,
    SHOWN_FROM,
    Claim,
    EarlierRun,
    Leftover,
    end_of,
    judge_earlier,
    left_of,
    without_anything,
)
from lambdas.domain.intents import FINAL, IN_FLIGHT, TRANSITIONS, IntentStatus, Order, Phase
from lambdas.domain.runs import RunStatus
from tests.doubles.examples import TICK, a_contract, a_run, an_order, at

SYMBOL = "NIFTY24500CE"
NEXT_DAY = at("09:16", "2026-11-24")


def earlier(*orders: Order, **changes: Any) -> EarlierRun:
    return EarlierRun(a_run(**{"status": RunStatus.INCOMPLETE, "reason": "still open", **changes}), orders)


def lost(order: Order) -> Order:
    """The order, given up on."""
    return replace(order, state=end_of(order))


def bounds(run: EarlierRun) -> list[tuple[str, int, int, int]]:
    return [(claim.symbol, claim.net, claim.least, claim.most) for claim in run.claims]


def a_claim(least: int, most: int, **changes: Any) -> Claim:
    net = least if least else most
    fields: dict[str, Any] = {"run_id": "spread-20261123", "day": TICK.date, "account_id": "zerodha-one"}
    return Claim(**{**fields, "symbol": SYMBOL, "product": "NRML", "net": net, **changes}, least=least, most=most)


class TestClaims:
    def test_known_fills_are_claimed_by_account_symbol_and_product(self) -> None:
        run = earlier(
            an_order(side=Side.SELL, product="NRML"),
            an_order(leg=2, contract=a_contract(24700), product="NRML"),
            an_order(leg=1, account_id="angel-one", product="MIS"),
        )
        assert [(one.account_id, one.symbol, one.product, one.net) for one in run.claims] == [
            ("angel-one", SYMBOL, "MIS", 130),
            ("zerodha-one", SYMBOL, "NRML", -130),
            ("zerodha-one", "NIFTY24700CE", "NRML", 130),
        ]

    def test_what_was_closed_is_not_claimed(self) -> None:
        assert earlier(an_order(), an_order(side=Side.SELL, phase=Phase.EXIT)).claims == []
        assert earlier().claims == []

    def test_an_entry_that_nobody_knows_of_may_hold_all_of_it(self) -> None:
        assert bounds(earlier(lost(an_order(IntentStatus.UNKNOWN, side=Side.SELL)))) == [(SYMBOL, 0, -130, 0)]

    def test_an_exit_that_nobody_knows_of_may_have_closed_all_of_it(self) -> None:
        leave = lost(an_order(IntentStatus.UNKNOWN, side=Side.SELL, phase=Phase.EXIT))
        assert bounds(earlier(an_order(), leave)) == [(SYMBOL, 130, 0, 130)]

    def test_an_order_that_was_refused_claims_nothing(self) -> None:
        assert earlier(an_order(IntentStatus.REFUSED), an_order(IntentStatus.EXPIRED)).claims == []

    def test_a_run_is_in_flight_until_its_last_order_has_an_end(self) -> None:
        assert earlier(an_order(), an_order(IntentStatus.UNKNOWN, leg=2)).is_in_flight
        assert not earlier(an_order(), lost(an_order(IntentStatus.UNKNOWN, leg=2))).is_in_flight


class TestLeft:
    @pytest.mark.parametrize(
        ("claim", "beyond", "held"),
        [
            (a_claim(0, 130), 130, 130),
            (a_claim(0, 130), 200, 130),
            (a_claim(0, 130), 65, 65),
            (a_claim(0, 130), 0, 0),
            (a_claim(0, 130), -65, 0),
            (a_claim(-130, 0), -130, -130),
            (a_claim(-130, 0), -195, -130),
            (a_claim(-130, 0), 65, 0),
        ],
    )
    def test_a_broker_has_no_more_of_a_claim_than_was_claimed_and_than_it_shows(
        self, claim: Claim, beyond: int, held: int
    ) -> None:
        assert [one.held for one in left_of([claim], {(SYMBOL, "NRML"): beyond})] == [held]

    def test_a_contract_that_the_broker_does_not_list_is_gone(self) -> None:
        assert [one.held for one in left_of([a_claim(0, 130)], {})] == [0]

    def test_of_two_runs_that_claim_the_same_the_later_has_it(self) -> None:
        before = a_claim(0, 65, run_id="spread-20261120", day=date(2026, 11, 20))
        found = left_of([before, a_claim(0, 130)], {(SYMBOL, "NRML"): 130})
        assert {one.run_id: one.held for one in found} == {"spread-20261123": 130, "spread-20261120": 0}

    @given(
        st.lists(st.tuples(st.sampled_from(["X", "Y"]), st.integers(1, 500)), max_size=6),
        st.dictionaries(st.sampled_from(["X", "Y"]), st.integers(-1500, 1500)),
        st.booleans(),
    )
    def test_of_what_is_claimed_on_one_side_as_much_is_held_as_there_is(
        self, claimed: list[tuple[str, int]], beyond: dict[str, int], is_short: bool
    ) -> None:
        claims = [a_claim(-most if is_short else 0, 0 if is_short else most, symbol=name) for name, most in claimed]
        found = left_of(claims, {(name, "NRML"): units for name, units in beyond.items()})
        for name in {name for name, _ in claimed}:
            held = [one.held for one in found if one.symbol == name]
            there = max(0, -beyond.get(name, 0) if is_short else beyond.get(name, 0))
            assert abs(sum(held)) == min(there, sum(most for other, most in claimed if other == name))
            assert all(units <= 0 if is_short else units >= 0 for units in held)


class TestGone:
    LEFT = Leftover("spread-20261123", TICK.date, SYMBOL, "NRML", 130, 0)

    def test_it_is_gone_since_it_was_first_missing(self) -> None:
        first = self.LEFT.after(None, NEXT_DAY)
        assert first.gone_since == NEXT_DAY
        assert self.LEFT.after(first, NEXT_DAY + timedelta(minutes=5)).gone_since == NEXT_DAY

    def test_what_is_seen_again_is_not_gone(self) -> None:
        gone = self.LEFT.after(None, NEXT_DAY)
        assert replace(self.LEFT, held=65).after(gone, NEXT_DAY).gone_since is None

    @pytest.mark.parametrize(
        "now",
        [
            datetime.combine(NEXT_DAY.date(), SHOWN_FROM, NEXT_DAY.tzinfo) - timedelta(seconds=1),
            at("12:00", "2026-11-28"),
            at("12:00", "2026-11-29"),
        ],
    )
    def test_before_the_open_and_on_weekends_nothing_is_gone(self, now: datetime) -> None:
        assert self.LEFT.after(None, now).gone_since is None


class TestEnds:
    @pytest.mark.parametrize("status", sorted(IN_FLIGHT))
    def test_every_order_in_flight_has_an_end_that_may_be_recorded(self, status: IntentStatus) -> None:
        ended = end_of(an_order(status))
        assert ended.status in FINAL
        assert ended.status in TRANSITIONS[status]

    def test_what_was_never_claimed_was_never_sent(self) -> None:
        ended = end_of(an_order(IntentStatus.PLANNED))
        assert (ended.status, ended.reason) == (IntentStatus.MISSED, "not sent: nobody claimed it on its day")

    def test_what_was_known_stays(self) -> None:
        partial = an_order(
            IntentStatus.PARTLY_FILLED, filled_quantity=65, average_price=Decimal(99), broker_order_id="B1", reason="r"
        )
        ended = end_of(partial)
        assert ended.reason == f"{NOBODY_KNOWS}; last it was partly_filled: r"
        assert (ended.filled_quantity, ended.average_price, ended.broker_order_id) == (65, Decimal(99), "B1")


class TestVerdicts:
    def test_a_run_with_an_order_that_nobody_knows_of_is_unresolved(self) -> None:
        verdict = judge_earlier([an_order(), lost(an_order(IntentStatus.UNKNOWN, leg=2))])
        assert verdict.status is RunStatus.UNRESOLVED
        assert verdict.reason.startswith(f"leg 2 (BUY {SYMBOL} at zerodha-one): {NOBODY_KNOWS}")

    def test_an_order_that_is_still_looked_for_leaves_it_unresolved(self) -> None:
        assert judge_earlier([an_order(IntentStatus.UNKNOWN)]).status is RunStatus.UNRESOLVED

    def test_a_run_that_nothing_closed_on_its_day_is_incomplete(self) -> None:
        assert judge_earlier([an_order()]).status is RunStatus.INCOMPLETE

    def test_a_run_whose_orders_all_ended_is_judged_by_them(self) -> None:
        assert judge_earlier([an_order(IntentStatus.MISSED)]).status is RunStatus.MISSED
        assert judge_earlier([an_order(), an_order(side=Side.SELL, phase=Phase.EXIT)]).status is RunStatus.FLAT

    def test_a_run_of_which_the_broker_has_nothing_is_flat_and_says_how_it_was(self) -> None:
        verdict = without_anything(earlier(an_order()), NEXT_DAY)
        assert verdict.status is RunStatus.FLAT
        assert verdict.reason == (
            "nothing of it is left at the broker, seen on 24 Nov 2026 at 09:16: it was closed by hand, expired or was "
            "settled; it was incomplete: still open"
        )

    def test_a_run_that_died_before_it_had_orders_entered_nothing(self) -> None:
        verdict = without_anything(earlier(status=RunStatus.PREPARING, reason="choosing contracts"), NEXT_DAY)
        assert (verdict.status, verdict.reason) == (
            RunStatus.REFUSED,
            "nothing was entered; it was preparing: choosing contracts",
        )

    def test_a_run_whose_orders_leave_nothing_is_what_they_say(self) -> None:
        closed = earlier(an_order(), an_order(side=Side.SELL, phase=Phase.EXIT))
        assert without_anything(closed, NEXT_DAY) == judge_earlier(closed.orders)

    def test_legs_that_cancel_each_other_leave_nothing(self) -> None:
        verdict = without_anything(earlier(an_order(), an_order(leg=2, side=Side.SELL)), NEXT_DAY)
        assert (verdict.status, verdict.reason) == (
            RunStatus.FLAT,
            "its orders leave nothing open; it was incomplete: still open",
        )
