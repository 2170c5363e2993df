from datetime import datetime, timedelta

from bench.offsets import (
    COLUMNS,
    Sample,
    SentOrder,
    baseline_offsets,
    first_offsets,
    last_acknowledgements,
    sent_offsets,
    waves,
)
from lambdas.domain.moments import IST, MINUTE

T = datetime(2026, 11, 23, 9, 20, tzinfo=IST)


def after(milliseconds: float, minute: datetime = T) -> datetime:
    return minute + timedelta(milliseconds=milliseconds)


def order(side: str, sent: float | None, *, account: str = "one", run: str = "r", tag: str = "t") -> SentOrder:
    at = None if sent is None else after(sent)
    answered = None if sent is None else after(sent + 5)
    return SentOrder(tag, run, "entry", account, side, T, at, answered)


def test_sells_beside_buys_of_their_run_and_account_are_the_second_wave() -> None:
    buy, sell, other = order("BUY", 1), order("SELL", 20), order("SELL", 2, account="two")
    assert waves([sell, buy, other]) == ([buy, other], [sell])


def test_a_run_that_only_sells_does_so_at_second_0() -> None:
    buy, sell = order("BUY", 1, run="a"), order("SELL", 1, run="b")
    assert waves([buy, sell]) == ([buy, sell], [])


def test_only_the_first_order_of_each_account_counts_as_first() -> None:
    orders = [order("BUY", 3), order("BUY", 1), order("BUY", 2, account="two"), order("BUY", None, account="two")]
    assert sorted(first_offsets(orders)) == [1.0, 2.0]


def test_arrivals_replace_what_was_recorded() -> None:
    orders = [order("BUY", 1, tag="a"), order("BUY", 2, tag="b"), order("BUY", 2, tag="never arrived")]
    assert first_offsets(orders, {("one", "a"): after(9), ("one", "b"): after(8)}) == (8.0,)


def test_an_order_that_was_not_sent_has_no_offset() -> None:
    assert sent_offsets([order("BUY", None), order("BUY", 1.5)]) == (1.5,)


def test_the_last_acknowledgement_of_a_minute() -> None:
    assert last_acknowledgements([order("BUY", 1), order("SELL", 20), order("BUY", None)]) == (25.0,)


def test_an_instant_belongs_to_its_nearest_minute() -> None:
    minutes = [T, T + MINUTE]
    assert baseline_offsets([after(-4), after(900, T + MINUTE)], minutes) == (-4.0, 900.0)


def test_a_minute_is_hit_once_and_a_skipped_one_is_lost() -> None:
    minutes = [T, T + MINUTE, T + 2 * MINUTE]
    hits = baseline_offsets([after(800), after(100), after(5, T + 2 * MINUTE), after(1, T + 9 * MINUTE)], minutes)
    assert hits == (100.0, 5.0)
    assert Sample("loop", len(minutes), hits).lost == 1


def test_a_row_counts_early_and_lost() -> None:
    row = dict(zip(COLUMNS, Sample("loop", 4, (-1.0, 2.0, 3.0)).row(), strict=True))
    assert (row["n"], row["p50"], row["max"], row["min"]) == ("3", "2.00", "3.00", "-1.00")
    assert (row["early"], row["lost"]) == ("1", "1")


def test_a_row_of_nothing_is_all_lost() -> None:
    assert Sample("loop", 4, ()).row() == ("loop", "0", "–", "–", "–", "–", "–", "4")
