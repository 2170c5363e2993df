"""The next times at which a strategy runs, and the days on which it does not, with reasons."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lambdas.domain.day_changes import ChangeKind
from lambdas.domain.moments import IST, WEEKDAYS, Tick
from lambdas.domain.strategy import Schedule
from lambdas.domain.trading_calendar import SPECIAL, SessionRule, TradingCalendar, TradingDay

HORIZON_DAYS = 60
"""How far ahead runs are looked for."""


@dataclass(frozen=True)
class ComingDay:
    """One date: entry and exit when the strategy runs then, and why it does or does not."""

    date: date
    runs: bool
    entry: datetime | None
    exit: datetime | None
    reason: str


def coming_days(schedule: Schedule, calendar: TradingCalendar, now: datetime, *, runs: int = 5) -> list[ComingDay]:
    """Every date that the schedule names or the calendar makes special, until `runs` runs are found.

    Dates of weekdays that are not asked for are left out. Ends after two months, or with the first date that the
    calendar does not know, which is the last row then; `runs=HORIZON_DAYS` asks for all of it.
    """
    rows: list[ComingDay] = []
    found = 0
    for date_of_day in _dates_from(now.astimezone(IST).date()):
        day = calendar.day(date_of_day)
        unknown = _is_unknown(date_of_day, calendar)
        row = _on(schedule, day, now)
        if row is None and (unknown or _is_awaited(schedule, day, calendar)):
            row = ComingDay(date_of_day, False, None, None, day.reason)
        if row is not None:
            rows.append(row)
            found += row.runs
        if found == runs or unknown:
            break
    return rows


def next_run(schedule: Schedule, calendar: TradingCalendar, now: datetime) -> ComingDay | None:
    """The first date after `now` on which the schedule enters; None within two months or what the calendar knows."""
    return next((row for row in coming_days(schedule, calendar, now, runs=1) if row.runs), None)


def _is_unknown(day: date, calendar: TradingCalendar) -> bool:
    """Whether nobody has said anything about a date: no file of its year, and no operator."""
    dated = day.year in calendar.years or day in calendar.changes
    return calendar.rule is SessionRule.EXCHANGE and not dated


def _is_awaited(schedule: Schedule, day: TradingDay, calendar: TradingCalendar) -> bool:
    """Whether it is a special session that the schedule would trade if its hours were known."""
    change = calendar.changes.get(day.date) or calendar.days.get(day.date)
    is_special = change is not None and change.kind is ChangeKind.SPECIAL_SESSION
    return schedule.special_sessions and is_special and not day.sessions


def _dates_from(first: date) -> Iterable[date]:
    return (first + timedelta(days=offset) for offset in range(HORIZON_DAYS))


def _on(schedule: Schedule, day: TradingDay, now: datetime) -> ComingDay | None:
    wanted = WEEKDAYS[day.date.weekday()] in schedule.weekdays
    if day.due_day is None:
        return ComingDay(day.date, False, None, None, day.reason) if wanted else None
    if day.due_day == SPECIAL and not schedule.special_sessions:
        reason = f"{day.reason}; this strategy does not trade special sessions"
        return ComingDay(day.date, False, None, None, reason)
    if day.due_day not in schedule.due_days:
        return None
    entry, leave = (_instant(day.date, hhmm) for hhmm in schedule.times_on(day.due_day))
    why_not = _why_not(day, entry, leave, now)
    return ComingDay(day.date, why_not is None, entry, leave, why_not or day.reason)


def _why_not(day: TradingDay, entry: datetime, leave: datetime, now: datetime) -> str | None:
    if entry <= now:
        return f"today's entry at {entry:%H:%M} is past"
    for word, instant in (("entry", entry), ("exit", leave)):
        if day.session_at(instant) is None:
            sessions = ", ".join(f"{session.opens:%H:%M} to {session.closes:%H:%M}" for session in day.sessions)
            return f"the {word} at {instant:%H:%M} is outside this day's session, {sessions} ({day.reason})"
    return None


def _instant(day: date, hhmm: str) -> datetime:
    return Tick.parse(f"{day}T{hhmm}+05:30").instant
