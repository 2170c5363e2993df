"""Which instants may be traded in 2026, and that nothing else may."""

import json
import warnings
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import exchange_calendars
import pytest
from hypothesis import given
from hypothesis import strategies as st

import shared_config
from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.domain.moments import IST
from lambdas.domain.trading_calendar import (
    SPECIAL,
    CalendarError,
    DayKind,
    MarketPhase,
    SessionRule,
    TradingCalendar,
)
from tests.doubles.examples import at

DOCUMENTS = [
    json.loads(file.read_text("utf-8"))
    for file in sorted((Path(shared_config.__file__).parent / "calendar").glob("*.json"))
]
EXCHANGE = TradingCalendar.from_documents(SessionRule.EXCHANGE, DOCUMENTS)
HOLIDAYS = [
    *("01-15", "01-26", "03-03", "03-26", "03-31", "04-03", "04-14", "05-01"),
    *("05-28", "06-26", "09-14", "10-02", "10-20", "11-10", "11-24", "12-25"),
]
BUDGET_DAY = date(2026, 2, 1)
MUHURAT = date(2026, 11, 8)
ALL_DAYS = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
RULES = st.sampled_from(SessionRule)


def a_special(day: str, opens: str, closes: str) -> DayChange:
    """A special session that an operator entered."""
    hours = (time.fromisoformat(opens), time.fromisoformat(closes))
    return DayChange(date.fromisoformat(day), ChangeKind.SPECIAL_SESSION, "Entered", *hours)


@st.composite
def a_change(draw: st.DrawFn) -> DayChange:
    """Any change of any day around 2026."""
    day = draw(st.dates(date(2025, 12, 1), date(2027, 2, 1)))
    kind = draw(st.sampled_from(ChangeKind))
    if kind is ChangeKind.HOLIDAY:
        return DayChange(day, kind, "Any")
    opens, closes = sorted(draw(st.lists(st.times(), min_size=2, max_size=2, unique=True)))
    return DayChange(day, kind, "Any", opens, closes)


@pytest.mark.parametrize("day", HOLIDAYS)
def test_every_holiday_of_2026_is_closed_and_named(day: str) -> None:
    found = EXCHANGE.day(date.fromisoformat(f"2026-{day}"))
    assert found.sessions == ()
    assert found.reason.startswith("holiday: ")
    assert len(found.reason) > len("holiday: ")


def test_the_file_has_no_other_holidays() -> None:
    closed_weekdays = [day for day in ALL_DAYS if day.weekday() < 5 and not EXCHANGE.day(day).sessions]
    assert [f"{day:%m-%d}" for day in closed_weekdays] == HOLIDAYS


def test_weekends_are_closed_except_for_special_sessions() -> None:
    open_weekends = [day for day in ALL_DAYS if day.weekday() >= 5 and EXCHANGE.day(day).sessions]
    assert open_weekends == [BUDGET_DAY]
    assert EXCHANGE.day(date(2026, 11, 22)).reason == "weekend"


def test_the_budget_sunday_has_normal_hours() -> None:
    (session,) = EXCHANGE.day(BUDGET_DAY).sessions
    assert (session.opens, session.closes) == (at("09:15", "2026-02-01"), at("15:30", "2026-02-01"))
    assert EXCHANGE.day(BUDGET_DAY).reason == "special session: Union Budget"


def test_muhurat_without_hours_is_closed_and_says_so() -> None:
    found = EXCHANGE.day(MUHURAT)
    assert found.sessions == ()
    assert "its hours are not entered yet" in found.reason


@pytest.mark.parametrize(
    ("day", "closes"),
    [("2026-01-01", "15:30"), ("2026-07-31", "15:30"), ("2026-08-03", "15:40"), ("2026-12-31", "15:40")],
)
def test_options_trade_ten_minutes_longer_since_3_august(day: str, closes: str) -> None:
    (session,) = EXCHANGE.day(date.fromisoformat(day)).sessions
    assert (session.opens, session.closes) == (at("09:15", day), at(closes, day))


