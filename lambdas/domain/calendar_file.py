"""Reading one year's calendar file, strictly: a mistake in it is told by year, list and row."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from lambdas.domain.day_changes import ChangeKind, DayChange, clock_time, iso_date

SATURDAY = 5
LISTS = {
    "holidays": ChangeKind.HOLIDAY,
    "special_sessions": ChangeKind.SPECIAL_SESSION,
    "changed_hours": ChangeKind.HOURS,
}
Row = Mapping[str, Any]


class CalendarError(ValueError):
    """A calendar file that cannot be used; the message names the year, the list and the row (from 1)."""


@dataclass(frozen=True, order=True)
class RegularHours:
    """Open and close (IST) of ordinary days from a date on."""

    since: date
    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError(f"close: {self.closes:%H:%M} is not after the open at {self.opens:%H:%M}")


@dataclass(frozen=True)
class CalendarYear:
    """What one file says: the ordinary hours, and every date that differs."""

    year: int
    hours: tuple[RegularHours, ...]
    days: Mapping[date, DayChange]


def calendar_year(document: Mapping[str, Any]) -> CalendarYear:
    """A parsed `<year>.json`. Raises CalendarError."""
    year = document.get("year")
    if not isinstance(year, int):
        raise CalendarError(f"calendar of an unnamed year: year {year!r} is not a number")
    return CalendarYear(year, _hours(year, document), _days(year, document))


def _hours(year: int, document: Mapping[str, Any]) -> tuple[RegularHours, ...]:
    seen: dict[date, str] = {}
    hours: list[RegularHours] = []
    for place, row in _rows(year, document, "hours"):
        with _told_as(year, place):
            since = _new_date(row["from"], year, place, seen)
            hours.append(RegularHours(since, clock_time(row["open"]), clock_time(row["close"])))
    return tuple(sorted(hours))


def _days(year: int, document: Mapping[str, Any]) -> dict[date, DayChange]:
    seen: dict[date, str] = {}
    days: dict[date, DayChange] = {}
    for name, kind in LISTS.items():
        for place, row in _rows(year, document, name):
            with _told_as(year, place):
                day = _new_date(row["date"], year, place, seen)
                days[day] = _day(day, kind, row)
    return days


def _day(day: date, kind: ChangeKind, row: Row) -> DayChange:
    if kind is ChangeKind.HOLIDAY:
        return DayChange(day, kind, _name(row))
    if kind is ChangeKind.HOURS and day.weekday() >= SATURDAY:
        raise ValueError(f"{day} is a weekend: it has no ordinary hours that could change")
    opens, closes = (clock_time(row[end]) if row[end] is not None else None for end in ("open", "close"))
    return DayChange(day, kind, _name(row), opens, closes)


def _name(row: Row) -> str:
    if not isinstance(row["name"], str) or not row["name"].strip():
        raise ValueError("name: it must say what the day is")
    return row["name"]


def _new_date(text: Any, year: int, place: str, seen: dict[date, str]) -> date:
    """The date of a row, which no other row of these lists may have."""
    day = iso_date(text)
    if day.year != year:
        raise ValueError(f"{day} is not in {year}")
    if day in seen:
        raise ValueError(f"{day} is also in {seen[day]}")
    seen[day] = place
    return day


def _rows(year: int, document: Mapping[str, Any], name: str) -> Iterator[tuple[str, Row]]:
    rows = document.get(name)
    if not isinstance(rows, list):
        raise CalendarError(f"calendar of {year}: {name} must be a list, if only an empty one")
    for number, row in enumerate(rows, 1):
        place = f"{name}[{number}]"
        if not isinstance(row, Mapping):
            raise CalendarError(f"calendar of {year}, {place}: {row!r} is not an object")
        yield place, row


@contextmanager
def _told_as(year: int, place: str) -> Iterator[None]:
    try:
        yield
    except KeyError as error:
        raise CalendarError(f"calendar of {year}, {place}: {error} is missing") from error
    except ValueError as error:
        raise CalendarError(f"calendar of {year}, {place}: {error}") from error
