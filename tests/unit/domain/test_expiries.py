"""Which listed expiry each rule means, on lists as the exchanges make them."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lambdas.domain.expiries import choose_expiry, describe, last_of_months
from lambdas.domain.expiry_rules import NEAREST, ExpiryKind, ExpiryRule

MONTHLY = [date.fromisoformat(day) for day in ("2026-11-23", "2026-12-29", "2027-01-25", "2027-03-30", "2027-06-29")]
"""The monthly expiries, then quarterly ones. Tue 24 Nov and Tue 26 Jan are holidays: these are on the Monday before."""
WEEKLY = [date.fromisoformat(day) for day in ("2026-12-01", "2026-12-08", "2026-12-15", "2026-12-22", "2027-01-05")]
NIFTY = sorted(MONTHLY + WEEKLY)


def chosen(kind: ExpiryKind, day: str, listed: list[date] = NIFTY, days: int | None = None) -> str:
    return str(choose_expiry(ExpiryRule(kind=kind, days=days), listed, date.fromisoformat(day)))


@pytest.mark.parametrize(
    ("day", "nearest", "next_week", "current_month", "next_month"),
    [
        ("2026-11-20", "2026-11-23", "2026-12-01", "2026-11-23", "2026-12-29"),
        ("2026-11-23", "2026-11-23", "2026-12-01", "2026-11-23", "2026-12-29"),
        ("2026-11-24", "2026-12-01", "2026-12-08", "2026-12-29", "2027-01-25"),
        ("2026-12-01", "2026-12-01", "2026-12-08", "2026-12-29", "2027-01-25"),
        ("2026-12-02", "2026-12-08", "2026-12-15", "2026-12-29", "2027-01-25"),
        ("2026-12-22", "2026-12-22", "2026-12-29", "2026-12-29", "2027-01-25"),
        ("2026-12-29", "2026-12-29", "2027-01-05", "2026-12-29", "2027-01-25"),
        ("2026-12-30", "2027-01-05", "2027-01-25", "2027-01-25", "2027-03-30"),
    ],
)
def test_weeks_and_months_are_counted_from_today_on(
    day: str, nearest: str, next_week: str, current_month: str, next_month: str
) -> None:
    assert chosen("nearest", day) == nearest
    assert chosen("current_week", day) == nearest
    assert chosen("next_week", day) == next_week
    assert chosen("current_month", day) == current_month
    assert chosen("next_month", day) == next_month


def test_the_day_of_the_expiry_still_trades_it() -> None:
    assert choose_expiry(NEAREST, NIFTY, date(2026, 12, 8)) == date(2026, 12, 8)
    assert choose_expiry(NEAREST, NIFTY, date(2026, 12, 9)) == date(2026, 12, 15)


def test_an_expiry_moved_by_a_holiday_is_taken_although_its_weekday_is_another() -> None:
    tuesdays = ExpiryRule(kind="current_month", weekday="TUE")
    assert choose_expiry(tuesdays, NIFTY, date(2026, 11, 23)) == date(2026, 11, 23)


@pytest.mark.parametrize("day", ["2026-11-02", "2026-11-23"])
def test_an_index_with_monthly_contracts_has_no_others(day: str) -> None:
    assert chosen("nearest", day, MONTHLY) == chosen("current_month", day, MONTHLY) == "2026-11-23"
    assert chosen("next_month", day, MONTHLY) == "2026-12-29"


@pytest.mark.parametrize(
    ("days", "expiry"), [(0, "2026-11-23"), (1, "2026-12-01"), (8, "2026-12-01"), (9, "2026-12-08"), (60, "2027-01-25")]
)
def test_days_to_expiry_are_calendar_days_at_least(days: int, expiry: str) -> None:
    assert chosen("days_to_expiry", "2026-11-23", days=days) == expiry


@pytest.mark.parametrize("listed", [[], NIFTY])
def test_without_a_coming_expiry_the_master_is_asked_for(listed: list[date]) -> None:
    with pytest.raises(ValueError, match="on or after 2027-06-30: is the instrument master of that day loaded"):
        chosen("nearest", "2027-06-30", listed)


@pytest.mark.parametrize(
    ("kind", "days", "words"),
    [
        ("next_week", None, "next_week expiry"),
        ("next_month", None, "next_month expiry"),
        ("days_to_expiry", 30, "expiry at least 30 days away"),
    ],
)
def test_a_rule_that_finds_nothing_says_where_the_list_ends(kind: ExpiryKind, days: int | None, words: str) -> None:
    with pytest.raises(ValueError, match=f"no {words} is listed: the last one is 2026-11-23"):
        chosen(kind, "2026-11-20", [date(2026, 11, 17), date(2026, 11, 23)], days)


def test_the_last_of_each_month_is_its_monthly_expiry() -> None:
    assert last_of_months(NIFTY[::-1]) == MONTHLY
    assert last_of_months([]) == []


def test_rules_in_words() -> None:
    assert describe(NEAREST) == "nearest expiry"
    assert describe(ExpiryRule(kind="days_to_expiry", days=7)) == "expiry at least 7 days away"


DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
RULES = st.one_of(
    st.sampled_from(["nearest", "current_week", "next_week", "current_month", "next_month"]).map(
        lambda kind: ExpiryRule.model_validate({"kind": kind})
    ),
    st.integers(0, 365).map(lambda days: ExpiryRule(kind="days_to_expiry", days=days)),
)


@given(RULES, st.lists(DAYS, max_size=30), DAYS)
def test_a_choice_is_listed_and_not_over_and_the_order_of_the_list_is_nothing(
    rule: ExpiryRule, listed: list[date], day: date
) -> None:
    coming = {expiry for expiry in listed if expiry >= day + timedelta(days=rule.days or 0)}
    counted = {(expiry.year, expiry.month) for expiry in coming} if rule.kind.endswith("month") else coming
    if len(counted) < (2 if rule.kind.startswith("next") else 1):
        with pytest.raises(ValueError, match=r"^no .*listed"):
            choose_expiry(rule, listed, day)
        return
    found = choose_expiry(rule, listed, day)
    assert found in coming
    assert choose_expiry(rule, sorted(listed * 2, reverse=True), day) == found


@given(st.lists(DAYS, min_size=1, max_size=30), DAYS, st.integers(0, 365))
def test_no_earlier_listed_expiry_has_the_days_asked_for(listed: list[date], day: date, days: int) -> None:
    far_enough = [expiry for expiry in listed if (expiry - day).days >= days]
    assume(far_enough)
    assert choose_expiry(ExpiryRule(kind="days_to_expiry", days=days), listed, day) == min(far_enough)
