"""Time as an argument: nothing in the exchange reads the wall clock by itself."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

IST = timezone(timedelta(hours=5, minutes=30), "IST")


class Clock(Protocol):
    """Tells the present instant, aware and in IST."""

    def now(self) -> datetime: ...


class SystemClock:
    """The wall clock, in IST with microseconds."""

    def now(self) -> datetime:
        return datetime.now(IST)


class ManualClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(IST)

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        """Move forward by that many seconds."""
        self._now += timedelta(seconds=seconds)

    def set(self, instant: datetime) -> None:
        """Jump to an instant."""
        self._now = instant.astimezone(IST)


def epoch_micros(instant: datetime) -> int:
    """Whole microseconds since 1970 in UTC, without passing through a float."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
