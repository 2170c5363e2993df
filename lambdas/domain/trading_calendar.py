"""Which instants may be traded: dated sessions, never a rule of thumb about weekdays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Self

from lambdas.domain.moments import IST

SATURDAY = 5


class CalendarError(ValueError):
    """A calendar file that cannot be used; the message names the field."""


@dataclass(frozen=True)
class Session:
    """One continuous trading session, half-open: [opens, closes)."""

    name: str
    opens: datetime
    closes: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.opens <= instant < self.closes


@dataclass(frozen=True)
class TradingDay:
    """What the calendar says of one date: its sessions, and the reason, also when there are none."""

    date: date
    sessions: tuple[Session, ...]
    reason: str

    def session_at(self, instant: datetime) -> Session | None:
        """The session that holds the instant."""
        return next((session for session in self.sessions if instant in session), None)


class SessionRule(StrEnum):
    """Whose sessions count: the exchanges', or (on a laptop) one that never closes."""

    EXCHANGE = "exchange"
    CONTINUOUS = "continuous"


@dataclass(frozen=True)
class TradingCalendar:
    """Days known from dated files. A date that no file knows is not a trading day."""

    rule: SessionRule
    years: frozenset[int] = frozenset()
    hours: tuple[tuple[date, time, time], ...] = ()
    holidays: Mapping[date, str] = field(default_factory=dict)
    specials: Mapping[date, tuple[str, time | None, time | None]] = field(default_factory=dict)

    @classmethod
    def from_documents(cls, rule: SessionRule, documents: list[Mapping[str, Any]]) -> Self:
        """Build from parsed calendar files. Raises CalendarError naming the file's year and field."""
        years: set[int] = set()
        hours: list[tuple[date, time, time]] = []
        holidays: dict[date, str] = {}
        specials: dict[date, tuple[str, time | None, time | None]] = {}
        for document in documents:
            try:
                years.add(int(document["year"]))
                hours += [
                    (date.fromisoformat(row["from"]), _time(row["open"]), _time(row["close"]))
                    for row in document["hours"]
                ]
                holidays |= {date.fromisoformat(row["date"]): row["name"] for row in document["holidays"]}
                for row in document["special_sessions"]:
                    opens, closes = row["open"], row["close"]
                    specials[date.fromisoformat(row["date"])] = (
                        row["name"],
                        _time(opens) if opens else None,
                        _time(closes) if closes else None,
                    )
            except (KeyError, TypeError, ValueError) as error:
                raise CalendarError(f"calendar of {document.get('year', 'an unnamed year')}: {error!r}") from error
        return cls(rule, frozenset(years), tuple(sorted(hours)), holidays, specials)

    def day(self, day: date) -> TradingDay:
        """What may be traded on a date, and why."""
        if self.rule is SessionRule.CONTINUOUS:
            midnight = datetime.combine(day, time(0), IST)
            session = Session("continuous", midnight, midnight + timedelta(days=1))
            return TradingDay(day, (session,), "the session of this environment never closes")
        if day.year not in self.years:
            return TradingDay(day, (), f"no calendar for {day.year}: add its file before trading it")
        if day in self.specials:
            return self._special(day)
        if day in self.holidays:
            return TradingDay(day, (), f"holiday: {self.holidays[day]}")
        if day.weekday() >= SATURDAY:
            return TradingDay(day, (), "weekend")
        hours = self.regular_hours(day)
        if hours is None:
            return TradingDay(day, (), f"no trading hours known for {day}")
        return TradingDay(day, (_session("regular", day, *hours),), "regular session")

    def regular_hours(self, day: date) -> tuple[time, time] | None:
        """Open and close (IST) of an ordinary day around that date; None where the session never closes."""
        if self.rule is SessionRule.CONTINUOUS:
            return None
        rows = [row for row in self.hours if row[0] <= day]
        return (rows[-1][1], rows[-1][2]) if rows else None

    def _special(self, day: date) -> TradingDay:
        name, opens, closes = self.specials[day]
        if opens is None or closes is None:
            return TradingDay(day, (), f"special session {name}: its hours are not entered yet")
        return TradingDay(day, (_session(name, day, opens, closes),), f"special session: {name}")


def _session(name: str, day: date, opens: time, closes: time) -> Session:
    return Session(name, datetime.combine(day, opens, IST), datetime.combine(day, closes, IST))


def _time(text: str) -> time:
    return time.fromisoformat(text)
