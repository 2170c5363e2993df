"""A difference is told once when it persists, and its end is told once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from lambdas.domain.compared import (
    ACTIVE_FOR,
    EVERY,
    MOST_STRANGERS,
    Compared,
    is_due,
    never_compared,
    remember,
    untold,
)
from lambdas.domain.comparison import Comparison, Difference, DifferenceKind, Stranger, StrangerKind
from lambdas.domain.earlier import Leftover
from lambdas.domain.intents import Order
from tests.doubles.examples import TICK, TIMING, USER, an_order, at

NOON = at("12:00")
MINUTE = timedelta(minutes=1)
NEVER = never_compared(USER, "zerodha-one", NOON)
HELD = Difference(DifferenceKind.NOT_HELD, "NIFTY24500CE/MIS", "the runs hold -130, the broker has +0")
DIFFERS = Comparison((HELD,), ())
AGREES = Comparison((), ())


def minutes(*found: Comparison, step: timedelta = MINUTE) -> tuple[Compared, list[str], list[str]]:
    """What is remembered after comparisons a minute apart, and what was told and gone, as `minute:what`."""
    compared, told, gone = NEVER, [], []
    for number, one in enumerate(found):
        taken = remember(compared, one, NOON + number * step)
        compared = taken.after
        told += [f"{number}:{difference.difference.kind}" for difference in taken.tell]
        gone += [f"{number}:{difference.difference.kind}" for difference in taken.gone]
    return compared, told, gone


def test_a_difference_is_told_once_when_it_is_seen_again_a_minute_later() -> None:
    compared, told, gone = minutes(DIFFERS, DIFFERS, DIFFERS, DIFFERS)
    assert (told, gone) == (["1:not_held"], [])
    (one,) = compared.differences
    assert (one.first_seen, one.last_seen, one.told) == (NOON, NOON + 3 * MINUTE, True)


def test_what_is_seen_twice_within_a_minute_is_not_told() -> None:
    assert minutes(DIFFERS, DIFFERS, step=timedelta(seconds=59))[1] == []


def test_what_passes_by_itself_is_never_told() -> None:
    compared, told, gone = minutes(DIFFERS, AGREES)
    assert (told, gone, compared.differences) == ([], [], ())


def test_the_end_of_what_was_told_is_told_once() -> None:
    compared, told, gone = minutes(DIFFERS, DIFFERS, AGREES, AGREES)
    assert (told, gone, compared.differences) == (["1:not_held"], ["2:not_held"], ())


def test_what_comes_back_begins_anew() -> None:
    assert minutes(DIFFERS, DIFFERS, AGREES, DIFFERS, DIFFERS)[1] == ["1:not_held", "4:not_held"]


def test_other_numbers_make_no_other_difference() -> None:
    other = Comparison((replace(HELD, what="the runs hold -130, the broker has -65"),), ())
    compared, told, _ = minutes(DIFFERS, other, other)
    assert told == ["1:not_held"]
    assert compared.differences[0].difference.what.endswith("-65")


def test_a_position_in_motion_keeps_its_difference_and_ends_it_not() -> None:
    compared, told, gone = minutes(DIFFERS, DIFFERS, Comparison((), (), frozenset({HELD.subject})))
    assert (told, gone) == (["1:not_held"], [])
    assert [one.last_seen for one in compared.differences] == [NOON + MINUTE]


def test_what_nobody_could_be_told_is_told_again() -> None:
    first = remember(NEVER, DIFFERS, NOON).after
    second = untold(remember(first, DIFFERS, NOON + MINUTE))
    third = remember(second, DIFFERS, NOON + 2 * MINUTE)
    assert (second.version, [one.difference for one in third.tell]) == (3, [HELD])


def test_an_end_that_nobody_could_be_told_is_told_again() -> None:
    told = minutes(DIFFERS, DIFFERS)[0]
    kept = untold(remember(told, AGREES, NOON + 2 * MINUTE))
    assert [one.difference for one in remember(kept, AGREES, NOON + 3 * MINUTE).gone] == [HELD]


def test_a_new_day_knows_nothing_of_yesterdays_differences() -> None:
    compared = minutes(DIFFERS, DIFFERS)[0]
    assert compared.on(NOON.date()) == compared
    tomorrow = compared.on(NOON.date() + timedelta(days=1))
    assert (tomorrow.differences, tomorrow.at, tomorrow.version) == ((), None, 2)


def test_a_broker_that_cannot_be_read_changes_nothing_that_was_known() -> None:
    compared = minutes(DIFFERS, DIFFERS)[0]
    unread = compared.unread("connection refused", NOON + 2 * MINUTE)
    assert unread == replace(compared, version=3, tried_at=NOON + 2 * MINUTE, unreadable="connection refused")
    assert remember(unread, DIFFERS, NOON + 3 * MINUTE).after.unreadable == ""


def test_strangers_are_remembered_up_to_a_number() -> None:
    strangers = tuple(Stranger(StrangerKind.ORDER, "X", 1, str(number)) for number in range(MOST_STRANGERS + 1))
    assert remember(NEVER, Comparison((), strangers), NOON).after.strangers == strangers[:MOST_STRANGERS]


LEFT = Leftover("spread-20261120", date(2026, 11, 20), "NIFTY24500CE", "NRML", 130, 130)
HAS_IT = Comparison((), (), earlier=(LEFT,))
HAS_NOTHING = Comparison((), (), earlier=(replace(LEFT, held=0),))


class TestEarlierDays:
    @staticmethod
    def told(*found: Comparison) -> list[int]:
        """The minutes in which a leftover is told."""
        compared, minutes = NEVER, []
        for number, one in enumerate(found):
            step = remember(compared, one, NOON + number * MINUTE)
            compared = step.after
            minutes += [number] * len(step.left)
        return minutes

    def test_what_is_left_is_told_at_once_and_once_a_day(self) -> None:
        assert self.told(HAS_IT, HAS_IT, HAS_NOTHING, HAS_IT) == [0]
        step = remember(NEVER, HAS_IT, NOON)
        tomorrow = NOON + timedelta(days=1)
        assert [one.held for one in remember(step.after.on(tomorrow.date()), HAS_IT, tomorrow).left] == [130]

    def test_what_the_broker_has_nothing_of_is_not_told(self) -> None:
        assert self.told(HAS_NOTHING, HAS_NOTHING) == []

    def test_what_nobody_could_be_told_is_told_again(self) -> None:
        again = remember(untold(remember(NEVER, HAS_IT, NOON)), HAS_IT, NOON + MINUTE)
        assert [one.key for one in again.left] == [LEFT.key]

    def test_nothing_is_left_of_a_run_when_it_is_missing_for_a_while(self) -> None:
        first = remember(NEVER, HAS_NOTHING, NOON).after
        assert not first.has_nothing_of(LEFT.run_id)
        assert not first.unread("connection refused", NOON + MINUTE).has_nothing_of(LEFT.run_id)
        second = remember(first, HAS_NOTHING, NOON + MINUTE).after
        assert second.has_nothing_of(LEFT.run_id)
        assert not second.has_nothing_of("another-20261120")

    def test_one_contract_that_is_there_keeps_the_run(self) -> None:
        both = Comparison((), (), earlier=(replace(LEFT, held=0), replace(LEFT, symbol="NIFTY24700CE")))
        compared = remember(remember(NEVER, both, NOON).after, both, NOON + MINUTE).after
        assert not compared.has_nothing_of(LEFT.run_id)

    def test_a_position_in_motion_leaves_it_as_it_was(self) -> None:
        first = remember(NEVER, HAS_IT, NOON).after
        moving = Comparison((), (), moving=frozenset({"NIFTY24500CE/NRML"}))
        assert remember(first, moving, NOON + MINUTE).after.earlier == first.earlier

    def test_a_run_that_is_over_is_forgotten(self) -> None:
        first = remember(NEVER, HAS_IT, NOON).after
        assert remember(first, AGREES, NOON + MINUTE).after.earlier == ()


class TestDue:
    @staticmethod
    def due(before: Compared | None, orders: Sequence[Order], now: datetime, *, has_open_runs: bool = False) -> bool:
        sent_before = now - TIMING.confirm
        return is_due(before, orders, has_open_runs=has_open_runs, sent_before=sent_before, now=now)

    def test_an_account_without_orders_is_not(self) -> None:
        assert not self.due(None, [], NOON)

    def test_one_with_an_order_of_late_is_each_minute(self) -> None:
        order = an_order()
        compared = minutes(AGREES)[0]
        last = order.intent.not_after + ACTIVE_FOR
        for before in (None, replace(compared, tried_at=last - MINUTE)):
            assert self.due(before, [order], last)
            assert not self.due(before, [order], last + timedelta(seconds=1))

    def test_one_with_an_open_run_is_every_few_minutes(self) -> None:
        compared = replace(NEVER, version=1)
        assert self.due(None, [an_order()], NOON, has_open_runs=True)
        assert self.due(compared, [an_order()], NOON + EVERY - timedelta(seconds=10), has_open_runs=True)
        assert not self.due(compared, [an_order()], NOON + EVERY - MINUTE, has_open_runs=True)

    def test_one_that_differs_is_each_minute(self) -> None:
        compared = minutes(DIFFERS)[0]
        assert self.due(compared, [], NOON + MINUTE)

    @pytest.mark.parametrize("before", [None, NEVER, minutes(DIFFERS)[0]])
    def test_one_with_orders_on_their_way_is_left_to_those_who_follow_them(self, before: Compared | None) -> None:
        order = an_order(intended_at=TICK, not_after=NOON)
        assert not self.due(before, [order], NOON + timedelta(seconds=10), has_open_runs=True)

    def test_but_not_for_ever(self) -> None:
        order = an_order(not_after=NOON + EVERY)
        assert self.due(NEVER, [order], NOON + EVERY)
