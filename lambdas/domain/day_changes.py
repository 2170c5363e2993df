"""What is special about one date: said by a calendar file, or by an operator on top of it."""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ValidationError, model_validator

from lambdas.domain.values import Name, Value


class ChangeKind(StrEnum):
    """How a date differs from an ordinary one of its weekday."""

    HOLIDAY = "HOLIDAY"
    SPECIAL_SESSION = "SPECIAL_SESSION"
    HOURS = "HOURS"


@dataclass(frozen=True)
class DayChange:
    """One date that differs: closed, open for a special session, or open at other hours (IST).

    A special session without hours stays closed until they are known. Raises ValueError naming the field
    that does not fit the kind.
    """

    date: datetime.date
    kind: ChangeKind
    name: str
    opens: datetime.time | None = None
    closes: datetime.time | None = None

    def __post_init__(self) -> None:
        if self.kind is ChangeKind.HOLIDAY and (self.opens or self.closes):
            raise ValueError("open, close: a holiday has no hours")
        if self.kind is ChangeKind.HOURS and self.hours is None:
            raise ValueError("open, close: changed hours need both")
        if (self.opens is None) is not (self.closes is None):
            raise ValueError("open, close: one is given without the other")
        if self.opens is not None and self.closes is not None and self.opens >= self.closes:
            raise ValueError(f"close: {self.closes:%H:%M} is not after the open at {self.opens:%H:%M}")

    @property
    def hours(self) -> tuple[datetime.time, datetime.time] | None:
        """Open and close, when they are known."""
        return (self.opens, self.closes) if self.opens is not None and self.closes is not None else None

    def __str__(self) -> str:
        hours = f", {self.opens:%H:%M}-{self.closes:%H:%M}" if self.hours else ""
        return f"{self.kind} {self.name}{hours}"


def iso_date(text: Any) -> datetime.date:
    """Read `2026-11-24`. Raises ValueError for anything else: a number of seconds is a date to nobody."""
    if isinstance(text, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        try:
            return datetime.date.fromisoformat(text)
        except ValueError as error:
            raise ValueError(f"{text!r} is not a date: {error}") from error
    raise ValueError(f"{text!r} is not a date like 2026-11-24")


def clock_time(text: Any) -> datetime.time:
    """Read `09:15` (IST). Raises ValueError for anything else."""
    if isinstance(text, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text, re.ASCII):
        return datetime.time.fromisoformat(text)
    raise ValueError(f"{text!r} is not a time like 09:15")


def _clock_time_or_none(text: Any) -> datetime.time | None:
    return None if text is None else clock_time(text)


IsoDate = Annotated[datetime.date, BeforeValidator(iso_date)]
ClockTime = Annotated[datetime.time | None, BeforeValidator(_clock_time_or_none)]


class ChangeFields(Value):
    """A change as somebody outside writes it; a special session is entered with its hours."""

    date: IsoDate
    kind: ChangeKind
    name: Name
    open: ClockTime = None
    close: ClockTime = None

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        change = self.change
        if change.kind is ChangeKind.SPECIAL_SESSION and change.hours is None:
            raise ValueError("open, close: a special session needs both; to close the day, use HOLIDAY")
        return self

    @property
    def change(self) -> DayChange:
        """The change itself. Raises ValueError naming the field that does not fit the kind."""
        return DayChange(self.date, self.kind, self.name, self.open, self.close)


def problems_in(error: ValidationError) -> list[str]:
    """What is wrong with untrusted input, `field: problem` for each."""
    return [_problem(found["loc"], found["msg"]) for found in error.errors(include_url=False)]


def _problem(place: Iterable[int | str], message: str) -> str:
    field = ".".join(str(part) for part in place)
    text = message.removeprefix("Value error, ")
    return f"{field}: {text}" if field else text
