"""Weekly and monthly expiry dates (exchange rule: a holiday moves the expiry to the previous trading day).

Eight weeks and three months are listed, so that this week, next week, this month and next month all exist.
"""

from datetime import date, timedelta

from sandbox.exchange.calendar import TradingCalendar
from sandbox.exchange.indices import Index

WEEKLIES_LISTED = 8
MONTHLIES_LISTED = 3


def weekly_expiries(index: Index, today: date, calendar: TradingCalendar, count: int) -> list[date]:
    """The next `count` weekly expiries on or after `today`."""
    nominal = today + timedelta(days=(index.weekday - today.weekday()) % 7)
    found: list[date] = []
    while len(found) < count:
        actual = calendar.on_or_before(nominal)
        if actual >= today:
            found.append(actual)
        nominal += timedelta(days=7)
    return found


def monthly_expiry(index: Index, year: int, month: int, calendar: TradingCalendar) -> date:
    """The last Tuesday (NSE) or Thursday (BSE) of a month, moved off holidays."""
    next_month = date(year + month // 12, month % 12 + 1, 1)
    last = next_month - timedelta(days=1)
    return calendar.on_or_before(last - timedelta(days=(last.weekday() - index.weekday) % 7))


def monthly_expiries(index: Index, today: date, calendar: TradingCalendar, count: int) -> list[date]:
    """The next `count` monthly expiries on or after `today`."""
    found: list[date] = []
    year, month = today.year, today.month
    while len(found) < count:
        expiry = monthly_expiry(index, year, month, calendar)
        if expiry >= today:
            found.append(expiry)
        year, month = year + month // 12, month % 12 + 1
    return found


def listed_expiries(index: Index, today: date, calendar: TradingCalendar) -> list[date]:
    """Every option expiry listed today: weeklies where the index has them, and monthlies."""
    weeklies = weekly_expiries(index, today, calendar, WEEKLIES_LISTED) if index.weekly else []
    return sorted({*weeklies, *monthly_expiries(index, today, calendar, MONTHLIES_LISTED)})


def is_monthly(index: Index, expiry: date, calendar: TradingCalendar) -> bool:
    """True when that expiry is its month's last one."""
    return monthly_expiry(index, expiry.year, expiry.month, calendar) == expiry