@pytest.mark.parametrize(
    ("instant", "inside"),
    [("09:14:59.999999", False), ("09:15", True), ("15:39:59.999999", True), ("15:40", False), ("00:00", False)],
)
def test_a_session_is_half_open(instant: str, inside: bool) -> None:
    assert (EXCHANGE.day(date(2026, 11, 23)).session_at(at(instant)) is not None) is inside


@pytest.mark.parametrize("day", [date(2027, 1, 4), date(2025, 12, 31)])
def test_a_year_that_no_file_knows_fails_closed(day: date) -> None:
    found = EXCHANGE.day(day)
    assert found.sessions == ()
    assert found.reason == f"no calendar for {day.year}: add its file before trading it"


def test_without_any_file_nothing_is_a_trading_day() -> None:
    empty = TradingCalendar.from_documents(SessionRule.EXCHANGE, [])
    assert not any(empty.day(day).sessions for day in ALL_DAYS)


def test_a_day_before_the_first_known_hours_is_closed() -> None:
    document = {**DOCUMENTS[0], "hours": [{"from": "2026-08-03", "open": "09:15", "close": "15:40"}]}
    calendar = TradingCalendar.from_documents(SessionRule.EXCHANGE, [document])
    assert calendar.day(date(2026, 1, 2)).reason == "no trading hours known for 2026-01-02"


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2026, 11, 24), date(2031, 1, 1)])
def test_the_continuous_rule_never_closes(day: date) -> None:
    found = TradingCalendar(SessionRule.CONTINUOUS).day(day)
    midnight = datetime.combine(day, time(0), IST)
    assert found.session_at(midnight)
    assert found.session_at(midnight + timedelta(hours=24) - timedelta(microseconds=1))
    assert not found.session_at(midnight + timedelta(hours=24))
    assert "never closes" in found.reason


