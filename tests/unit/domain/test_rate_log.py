"""No window of a broker's limit ever holds more calls than it allows."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.rate_log import JITTER, DayUsedUp, RateLimit, RateLog
from tests.doubles.examples import at

START = at("09:20")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
WINDOW = SECOND + JITTER
TEN = [RateLimit("orders", 10, SECOND)]


@given(
    st.integers(1, 6),
    st.integers(6, 15),
    st.lists(st.tuples(st.integers(0, 2_000_000), st.integers(-3_000_000, 3_000_000)), min_size=1, max_size=50),
)
def test_no_window_holds_more_than_its_limit_whatever_is_reserved_ahead(
    per_second: int, per_minute: int, calls: list[tuple[int, int]]
) -> None:
    limits = [RateLimit("orders", per_second, SECOND), RateLimit("orders", per_minute, MINUTE)]
    log, now, taken = RateLog(), START, []
    for gap, ahead in calls:
        now += timedelta(microseconds=gap)
        wanted = now + max(timedelta(0), timedelta(microseconds=ahead))
        (instant,), log = log.reserve(limits, wanted)
        assert instant >= wanted
        taken.append(instant)
    for limit in limits:
        assert limit.span is not None
        for first in taken:
            assert sum(first <= other < first + limit.span for other in taken) <= limit.calls


@given(st.lists(st.integers(0, 700_000), min_size=1, max_size=60))
def test_nobody_waits_longer_than_the_limit_asks(gaps: list[int]) -> None:
    """In order of time, the n-th call goes at once or exactly a window after the one `calls` before it."""
    log, now = RateLog(), START
    taken: list[datetime] = []
    for gap in gaps:
        now += timedelta(microseconds=gap)
        (instant,), log = log.reserve(TEN, now)
        earliest = max(now, taken[-10] + WINDOW) if len(taken) >= 10 else now
        assert instant == earliest
        taken.append(instant)


def test_what_fits_goes_at_once_and_the_rest_in_the_next_windows() -> None:
    taken, _ = RateLog().reserve(TEN, START, 25)
    assert [instant - START for instant in taken] == [0 * WINDOW] * 10 + [WINDOW] * 10 + [2 * WINDOW] * 5


def test_a_call_before_a_reserved_burst_finds_no_room_beside_it() -> None:
    _, log = RateLog().reserve(TEN, START, 10)
    (instant,), _ = log.reserve(TEN, START - SECOND / 2)
    assert instant == START + WINDOW


def test_a_call_long_before_a_reserved_burst_goes_at_once() -> None:
    _, log = RateLog().reserve(TEN, START, 10)
    (instant,), _ = log.reserve(TEN, START - 2 * SECOND)
    assert instant == START - 2 * SECOND


def test_buckets_do_not_see_each_other_and_shared_ones_do() -> None:
    one = [RateLimit("quotes", 1, SECOND)]
    (first,), log = RateLog().reserve(one, START)
    (order,), log = log.reserve(TEN, START)
    (second,), log = log.reserve(one, START)
    assert (first, order, second) == (START, START, START + WINDOW)


def test_a_lower_limit_in_the_same_bucket_leaves_room_for_those_with_a_higher_one() -> None:
    reads, orders = [RateLimit("calls", 6, SECOND)], [RateLimit("calls", 10, SECOND)]
    read, log = RateLog().reserve(reads, START, 7)
    ordered, log = log.reserve(orders, START, 4)
    assert [instant - START for instant in read] == [0 * WINDOW] * 6 + [WINDOW]
    assert [instant - START for instant in ordered] == [0 * WINDOW] * 4


def test_a_day_that_is_used_up_allows_nothing_and_takes_nothing() -> None:
    limits = [RateLimit("orders", 2, None)]
    _, log = RateLog().reserve(limits, START, 2)
    with pytest.raises(DayUsedUp, match=r"2 orders of the day 23 Nov are used up"):
        log.reserve(limits, START)
    (next_day,), _ = log.reserve(limits, START + timedelta(days=1))
    assert next_day == START + timedelta(days=1)


def test_a_day_ends_at_midnight_in_india() -> None:
    limits = [RateLimit("orders", 1, None)]
    _, log = RateLog().reserve(limits, at("23:59"))
    (later,), _ = log.reserve(limits, at("23:59") + MINUTE)
    assert later == at("23:59") + MINUTE


def test_a_shut_bucket_lets_nothing_through_until_it_opens() -> None:
    log = RateLog().shut(["orders"], START + 3 * SECOND).shut(["orders"], START + SECOND)
    (order,), _ = log.reserve(TEN, START)
    (quote,), _ = log.reserve([RateLimit("quotes", 1, SECOND)], START)
    assert (order, quote) == (START + 3 * SECOND, START)


def test_calls_that_happened_count_even_beyond_the_limit() -> None:
    log = RateLog().noted(["orders"], [START] * 12)
    (instant,), _ = log.reserve(TEN, START)
    assert instant == START + WINDOW


def test_pruning_changes_no_answer() -> None:
    limits = [*TEN, RateLimit("orders", 12, MINUTE)]
    _, log = RateLog().reserve(limits, START, 12)
    for later in (START + SECOND, START + 30 * SECOND, START + MINUTE, START + 2 * MINUTE):
        pruned = log.pruned(later, MINUTE)
        assert pruned.next_free(limits, later) == log.next_free(limits, later)
    assert log.pruned(START + 2 * MINUTE, MINUTE).instants == {}
    assert log.pruned(START + 2 * MINUTE, MINUTE).of_day == log.of_day


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="orders: calls must be at least 1, got 0"):
        RateLimit("orders", 0, SECOND)
