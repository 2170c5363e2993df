"""When a strategy runs next, and what is said of the days on which it does not."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.domain.moments import IST, WEEKDAYS
from lambdas.domain.strategy import Schedule
from lambdas.domain.trading_calendar import SessionRule, TradingCalendar
from lambdas.domain.upcoming import HORIZON_DAYS, ComingDay, coming_days, next_run
from tests.doubles.examples import at
from tests.unit.use_cases.scene import CALENDAR

TUESDAY = at("08:00", "2026-11-17")
MUHURAT = date(2026, 11, 8)
ALL_WEEK = ("MON", "TUE", "WED", "THU", "FRI")


def a_schedule(*weekdays: str, **changes: Any) -> Schedule:
    return Schedule.model_validate({"weekdays": weekdays, "entry": "09:20", "exit": "15:15", **changes})


def coming(schedule: Schedule, now: datetime = TUESDAY, *changes: DayChange, **options: Any) -> dict[str, ComingDay]:
    """The rows by date."""
    rows = coming_days(schedule, CALENDAR.with_changes(changes), now, **options)
    assert rows == sorted(rows, key=lambda row: row.date)
    return {str(row.date): row for row in rows}


def changed(day: str, kind: ChangeKind, name: str, opens: str | None = None, closes: str | None = None) -> DayChange:
    hours = (time.fromisoformat(hhmm) if hhmm else None for hhmm in (opens, closes))
    return DayChange(date.fromisoformat(day), kind, name, *hours)


def test_the_next_five_runs_with_their_times() -> None:
    rows = coming(a_schedule("MON", "THU"))
    assert list(rows) == ["2026-11-19", "2026-11-23", "2026-11-26", "2026-11-30", "2026-12-03"]
    assert all(row.runs for row in rows.values())
    assert rows["2026-11-19"] == ComingDay(
        date(2026, 11, 19), True, at("09:20", "2026-11-19"), at("15:15", "2026-11-19"), "regular session"
    )


def test_as_many_runs_as_are_asked_for() -> None:
    assert sum(row.runs for row in coming(a_schedule(*ALL_WEEK), runs=12).values()) == 12
    assert len(coming(a_schedule("MON"), runs=1)) == 1


def test_a_holiday_is_named_and_counts_as_no_run() -> None:
    rows = coming(a_schedule("TUE"))
    assert list(rows) == ["2026-11-17", "2026-11-24", "2026-12-01", "2026-12-08", "2026-12-15", "2026-12-22"]
    holiday = rows["2026-11-24"]
    assert holiday == ComingDay(date(2026, 11, 24), False, None, None, "holiday: Guru Nanak Jayanti")


def test_a_holiday_on_a_weekday_that_is_not_asked_for_is_left_out() -> None:
    assert "2026-11-24" not in coming(a_schedule("MON"))


def test_a_holiday_that_an_operator_entered_is_named_too() -> None:
    closed = changed("2026-11-19", ChangeKind.HOLIDAY, "Election")
    assert coming(a_schedule("THU"), TUESDAY, closed)["2026-11-19"].reason == "holiday: Election"


def test_each_weekday_has_its_own_times() -> None:
    times = [{"weekday": "FRI", "entry": "10:30", "exit": "14:00"}]
    rows = coming(a_schedule("THU", "FRI", days=times))
    assert (rows["2026-11-19"].entry, rows["2026-11-19"].exit) == (at("09:20", "2026-11-19"), at("15:15", "2026-11-19"))
    assert (rows["2026-11-20"].entry, rows["2026-11-20"].exit) == (at("10:30", "2026-11-20"), at("14:00", "2026-11-20"))


class TestTheNextRun:
    def test_is_the_first_date_that_enters_after_now(self) -> None:
        run = next_run(a_schedule("TUE"), CALENDAR, at("09:20", "2026-11-17"))
        # The entry of the 17th is past, and the 24th is a holiday.
        assert run is not None
        assert (run.date, run.entry) == (date(2026, 12, 1), at("09:20", "2026-12-01"))

    def test_knows_the_holidays_of_an_operator(self) -> None:
        closed = changed("2026-11-19", ChangeKind.HOLIDAY, "Election")
        run = next_run(a_schedule("THU"), CALENDAR.with_changes([closed]), TUESDAY)
        assert run is not None
        assert run.date == date(2026, 11, 26)

    def test_is_none_where_nothing_enters_before_the_calendar_ends(self) -> None:
        assert next_run(a_schedule("MON"), CALENDAR, at("09:20", "2026-12-28")) is None
        assert next_run(a_schedule("MON", entry="18:00", exit="19:00"), CALENDAR, TUESDAY) is None


class TestToday:
    @pytest.mark.parametrize(("now", "runs"), [("09:19:59", True), ("09:20", False), ("15:00", False)])
    def test_an_entry_that_is_past_is_no_coming_run(self, now: str, runs: bool) -> None:
        today = coming(a_schedule("MON"), at(now))["2026-11-23"]
        assert today.runs is runs
        assert today.reason == ("regular session" if runs else "today's entry at 09:20 is past")

    def test_today_is_today_in_india(self) -> None:
        monday_in_utc = datetime.fromisoformat("2026-11-23T19:00+00:00")
        assert next(iter(coming(a_schedule("MON"), monday_in_utc))) == "2026-11-30"


class TestSpecialSessions:
    SESSION = changed("2026-11-08", ChangeKind.SPECIAL_SESSION, "Muhurat trading", "18:00", "19:00")
    NOW = at("10:00", "2026-11-06")

    def test_a_strategy_that_does_not_trade_them_is_told_so(self) -> None:
        row = coming(a_schedule("MON"), self.NOW, self.SESSION)["2026-11-08"]
        assert row == ComingDay(
            MUHURAT,
            False,
            None,
            None,
            "special session: Muhurat trading; this strategy does not trade special sessions",
        )

    def test_one_that_trades_them_runs_on_a_sunday_too(self) -> None:
        schedule = a_schedule("MON", special_sessions=True, entry="18:05", exit="18:50")
        row = coming(schedule, self.NOW, self.SESSION)["2026-11-08"]
        assert (row.runs, row.reason) == (True, "special session: Muhurat trading")
        assert (row.entry, row.exit) == (at("18:05", "2026-11-08"), at("18:50", "2026-11-08"))

    def test_times_outside_the_session_say_what_it_is(self) -> None:
        row = coming(a_schedule("MON", special_sessions=True), self.NOW, self.SESSION)["2026-11-08"]
        assert not row.runs
        assert row.reason == (
            "the entry at 09:20 is outside this day's session, 18:00 to 19:00 (special session: Muhurat trading)"
        )

    def test_a_session_whose_hours_are_not_known_is_told_to_those_who_would_trade_it(self) -> None:
        row = coming(a_schedule("MON", special_sessions=True), self.NOW)["2026-11-08"]
        assert (row.runs, row.reason) == (False, "special session Muhurat trading: its hours are not entered yet")
        assert "2026-11-08" not in coming(a_schedule("MON"), self.NOW)

    def test_a_session_that_an_operator_cancelled_is_awaited_no_more(self) -> None:
        cancelled = changed("2026-11-08", ChangeKind.HOLIDAY, "No Muhurat trading")
        assert "2026-11-08" not in coming(a_schedule("MON", special_sessions=True), self.NOW, cancelled)

    def test_times_of_a_weekday_do_not_hold_in_a_special_session(self) -> None:
        session = changed("2026-11-23", ChangeKind.SPECIAL_SESSION, "Test session", "09:00", "16:00")
        times = [{"weekday": "MON", "entry": "10:30", "exit": "14:00"}]
        rows = coming(a_schedule("MON", days=times, special_sessions=True), TUESDAY, session)
        assert rows["2026-11-23"].entry == at("09:20")
        assert rows["2026-11-30"].entry == at("10:30", "2026-11-30")


class TestChangedHours:
    def test_an_exit_after_an_early_close_keeps_it_from_running(self) -> None:
        early = changed("2026-11-23", ChangeKind.HOURS, "Early close", "09:15", "13:00")
        row = coming(a_schedule("MON"), TUESDAY, early)["2026-11-23"]
        assert (row.runs, row.entry, row.exit) == (False, at("09:20"), at("15:15"))
        assert row.reason == (
            "the exit at 15:15 is outside this day's session, 09:15 to 13:00 "
            "(regular session at changed hours: Early close)"
        )

    @pytest.mark.parametrize(("close", "runs"), [("15:15", False), ("15:16", True)])
    def test_the_minute_of_the_close_is_too_late_for_an_exit(self, close: str, runs: bool) -> None:
        early = changed("2026-11-23", ChangeKind.HOURS, "Early close", "09:15", close)
        assert coming(a_schedule("MON"), TUESDAY, early)["2026-11-23"].runs is runs

    def test_a_late_open_keeps_an_early_entry_from_running(self) -> None:
        late = changed("2026-11-23", ChangeKind.HOURS, "Late open", "09:45", "15:40")
        row = coming(a_schedule("MON"), TUESDAY, late)["2026-11-23"]
        assert row.reason.startswith("the entry at 09:20 is outside this day's session, 09:45 to 15:40")


class TestTheEndOfTheCalendar:
    NOW = at("10:00", "2026-12-23")

    @pytest.mark.parametrize("weekdays", [("MON",), ALL_WEEK])
    def test_a_year_without_a_calendar_ends_the_list_and_says_why(self, weekdays: tuple[str, ...]) -> None:
        rows = coming(a_schedule(*weekdays), self.NOW, runs=20)
        assert list(rows)[-1] == "2027-01-01"
        assert rows["2027-01-01"] == ComingDay(
            date(2027, 1, 1), False, None, None, "no calendar for 2027: add its file before trading it"
        )

    def test_christmas_and_the_last_days_of_the_year_come_before_it(self) -> None:
        rows = coming(a_schedule(*ALL_WEEK), self.NOW, runs=20)
        assert [day for day, row in rows.items() if row.runs] == [f"2026-12-{day}" for day in (24, 28, 29, 30, 31)]
        assert rows["2026-12-25"].reason == "holiday: Christmas"

    def test_a_day_that_an_operator_entered_does_not_end_it(self) -> None:
        session = changed("2027-01-01", ChangeKind.SPECIAL_SESSION, "Test session", "09:00", "16:00")
        rows = coming(a_schedule("MON", special_sessions=True), self.NOW, session, runs=20)
        assert rows["2027-01-01"].runs
        assert list(rows)[-1] == "2027-01-02"

    def test_after_the_runs_that_were_asked_for_nothing_is_said_of_it(self) -> None:
        assert list(coming(a_schedule("MON"), self.NOW, runs=1)) == ["2026-12-28"]


def test_a_strategy_that_never_runs_has_rows_for_two_months_at_most() -> None:
    evening = a_schedule("MON", entry="18:00", exit="19:00")
    rows = coming(evening, at("10:00", "2026-06-01"))
    assert not any(row.runs for row in rows.values())
    assert max(row.date for row in rows.values()) < date(2026, 6, 1) + timedelta(days=HORIZON_DAYS)


def test_where_the_session_never_closes_every_year_is_known() -> None:
    calendar = TradingCalendar.from_documents(SessionRule.CONTINUOUS, [])
    rows = coming_days(a_schedule("MON"), calendar, at("10:00", "2031-01-01"))
    assert [row.date.weekday() for row in rows if row.runs] == [0] * 5


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(IST)),
    st.sets(st.sampled_from(ALL_WEEK), min_size=1),
    st.booleans(),
)
def test_what_runs_is_ahead_in_a_session_and_asked_for(now: datetime, weekdays: set[str], special: bool) -> None:
    schedule = a_schedule(*sorted(weekdays), special_sessions=special)
    for row in coming_days(schedule, CALENDAR, now):
        assert row.reason
        if row.runs:
            assert row.entry is not None
            assert row.exit is not None
            assert now < row.entry < row.exit
            day = CALENDAR.day(row.date)
            assert day.session_at(row.entry) == day.session_at(row.exit) is not None
            assert day.due_day in schedule.due_days
        else:
            assert row.reason != "regular session"


def test_no_wanted_date_is_passed_over_in_silence() -> None:
    rows = {row.date for row in coming_days(a_schedule(*ALL_WEEK), CALENDAR, at("08:00", "2026-03-02"), runs=20)}
    days = (date(2026, 3, 2) + timedelta(days=number) for number in range((max(rows) - date(2026, 3, 2)).days + 1))
    assert rows == {day for day in days if WEEKDAYS[day.weekday()] in ALL_WEEK}
