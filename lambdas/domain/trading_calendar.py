"""Which instants may be traded: dated sessions, never a rule of thumb about weekdays."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Self

from lambdas.domain.calendar_file import SATURDAY, CalendarError, RegularHours, calendar_year
from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.domain.moments import IST
from lambdas.domain.trading_days import SPECIAL, DayKind, MarketPhase, Session, TradingDay

__all__ = [
    "SPECIAL",
    "CalendarError",
    "DayKind",
    "MarketPhase",
    "Session",
    "SessionRule",
    "TradingCalendar",
    "TradingDay",
]


class SessionRule(StrEnum):
    """Whose sessions count: the exchanges', or (on a laptop) one that never closes."""

    EXCHANGE = "exchange"
    CONTINUOUS = "continuous"


@dataclass(frozen=True)
class TradingCalendar:
    """Days known from dated files, with an operator's changes on top.

    A date that neither knows is not a trading day.
    """

    rule: SessionRule
    years: frozenset[int] = frozenset()
    hours: tuple[RegularHours, ...] = ()
    days: Mapping[date, DayChange] = field(default_factory=dict)
    changes: Mapping[date, DayChange] = field(default_factory=dict)

    @classmethod
    def from_documents(cls, rule: SessionRule, documents: Iterable[Mapping[str, Any]]) -> Self:
        """Build from parsed calendar files. Raises CalendarError naming the file's year, list and row."""
        read = [calendar_year(document) for document in documents]
        years = [one.year for one in read]
        for year in years:
            if years.count(year) > 1:
                raise CalendarError(f"calendar of {year}: there are two files of this year")
        hours = tuple(sorted(row for one in read for row in one.hours))
        return cls(rule, frozenset(years), hours, {day: change for one in read for day, change in one.days.items()})

    def with_changes(self, changes: Iterable[DayChange]) -> Self:
        """This calendar with these changes in place of what it says of their dates.

        A holiday closes any date. Changed hours apply to regular days only and open nothing. A special session
        opens any date, also one of a year without a file: somebody entered its hours for exactly that date.
        Where the session never closes, changes do nothing.
        """
        return replace(self, changes={**self.changes, **{change.date: change for change in changes}})

    def day(self, day: date) -> TradingDay:
        """What may be traded on a date, and why."""
        if self.rule is SessionRule.CONTINUOUS:
            return _continuous(day)
        change = self.changes.get(day)
        if change is None:
            return self._filed(day)
        if change.kind is not ChangeKind.HOURS:
            return _dated(change)
        filed = self._filed(day)
        return _dated(change) if filed.kind is DayKind.REGULAR else filed

    def phase_at(self, instant: datetime) -> MarketPhase:
        """The phase of the platform at an instant; REGULAR only within a session."""
        local = instant.astimezone(IST)
        return self.day(local.date()).phase_at(local)

    def regular_hours(self, day: date) -> tuple[time, time] | None:
        """Open and close (IST) of an ordinary day around that date; None where the session never closes."""
        if self.rule is SessionRule.CONTINUOUS:
            return None
        rows = [row for row in self.hours if row.since <= day]
        return (rows[-1].opens, rows[-1].closes) if rows else None

    def _filed(self, day: date) -> TradingDay:
        """What the files alone say."""
        if day.year not in self.years:
            return _closed(day, f"no calendar for {day.year}: add its file before trading it")
        if day in self.days:
            return _dated(self.days[day])
        if day.weekday() >= SATURDAY:
            return _closed(day, "weekend")
        hours = self.regular_hours(day)
        if hours is None:
            return _closed(day, f"no trading hours known for {day}")
        return TradingDay(day, DayKind.REGULAR, (_session("regular", day, *hours),), "regular session")


def _continuous(day: date) -> TradingDay:
    midnight = datetime.combine(day, time(0), IST)
    session = Session("continuous", midnight, midnight + timedelta(days=1))
    kind = DayKind.SPECIAL if day.weekday() >= SATURDAY else DayKind.REGULAR
    return TradingDay(day, kind, (session,), "the session of this environment never closes")


def _dated(change: DayChange) -> TradingDay:
    """What a date is that differs from an ordinary one."""
    if change.kind is ChangeKind.HOLIDAY:
        return _closed(change.date, f"holiday: {change.name}")
    if change.hours is None:
        return _closed(change.date, f"special session {change.name}: its hours are not entered yet")
    if change.kind is ChangeKind.SPECIAL_SESSION:
        session = _session(change.name, change.date, *change.hours)
        return TradingDay(change.date, DayKind.SPECIAL, (session,), f"special session: {change.name}")
    session = _session("regular", change.date, *change.hours)
    return TradingDay(change.date, DayKind.REGULAR, (session,), f"regular session at changed hours: {change.name}")


def _closed(day: date, reason: str) -> TradingDay:
    return TradingDay(day, DayKind.CLOSED, (), reason)


def _session(name: str, day: date, opens: time, closes: time) -> Session:
    return Session(name, datetime.combine(day, opens, IST), datetime.combine(day, closes, IST))
