"""Expiries follow the calendar; symbols follow the expiry."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.exchange.calendar import TradingCalendar
from sandbox.exchange.expiries import is_monthly, listed_expiries, monthly_expiry, weekly_expiries
from sandbox.exchange.indices import INDICES, Index
from sandbox.exchange.instruments import exchange_token
from sandbox.exchange.symbols import future_symbol, option_symbol
from sandbox.world import CALENDAR_FOLDER

CALENDAR = TradingCalendar.load(CALENDAR_FOLDER)
NIFTY, SENSEX = INDICES["NIFTY"], INDICES["SENSEX"]


def test_a_holiday_moves_the_weekly_expiry_to_the_trading_day_before() -> None:
    assert weekly_expiries(NIFTY, date(2026, 11, 18), CALENDAR, 2) == [date(2026, 11, 23), date(2026, 12, 1)]
    assert weekly_expiries(NIFTY, date(2026, 4, 10), CALENDAR, 1) == [date(2026, 4, 13)]


def test_on_the_day_after_a_moved_expiry_the_next_week_is_first() -> None:
    assert weekly_expiries(NIFTY, date(2026, 11, 24), CALENDAR, 1) == [date(2026, 12, 1)]


def test_the_expiry_day_itself_is_still_listed() -> None:
    assert weekly_expiries(NIFTY, date(2026, 11, 23), CALENDAR, 1) == [date(2026, 11, 23)]


@pytest.mark.parametrize(
    ("name", "month", "expected"),
    [("NIFTY", 11, date(2026, 11, 23)), ("NIFTY", 12, date(2026, 12, 29)), ("SENSEX", 12, date(2026, 12, 31))],
)
def test_the_monthly_expiry_is_the_last_weekday_of_its_kind(name: str, month: int, expected: date) -> None:
    assert monthly_expiry(INDICES[name], 2026, month, CALENDAR) == expected


def test_eight_weeks_are_listed_where_there_are_weeklies_and_three_months_everywhere() -> None:
    today = date(2026, 11, 23)
    tuesdays = [date(2026, 12, 1) + timedelta(days=7 * n) for n in range(7)]
    assert listed_expiries(NIFTY, today, CALENDAR) == [today, *tuesdays, date(2027, 1, 26)]
    thursdays = [date(2026, 11, 26) + timedelta(days=7 * n) for n in range(8)]
    assert listed_expiries(SENSEX, today, CALENDAR) == [*thursdays, date(2027, 1, 28)]
    for name in ("BANKNIFTY", "FINNIFTY", "MIDCPNIFTY"):
        assert listed_expiries(INDICES[name], today, CALENDAR) == [today, date(2026, 12, 29), date(2027, 1, 26)]
    bankex = [date(2026, 11, 26), date(2026, 12, 31), date(2027, 1, 28)]
    assert listed_expiries(INDICES["BANKEX"], today, CALENDAR) == bankex


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.sampled_from(sorted(INDICES)))
def test_this_week_and_three_months_are_listed_on_any_day_and_no_expiry_is_a_holiday(today: date, name: str) -> None:
    index = INDICES[name]
    listed = listed_expiries(index, today, CALENDAR)
    months = {(expiry.year, expiry.month) for expiry in listed if is_monthly(index, expiry, CALENDAR)}
    assert len(months) >= 3
    assert len(listed) >= (8 if index.weekly else 3)
    assert today <= listed[0] <= today + timedelta(days=7 if index.weekly else 38)
    for expiry in listed:
        assert CALENDAR.is_trading_day(expiry)
        assert expiry.weekday() == index.weekday or not CALENDAR.is_trading_day(_nominal(index, expiry))


def _nominal(index: Index, expiry: date) -> date:
    return expiry + timedelta(days=(index.weekday - expiry.weekday()) % 7)


def test_a_year_without_a_calendar_file_falls_back_to_the_weekday_rule() -> None:
    assert not CALENDAR.knows(date(2027, 1, 1))
    assert monthly_expiry(NIFTY, 2027, 1, CALENDAR) == date(2027, 1, 26)


def test_symbols_tell_weekly_from_monthly() -> None:
    assert option_symbol("NIFTY", date(2026, 4, 13), 24450, "CE", monthly=False) == "NIFTY2641324450CE"
    assert option_symbol("NIFTY", date(2026, 12, 1), 26000, "PE", monthly=False) == "NIFTY26D0126000PE"
    assert option_symbol("NIFTY", date(2026, 11, 23), 26000, "CE", monthly=True) == "NIFTY26NOV26000CE"
    assert future_symbol("SENSEX", date(2026, 11, 26)) == "SENSEX26NOVFUT"
    assert is_monthly(NIFTY, date(2026, 11, 23), CALENDAR)


def test_special_sessions_and_hours_come_from_the_file() -> None:
    assert CALENDAR.is_trading_day(date(2026, 2, 1))
    assert not CALENDAR.is_trading_day(date(2026, 11, 8))
    hours = CALENDAR.hours(date(2026, 11, 23))
    assert hours is not None
    assert f"{hours.opens:%H:%M}-{hours.closes:%H:%M}" == "09:15-15:40"
    before = CALENDAR.hours(date(2026, 7, 31))
    assert before is not None
    assert f"{before.closes:%H:%M}" == "15:30"


def test_tokens_are_unique_among_listed_contracts() -> None:
    tokens = [
        exchange_token(index.number, expiry, steps, kind)
        for index in INDICES.values()
        for expiry in listed_expiries(index, date(2026, 11, 23), CALENDAR)
        for steps in range(200, 1000, 7)
        for kind in ("CE", "PE", "FUT")
    ]
    assert len(tokens) == len(set(tokens))
    assert max(tokens) < 1 << 24
