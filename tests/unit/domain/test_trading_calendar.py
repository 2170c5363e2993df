"""Which instants may be traded in 2026, and that nothing else may."""

import json
import warnings
from datetime import date, datetime, time, timedelta
from pathlib import Path

import exchange_calendars
import pytest

import shared_config
from lambdas.domain.moments import IST
from lambdas.domain.trading_calendar import CalendarError, SessionRule, TradingCalendar
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


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"hours": [{"from": "2026-01-01", "open": "9.15", "close": "15:30"}]}, "9.15"),
        ({"holidays": [{"date": "2026-13-01", "name": "No month"}]}, "month"),
        ({"holidays": [{"date": "2026-01-15"}]}, "name"),
        ({"special_sessions": None}, "NoneType"),
        ({"year": "soon"}, "soon"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_name(change: dict[str, object], named: str) -> None:
    with pytest.raises(CalendarError, match=named) as caught:
        TradingCalendar.from_documents(SessionRule.EXCHANGE, [{**DOCUMENTS[0], **change}])
    assert str(caught.value).startswith("calendar of ")


GAP_SUNDAYS = frozenset({BUDGET_DAY, MUHURAT})
GAP_CLOSES_EARLY_FROM = date(2026, 8, 3)


@pytest.fixture(scope="module")
def xbom() -> dict[date, tuple[datetime, datetime]]:
    """Opening and closing of every session of 2026 that exchange-calendars knows for XBOM."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it uses what pandas is about to change
        calendar = exchange_calendars.get_calendar("XBOM", start="2026-01-01", end="2026-12-31")
        return {
            day.date(): (calendar.session_open(day).to_pydatetime(), calendar.session_close(day).to_pydatetime())
            for day in calendar.sessions
        }


class TestAgainstExchangeCalendars:
    """XBOM of exchange-calendars knows the weekdays of 2026; its gaps are listed here, each on its own."""

    def test_weekday_sessions_are_the_same(self, xbom: dict[date, tuple[datetime, datetime]]) -> None:
        ours = {day for day in ALL_DAYS if EXCHANGE.day(day).sessions}
        assert ours - GAP_SUNDAYS == set(xbom)

    def test_gap_it_does_not_know_the_sunday_sessions(self, xbom: dict[date, tuple[datetime, datetime]]) -> None:
        assert not set(xbom) & GAP_SUNDAYS

    def test_it_opens_and_closes_alike_but_for_the_gap_of_ten_minutes_since_3_august(
        self, xbom: dict[date, tuple[datetime, datetime]]
    ) -> None:
        for day, (opens, closes) in xbom.items():
            (session,) = EXCHANGE.day(day).sessions
            later = timedelta(minutes=10) if day >= GAP_CLOSES_EARLY_FROM else timedelta(0)
            assert (session.opens, session.closes) == (opens, closes + later), day
