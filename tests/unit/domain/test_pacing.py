"""No window of one second ever holds more orders than the broker takes."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.pacing import Pacer
from tests.doubles.examples import at

START = at("09:20")
SECOND = timedelta(seconds=1)


@given(st.integers(1, 12), st.lists(st.integers(0, 700_000), min_size=1, max_size=60))
def test_never_more_than_the_limit_in_any_second(per_second: int, gaps: list[int]) -> None:
    pacer, now, slots = Pacer(per_second), START, []
    for gap in gaps:
        now += timedelta(microseconds=gap)
        slot = pacer.reserve(now)
        assert slot >= now
        slots.append(slot)
    assert slots == sorted(slots)
    for start in slots:
        assert len([slot for slot in slots if start <= slot < start + SECOND]) <= per_second


def test_what_fits_below_the_limit_goes_at_once() -> None:
    pacer = Pacer(10)
    assert [pacer.reserve(START) for _ in range(10)] == [START] * 10


def test_what_does_not_fit_waits_no_longer_than_it_must() -> None:
    pacer = Pacer(3)
    slots = [pacer.reserve(START) - START for _ in range(9)]
    assert slots == [timedelta(0)] * 3 + [SECOND] * 3 + [2 * SECOND] * 3


def test_a_pause_frees_the_window() -> None:
    pacer = Pacer(2)
    for _ in range(2):
        pacer.reserve(START)
    later = START + SECOND
    assert [pacer.reserve(later) for _ in range(2)] == [later, later]


@given(st.lists(st.integers(0, 3_000_000), min_size=2, max_size=20))
def test_one_a_second_is_one_a_second(gaps: list[int]) -> None:
    pacer, now, slots = Pacer(1), START, []
    for gap in gaps:
        now += timedelta(microseconds=gap)
        slots.append(pacer.reserve(now))
    assert all(later - earlier >= SECOND for earlier, later in pairwise(slots))


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1, got 0"):
        Pacer(0)