def row(day: str, name: str = "Named", **more: object) -> dict[str, object]:
    """A row of a calendar file."""
    return {"date": day, "name": name, **more}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"year": "soon"}, "calendar of an unnamed year: year 'soon' is not a number"),
        ({"special_sessions": None}, "calendar of 2026: special_sessions must be a list, if only an empty one"),
        ({"holidays": ["2026-01-15"]}, "calendar of 2026, holidays[1]: '2026-01-15' is not an object"),
        (
            {"hours": [{"from": "2026-01-01", "open": "9.15", "close": "15:30"}]},
            "calendar of 2026, hours[1]: '9.15' is not a time like 09:15",
        ),
        (
            {"hours": [{"from": "2026-01-01", "open": "15:30", "close": "15:30"}]},
            "calendar of 2026, hours[1]: close: 15:30 is not after the open at 15:30",
        ),
        (
            {"hours": [{"from": "2026-08-03", "open": "09:15", "close": close} for close in ("15:30", "15:40")]},
            "calendar of 2026, hours[2]: 2026-08-03 is also in hours[1]",
        ),
        (
            {"hours": [{"from": "2025-12-31", "open": "09:15", "close": "15:30"}]},
            "calendar of 2026, hours[1]: 2025-12-31 is not in 2026",
        ),
        ({"holidays": [row("2026-13-01")]}, "calendar of 2026, holidays[1]: '2026-13-01' is not a date: month"),
        ({"holidays": [row("20260115")]}, "calendar of 2026, holidays[1]: '20260115' is not a date like"),
        ({"holidays": [{"date": "2026-01-15"}]}, "calendar of 2026, holidays[1]: 'name' is missing"),
        ({"holidays": [row("2026-01-15", " ")]}, "calendar of 2026, holidays[1]: name: it must say what the day is"),
        ({"holidays": [row("2027-01-26")]}, "calendar of 2026, holidays[1]: 2027-01-26 is not in 2026"),
        (
            {"holidays": [row("2026-01-15"), row("2026-01-26"), row("2026-01-15")]},
            "calendar of 2026, holidays[3]: 2026-01-15 is also in holidays[1]",
        ),
        (
            {"special_sessions": [row("2026-12-25", open="18:00", close="19:00")]},
            "calendar of 2026, special_sessions[1]: 2026-12-25 is also in holidays[16]",
        ),
        (
            {"special_sessions": [row("2026-02-01", open="15:30", close="09:15")]},
            "calendar of 2026, special_sessions[1]: close: 09:15 is not after the open at 15:30",
        ),
        (
            {"special_sessions": [row("2026-02-01", open="09:15", close=None)]},
            "calendar of 2026, special_sessions[1]: open, close: one is given without the other",
        ),
        (
            {"special_sessions": [row("2026-02-01", open="09:15")]},
            "calendar of 2026, special_sessions[1]: 'close' is missing",
        ),
        ({"changed_hours": None}, "calendar of 2026: changed_hours must be a list, if only an empty one"),
        (
            {"changed_hours": [row("2026-11-28", open="09:15", close="13:00")]},
            "calendar of 2026, changed_hours[1]: 2026-11-28 is a weekend: it has no ordinary hours that could change",
        ),
        (
            {"changed_hours": [row("2026-11-24", open="09:15", close="13:00")]},
            "calendar of 2026, changed_hours[1]: 2026-11-24 is also in holidays[15]",
        ),
        (
            {"changed_hours": [row("2026-02-01", open="09:15", close="13:00")]},
            "calendar of 2026, changed_hours[1]: 2026-02-01 is also in special_sessions[1]",
        ),
        (
            {"changed_hours": [row("2026-11-25", open=None, close=None)]},
            "calendar of 2026, changed_hours[1]: open, close: changed hours need both",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_year_list_and_row(change: dict[str, object], told: str) -> None:
    with pytest.raises(CalendarError) as caught:
        TradingCalendar.from_documents(SessionRule.EXCHANGE, [{**DOCUMENTS[0], **change}])
    assert str(caught.value).startswith(told)


def test_a_list_that_is_missing_is_not_taken_for_an_empty_one() -> None:
    document = {name: value for name, value in DOCUMENTS[0].items() if name != "changed_hours"}
    with pytest.raises(CalendarError, match="calendar of 2026: changed_hours must be a list"):
        TradingCalendar.from_documents(SessionRule.EXCHANGE, [document])


def test_two_files_of_one_year_are_refused() -> None:
    with pytest.raises(CalendarError, match="calendar of 2026: there are two files of this year"):
        TradingCalendar.from_documents(SessionRule.EXCHANGE, [*DOCUMENTS, *DOCUMENTS])


def test_a_holiday_on_a_weekend_is_pointless_but_allowed() -> None:
    calendar = TradingCalendar.from_documents(SessionRule.EXCHANGE, [{**DOCUMENTS[0], "holidays": [row("2026-11-28")]}])
    assert calendar.day(date(2026, 11, 28)).reason == "holiday: Named"


def test_hours_changed_for_one_day_are_that_days_alone() -> None:
    early = row("2026-11-25", "Early close", open="09:30", close="13:00")
    calendar = TradingCalendar.from_documents(SessionRule.EXCHANGE, [{**DOCUMENTS[0], "changed_hours": [early]}])
    found = calendar.day(date(2026, 11, 25))
    (session,) = found.sessions
    assert (session.opens, session.closes) == (at("09:30", "2026-11-25"), at("13:00", "2026-11-25"))
    assert (found.kind, found.due_day) == (DayKind.REGULAR, "WED")
    assert found.reason == "regular session at changed hours: Early close"
    for other in (date(2026, 11, 23), date(2026, 11, 26)):
        assert calendar.day(other) == EXCHANGE.day(other)


class TestDueDays:
    @pytest.mark.parametrize(
        ("day", "kind", "due_day"),
        [
            ("2026-11-23", DayKind.REGULAR, "MON"),
            ("2026-11-27", DayKind.REGULAR, "FRI"),
            ("2026-11-24", DayKind.CLOSED, None),
            ("2026-11-28", DayKind.CLOSED, None),
            ("2026-02-01", DayKind.SPECIAL, SPECIAL),
            ("2026-11-08", DayKind.CLOSED, None),
            ("2027-01-04", DayKind.CLOSED, None),
        ],
    )
    def test_each_kind_of_day_has_its_word(self, day: str, kind: DayKind, due_day: str | None) -> None:
        found = EXCHANGE.day(date.fromisoformat(day))
        assert (found.kind, found.due_day) == (kind, due_day)

    def test_a_special_session_on_a_weekday_is_not_due_under_that_weekday(self) -> None:
        muhurat = row("2026-11-09", "Muhurat", open="18:00", close="19:00")
        calendar = TradingCalendar.from_documents(
            SessionRule.EXCHANGE, [{**DOCUMENTS[0], "special_sessions": [muhurat]}]
        )
        assert calendar.day(date(2026, 11, 9)).due_day == SPECIAL

    def test_where_the_session_never_closes_weekends_are_special(self) -> None:
        continuous = TradingCalendar(SessionRule.CONTINUOUS)
        words = [continuous.day(date(2026, 11, day)).due_day for day in range(23, 30)]
        assert words == ["MON", "TUE", "WED", "THU", "FRI", SPECIAL, SPECIAL]

    @given(day=st.dates(date(2025, 1, 1), date(2028, 1, 1)), changes=st.lists(a_change(), max_size=4), rule=RULES)
    def test_no_day_is_ever_due_as_a_saturday_or_sunday(
        self, day: date, changes: list[DayChange], rule: SessionRule
    ) -> None:
        found = replace(EXCHANGE, rule=rule).with_changes(changes).day(day)
        assert found.due_day in {"MON", "TUE", "WED", "THU", "FRI", SPECIAL, None}
        assert (found.due_day is None) is (found.sessions == ()) is (found.kind is DayKind.CLOSED)


class TestPhases:
    @pytest.mark.parametrize(
        ("text", "phase"),
        [
            ("08:59:59.999999", MarketPhase.CLOSED),
            ("09:00", MarketPhase.PRE_MARKET),
            ("09:14:59.999999", MarketPhase.PRE_MARKET),
            ("09:15", MarketPhase.REGULAR),
            ("15:39:59.999999", MarketPhase.REGULAR),
            ("15:40", MarketPhase.POST_MARKET),
            ("17:59:59.999999", MarketPhase.POST_MARKET),
            ("18:00", MarketPhase.CLOSED),
            ("00:00", MarketPhase.CLOSED),
        ],
    )
    def test_an_ordinary_day_is_set_up_traded_and_analysed(self, text: str, phase: MarketPhase) -> None:
        assert EXCHANGE.phase_at(at(text)) is phase

    @pytest.mark.parametrize(
        ("text", "phase"),
        [
            ("09:15", MarketPhase.CLOSED),
            ("17:44:59.999999", MarketPhase.CLOSED),
            ("17:45", MarketPhase.PRE_MARKET),
            ("18:00", MarketPhase.REGULAR),
            ("19:00", MarketPhase.POST_MARKET),
            ("19:59:59.999999", MarketPhase.POST_MARKET),
            ("20:00", MarketPhase.CLOSED),
        ],
    )
    def test_an_evening_session_has_its_phases_around_itself(self, text: str, phase: MarketPhase) -> None:
        evening = a_special("2026-11-08", "18:00", "19:00")
        assert EXCHANGE.with_changes([evening]).phase_at(at(text, "2026-11-08")) is phase

    def test_an_afternoon_session_is_prepared_from_nine_on(self) -> None:
        calendar = EXCHANGE.with_changes([a_special("2026-11-08", "13:45", "14:45")])
        texts = ("09:00", "13:44", "13:45", "14:45", "17:59", "18:00")
        assert [str(calendar.phase_at(at(text, "2026-11-08"))) for text in texts] == [
            *("PRE_MARKET", "PRE_MARKET", "REGULAR", "POST_MARKET", "POST_MARKET", "CLOSED")
        ]

    def test_a_session_that_opens_before_nine_has_no_set_up(self) -> None:
        calendar = EXCHANGE.with_changes([a_special("2026-11-28", "08:30", "18:30")])
        texts = ("08:29", "08:30", "18:29", "18:30")
        assert [str(calendar.phase_at(at(text, "2026-11-28"))) for text in texts] == [
            *("CLOSED", "REGULAR", "REGULAR", "CLOSED")
        ]

    def test_an_instant_is_told_in_any_zone(self) -> None:
        assert EXCHANGE.phase_at(datetime(2026, 11, 23, 3, 45, tzinfo=UTC)) is MarketPhase.REGULAR
        assert EXCHANGE.phase_at(datetime(2026, 11, 22, 20, 0, tzinfo=UTC)) is MarketPhase.CLOSED

    @pytest.mark.parametrize("day", ["2026-11-28", "2026-11-29", "2026-11-24", "2026-11-08", "2027-01-04"])
    def test_a_day_without_a_session_has_no_phase_at_all(self, day: str) -> None:
        assert {EXCHANGE.phase_at(at(f"{hour:02}:{minute}", day)) for hour in range(24) for minute in (15, 45)} == {
            MarketPhase.CLOSED
        }

    @given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
    def test_a_session_that_never_closes_is_always_regular(self, instant: datetime) -> None:
        assert TradingCalendar(SessionRule.CONTINUOUS).phase_at(instant) is MarketPhase.REGULAR

    @given(st.datetimes(datetime(2025, 12, 30), datetime(2027, 1, 3), timezones=st.just(IST)))
    def test_it_is_regular_within_a_session_and_never_elsewhere(self, instant: datetime) -> None:
        in_session = EXCHANGE.day(instant.date()).session_at(instant) is not None
        assert (EXCHANGE.phase_at(instant) is MarketPhase.REGULAR) is in_session


class TestChanges:
    def test_a_holiday_closes_a_day_and_leaves_the_others(self) -> None:
        changed = EXCHANGE.with_changes([DayChange(date(2026, 11, 25), ChangeKind.HOLIDAY, "Outage")])
        assert changed.day(date(2026, 11, 25)).reason == "holiday: Outage"
        assert changed.day(date(2026, 11, 26)) == EXCHANGE.day(date(2026, 11, 26))

    def test_a_special_session_opens_a_weekend_and_enters_the_hours_of_muhurat(self) -> None:
        changed = EXCHANGE.with_changes([a_special("2026-11-08", "18:00", "19:00")])
        found = changed.day(MUHURAT)
        assert (found.kind, found.due_day, found.reason) == (DayKind.SPECIAL, SPECIAL, "special session: Entered")

    def test_of_a_year_without_a_file_only_an_explicit_special_session_opens_a_day(self) -> None:
        day = date(2027, 1, 4)
        hours = DayChange(day, ChangeKind.HOURS, "Early", time(9, 15), time(13))
        assert EXCHANGE.with_changes([hours]).day(day).reason.startswith("no calendar for 2027")
        holiday = DayChange(day, ChangeKind.HOLIDAY, "Closed")
        assert not EXCHANGE.with_changes([holiday]).day(day).sessions
        changed = EXCHANGE.with_changes([a_special("2027-01-04", "09:15", "15:40")])
        assert changed.day(day).due_day == SPECIAL
        assert changed.day(date(2027, 1, 5)).reason.startswith("no calendar for 2027")

    @pytest.mark.parametrize("day", ["2026-11-28", "2026-11-24", "2026-11-08", "2026-02-01"])
    def test_changed_hours_change_regular_days_only(self, day: str) -> None:
        hours = DayChange(date.fromisoformat(day), ChangeKind.HOURS, "Early", time(9, 15), time(13))
        assert EXCHANGE.with_changes([hours]).day(hours.date) == EXCHANGE.day(hours.date)

    def test_changed_hours_take_the_place_of_the_files_changed_hours(self) -> None:
        late = row("2026-11-25", "Late open", open="11:00", close="15:40")
        filed = TradingCalendar.from_documents(SessionRule.EXCHANGE, [{**DOCUMENTS[0], "changed_hours": [late]}])
        hours = DayChange(date(2026, 11, 25), ChangeKind.HOURS, "Later still", time(12), time(15, 40))
        assert filed.with_changes([hours]).day(hours.date).sessions[0].opens == at("12:00", "2026-11-25")

    def test_where_the_session_never_closes_changes_do_nothing(self) -> None:
        continuous = TradingCalendar(SessionRule.CONTINUOUS)
        holiday = DayChange(date(2026, 11, 25), ChangeKind.HOLIDAY, "Outage")
        assert continuous.with_changes([holiday]).day(holiday.date) == continuous.day(holiday.date)

    def test_without_changes_it_is_the_same_calendar(self) -> None:
        assert EXCHANGE.with_changes([]) == EXCHANGE

    @given(a_change())
    def test_only_a_special_session_opens_what_is_closed_and_a_holiday_always_closes(self, change: DayChange) -> None:
        before, after = EXCHANGE.day(change.date), EXCHANGE.with_changes([change]).day(change.date)
        if after.sessions and not before.sessions:
            assert change.kind is ChangeKind.SPECIAL_SESSION
        if change.kind is ChangeKind.HOLIDAY:
            assert not after.sessions


CLOSED = "closed"
KNOWN_GAPS: dict[date, tuple[str, str]] = {
    BUDGET_DAY: ("09:15-15:30", CLOSED),
    MUHURAT: ("special session without hours", CLOSED),
    **{
        day: ("09:15-15:40", "09:15-15:30")
        for day in ALL_DAYS
        if day >= date(2026, 8, 3) and day.weekday() < 5 and f"{day:%m-%d}" not in HOLIDAYS
    },
}
"""Where exchange-calendars is wrong of 2026, as (ours, theirs): it misses both Sunday sessions, and it does not
know that options trade until 15:40 since 3 August. Of 2027 it knows nothing, and neither do we."""


def ours(day: date) -> str:
    """The session of a date in our calendar, in words."""
    if day in EXCHANGE.days and EXCHANGE.days[day].kind is ChangeKind.SPECIAL_SESSION and not EXCHANGE.days[day].hours:
        return "special session without hours"
    sessions = EXCHANGE.day(day).sessions
    return ", ".join(f"{session.opens:%H:%M}-{session.closes:%H:%M}" for session in sessions) or CLOSED


def xbom(start: str, end: str) -> dict[date, str]:
    """Every session that exchange-calendars knows for XBOM, in the same words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it uses what pandas is about to change
        calendar = exchange_calendars.get_calendar("XBOM", start=start, end=end)
        spans = {day: (calendar.session_open(day), calendar.session_close(day)) for day in calendar.sessions}
    return {
        day.date(): f"{opens.astimezone(IST):%H:%M}-{closes.astimezone(IST):%H:%M}"
        for day, (opens, closes) in spans.items()
    }


class TestAgainstExchangeCalendars:
    """A second opinion on every day of 2026. A gap that closes, or a new one, must be looked at."""

    def test_every_day_of_2026_is_the_same_but_for_the_known_gaps(self) -> None:
        theirs = xbom("2026-01-01", "2026-12-31")
        assert len(theirs) > 240
        told = {day: (ours(day), theirs.get(day, CLOSED)) for day in ALL_DAYS}
        assert {day: pair for day, pair in told.items() if pair[0] != pair[1]} == KNOWN_GAPS

    def test_gap_it_does_not_know_2027_and_neither_do_we(self) -> None:
        with pytest.raises(ValueError, match="only recorded to the year 2026"):
            xbom("2027-01-01", "2027-12-31")
        assert {ours(date(2027, 1, 1) + timedelta(days=number)) for number in range(365)} == {CLOSED}
