"""The times at which orders were sent: no order is lost between buckets, percentiles are offsets that occurred."""

from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.send_times import EDGES_MS, Bucket, send_times

OFFSETS = st.lists(st.floats(-1_000, 100_000), max_size=60)


def test_a_bucket_holds_its_begin_and_not_its_end() -> None:
    told = [bucket for bucket in send_times([-0.1, 0, 0.9, 1, 4999.9, 5000]).buckets if bucket.orders]
    assert told == [
        Bucket(None, 0, 1),
        Bucket(0, 1, 2),
        Bucket(1, 2, 1),
        Bucket(1_000, 5_000, 1),
        Bucket(5_000, None, 1),
    ]


def test_percentiles_are_by_nearest_rank() -> None:
    times = send_times(range(1, 201))
    assert (times.p50_ms, times.p99_ms, times.max_ms) == (100, 198, 200)


def test_where_nothing_was_sent_no_number_is_told() -> None:
    times = send_times([])
    assert (times.orders, times.p50_ms, times.p99_ms, times.max_ms) == (0, None, None, None)
    assert sum(bucket.orders for bucket in times.buckets) == 0


@given(OFFSETS)
def test_every_offset_is_in_the_one_bucket_around_it(offsets: list[float]) -> None:
    times = send_times(offsets)
    for bucket in times.buckets:
        begin = float("-inf") if bucket.from_ms is None else bucket.from_ms
        end = float("inf") if bucket.to_ms is None else bucket.to_ms
        assert bucket.orders == sum(begin <= offset < end for offset in offsets)
    assert sum(bucket.orders for bucket in times.buckets) == times.orders == len(offsets)
    assert len(times.buckets) == len(EDGES_MS) + 1


@given(OFFSETS.filter(bool))
def test_as_many_as_a_percentile_says_are_no_later(offsets: list[float]) -> None:
    times = send_times(offsets)
    for percent, told in ((50, times.p50_ms), (99, times.p99_ms), (100, times.max_ms)):
        assert told in offsets
        assert sum(offset <= told for offset in offsets) * 100 >= percent * len(offsets)
