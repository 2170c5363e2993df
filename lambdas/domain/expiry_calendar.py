"""When index options should expire, by the exchanges' rules: a check on the instrument masters.

What a master lists is authoritative; where it differs from the rules, a person is told.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import islice, takewhile
from types import MappingProxyType

from lambdas.domain.trading_calendar import DayKind, SessionRule, TradingCalendar

TUESDAY, THURSDAY = 1, 3

WEEKLY_EXPIRY_WEEKDAY: Mapping[str, int] = MappingProxyType({"NIFTY": TUESDAY, "SENSEX": THURSDAY})
"""The weekday (Monday is 0) of weekly expiries; an index that is not here has monthly ones only."""

MONTHLY_EXPIRY_WEEKDAY: Mapping[str, int] = MappingProxyType(
    {
        "NIFTY": TUESDAY,
        "BANKNIFTY": TUESDAY,
        "FINNIFTY": TUESDAY,
        "MIDCPNIFTY": TUESDAY,
        "SENSEX": THURSDAY,
        "BANKEX": THURSDAY,
    }
)
"""The weekday (Monday is 0) of which the last one of a month is its expiry."""

DAY, WEEK = timedelta(days=1), timedelta(days=7)
CHECKED_AHEAD = timedelta(days=35)
"""How far ahead of the day listed expiries are checked: it holds a monthly expiry of every index."""

LISTED_AHEAD = timedelta(days=28)
"""How far ahead an expiry must be listed: the exchanges open four weekly expiries at a time, and a fifth is
listed only after the first of them is over."""


def expected_expiries(underlying: str, day: date, calendar: TradingCalendar, count: int) -> tuple[date, ...]:
    """The next expiries on or after a day, in order; one that is on no regular day moves to the one before it.

    A special session is no such day: options do not expire in the Muhurat hour of a holiday.

    At most `count`. There are fewer, or none, where they are unknown: for an index without a rule, beyond the
    years that the calendar knows, and in a calendar whose session never closes (it knows no holidays).
    """
    return tuple(islice(_expected(underlying, day, calendar), max(count, 0)))


def expiry_warnings(underlying: str, listed: Sequence[date], day: date, calendar: TradingCalendar) -> list[str]:
    """What is odd about the expiries that a master lists for the five weeks from the day, a sentence each.

    Nothing is said of an index without a rule, nor in a calendar whose session never closes.
    """
    if underlying not in MONTHLY_EXPIRY_WEEKDAY or calendar.rule is SessionRule.CONTINUOUS:
        return []
    until = day + CHECKED_AHEAD
    near = sorted({expiry for expiry in listed if day <= expiry <= until})
    expected = set(takewhile(lambda expiry: expiry <= until, _expected(underlying, day, calendar)))
    missing = sorted(expiry for expiry in expected - set(near) if expiry <= day + LISTED_AHEAD)
    return [
        *(_oddity(underlying, expiry, calendar) for expiry in near if expiry not in expected),
        *(f"{underlying} does not list {_text(expiry)}, an expiry by the exchange's rules" for expiry in missing),
    ]


def _oddity(underlying: str, expiry: date, calendar: TradingCalendar) -> str:
    if expiry.year not in calendar.years:
        return f"the expiries of {expiry.year} are not checked: no calendar is known for that year"
    if not calendar.day(expiry).sessions:
        return f"{underlying} lists the expiry {_text(expiry)}, a day without a session: {calendar.day(expiry).reason}"
    return f"{underlying} lists the expiry {_text(expiry)}, which is none by the exchange's rules"


def _expected(underlying: str, day: date, calendar: TradingCalendar) -> Iterator[date]:
    if calendar.rule is SessionRule.CONTINUOUS or underlying not in MONTHLY_EXPIRY_WEEKDAY:
        return
    last, nominal = day - DAY, day
    while nominal.year in calendar.years:
        if _is_nominal(underlying, nominal):
            actual = _on_or_before(nominal, last, calendar)
            if actual > last:
                last = actual
                yield actual
        nominal += DAY


def _is_nominal(underlying: str, day: date) -> bool:
    """Whether an expiry falls on that day, holidays aside."""
    is_monthly = day.weekday() == MONTHLY_EXPIRY_WEEKDAY[underlying] and (day + WEEK).month != day.month
    return is_monthly or day.weekday() == WEEKLY_EXPIRY_WEEKDAY.get(underlying)


def _on_or_before(day: date, floor: date, calendar: TradingCalendar) -> date:
    """The day, or the last regular day before it; `floor` when there is none after that."""
    while day > floor and calendar.day(day).kind is not DayKind.REGULAR:
        day -= DAY
    return day


def _text(day: date) -> str:
    return f"{day:%a %d %b %Y}"
