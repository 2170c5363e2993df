"""Ticks are data: exact at the edges of a minute, and what the plain wait gets wrong."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.moments import (
    IST,
    MINUTE,
    Tick,
    calculate_next_minute_wait_seconds,
    next_tick,
    tick_to_prepare,
    ticks_between,
    wait_timestamp,
)
from tests.doubles.examples import at

MICROSECOND = timedelta(microseconds=1)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda naive: naive.replace(tzinfo=UTC))


class TestTick:
    def test_a_tick_is_read_and_written_alike(self) -> None:
        assert str(Tick.parse("2026-11-23T09:20+05:30")) == "2026-11-23T09:20+05:30"
        assert str(Tick.parse("2026-11-23T09:20:07+05:30")) == "2026-11-23T09:20:07+05:30"

    def test_a_tick_of_another_zone_is_the_same_instant_in_ist(self) -> None:
        tick = Tick.parse("2026-11-22T20:00+00:00")
        assert tick == Tick.parse("2026-11-23T01:30+05:30")
        assert (tick.date.isoformat(), tick.hhmm, tick.weekday) == ("2026-11-23", "01:30", "MON")

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("2026-11-23T09:20", "has no offset; write it like"),
            ("2026-11-23T09:20:00.5+05:30", "has a fraction of a second"),
            ("nine twenty", "is not an instant like"),
            ("", "is not an instant like"),
        ],
    )
    def test_what_is_no_tick_says_why(self, text: str, reason: str) -> None:
        with pytest.raises(ValueError, match=reason):
            Tick.parse(text)

    def test_every_weekday_has_its_word(self) -> None:
        words = [Tick(at("09:20", f"2026-11-{day}")).weekday for day in range(23, 30)]
        assert words == ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]

    @given(INSTANTS)
    def test_every_whole_second_survives_being_written(self, instant: datetime) -> None:
        tick = Tick(instant.replace(microsecond=0))
        assert Tick.parse(str(tick)) == tick


class TestNextTick:
    @pytest.mark.parametrize(
        ("now", "expected"),
        [
            ("09:19:59.999999", "09:20"),
            ("09:20:00.000000", "09:21"),
            ("09:20:00.000001", "09:21"),
            ("09:20:59.900000", "09:21"),
            ("09:59:59.999999", "10:00"),
        ],
    )
    def test_the_next_minute_is_exact_to_the_microsecond(self, now: str, expected: str) -> None:
        assert next_tick(at(now)) == Tick(at(expected))

    def test_the_next_minute_may_be_on_the_next_day(self) -> None:
        assert next_tick(at("23:59:59.999999")).date.isoformat() == "2026-11-24"

    @given(INSTANTS)
    def test_the_next_minute_is_whole_later_and_at_most_a_minute_away(self, now: datetime) -> None:
        tick = next_tick(now).instant
        assert (tick.second, tick.microsecond) == (0, 0)
        assert timedelta(0) < tick - now <= MINUTE


class TestTickToPrepare:
    LEAD = timedelta(seconds=15)

    @pytest.mark.parametrize(
        ("now", "expected"),
        [("09:19:44.999999", "09:20"), ("09:19:45", "09:20"), ("09:19:45.000001", "09:21"), ("09:20:00", "09:21")],
    )
    def test_a_minute_is_prepared_until_its_lead_begins(self, now: str, expected: str) -> None:
        assert tick_to_prepare(at(now), self.LEAD) == Tick(at(expected))

    @given(INSTANTS)
    def test_there_is_always_the_whole_lead_left(self, now: datetime) -> None:
        left = tick_to_prepare(now, self.LEAD).instant - now
        assert self.LEAD <= left < self.LEAD + MINUTE


class TestTicksBetween:
    def test_the_minutes_strictly_between_two_ticks(self) -> None:
        found = ticks_between(Tick(at("09:20")), Tick(at("09:24")))
        assert [tick.hhmm for tick in found] == ["09:21", "09:22", "09:23"]

    @pytest.mark.parametrize(("after", "before"), [("09:20", "09:21"), ("09:20", "09:20"), ("09:21", "09:20")])
    def test_neighbours_have_nothing_between_them(self, after: str, before: str) -> None:
        assert ticks_between(Tick(at(after)), Tick(at(before))) == ()

    def test_ticks_off_the_minute_count_whole_minutes_only(self) -> None:
        found = ticks_between(Tick(at("09:20:30")), Tick(at("09:22:10")))
        assert [tick.hhmm for tick in found] == ["09:21", "09:22"]


class TestWaitTimestamp:
    def test_the_wait_is_told_in_utc_and_whole_seconds(self) -> None:
        assert wait_timestamp(at("09:19:45")) == "2026-11-23T03:49:45Z"

    @given(INSTANTS)
    def test_a_wait_never_wakes_late(self, instant: datetime) -> None:
        woken = datetime.fromisoformat(wait_timestamp(instant))
        assert timedelta(0) <= instant - woken < timedelta(seconds=1)


class TestWaitSeconds:
    """The plain formula, its values and its known weaknesses."""

    @pytest.mark.parametrize(("second", "wait"), [(0, 60), (1, 59), (30, 30), (59, 1)])
    def test_whole_seconds_wait_for_the_next_minute(self, second: int, wait: int) -> None:
        now = at(f"09:19:{second:02}")
        assert calculate_next_minute_wait_seconds(now) == wait
        assert now + timedelta(seconds=wait) == next_tick(now).instant

    def test_weakness_the_fraction_of_a_second_makes_it_late(self) -> None:
        now = at("09:19:59.9")
        woken = now + timedelta(seconds=calculate_next_minute_wait_seconds(now))
        assert woken - next_tick(now).instant == timedelta(milliseconds=900)

    def test_weakness_called_a_moment_after_the_minute_it_waits_for_the_one_after(self) -> None:
        early, late = at("09:19:59.999999"), at("09:20:00")
        assert late - early == MICROSECOND
        assert calculate_next_minute_wait_seconds(late) - calculate_next_minute_wait_seconds(early) == 59
        assert next_tick(early).hhmm == "09:20"

    @given(INSTANTS)
    def test_it_is_never_early_never_a_second_late_and_never_zero(self, now: datetime) -> None:
        wait = calculate_next_minute_wait_seconds(now.astimezone(IST))
        assert 1 <= wait <= 60
        late = now + timedelta(seconds=wait) - next_tick(now).instant
        assert timedelta(0) <= late < timedelta(seconds=1)
