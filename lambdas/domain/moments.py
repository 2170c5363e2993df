"""Instants that the platform intends: ticks, and the waits that lead to them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Self

IST = timezone(timedelta(hours=5, minutes=30), "IST")
"""India has no summer time, so a fixed offset is exact and needs no time-zone database."""

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, order=True)
class Tick:
    """One intended instant T, carried as data and never read from the clock.

    The trading-day loop makes whole minutes; a direct invocation may name any whole second.
    """

    instant: datetime

    def __post_init__(self) -> None:
        if self.instant.tzinfo is None:
            raise ValueError(f"tick {self.instant} has no offset; write it like 2026-11-23T09:20+05:30")
        if self.instant.microsecond:
            raise ValueError(f"tick {self.instant.isoformat()} has a fraction of a second; ticks are whole seconds")
        object.__setattr__(self, "instant", self.instant.astimezone(IST))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2026-11-23T09:20+05:30` (seconds optional). Raises ValueError naming what is wrong."""
        try:
            instant = datetime.fromisoformat(text)
        except ValueError as error:
            raise ValueError(f"tick {text!r} is not an instant like 2026-11-23T09:20+05:30") from error
        return cls(instant)

    @property
    def date(self) -> date:
        """The trading date in IST."""
        return self.instant.date()

    @property
    def hhmm(self) -> str:
        """The minute of the day, `09:20`."""
        return f"{self.instant:%H:%M}"

    def at(self, hhmm: str) -> datetime:
        """Another minute (`15:15`) of the same trading date."""
        return datetime.combine(self.date, time.fromisoformat(hhmm), IST)

    @property
    def weekday(self) -> str:
        """`MON` … `SUN`."""
        return WEEKDAYS[self.instant.weekday()]

    def __str__(self) -> str:
        spec = "minutes" if self.instant.second == 0 else "seconds"
        return self.instant.isoformat(timespec=spec)


WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


def next_tick(now: datetime) -> Tick:
    """The first whole minute strictly after `now`, exact to the microsecond.

    09:19:59.999999 gives 09:20; 09:20:00.000000 gives 09:21.
    """
    local = now.astimezone(IST)
    return Tick(local.replace(second=0, microsecond=0) + MINUTE)


def tick_to_prepare(now: datetime, lead: timedelta) -> Tick:
    """The first whole minute whose preparation, `lead` before it, has not begun to be late at `now`."""
    return next_tick(now + lead - timedelta(microseconds=1))


def ticks_between(after: Tick, before: Tick) -> tuple[Tick, ...]:
    """The whole minutes strictly between two ticks: those that a late loop has skipped."""
    minutes: list[Tick] = []
    tick = next_tick(after.instant)
    while tick < before:
        minutes.append(tick)
        tick = next_tick(tick.instant)
    return tuple(minutes)


def wait_timestamp(instant: datetime) -> str:
    """An instant as Step Functions reads it in `Wait.Timestamp`: UTC, whole seconds, rounded down.

    Step Functions drops milliseconds, so rounding down here is what happens there; waking early is
    safe (the worker sleeps to T), waking late is not.
    """
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def calculate_next_minute_wait_seconds(current_ist: datetime) -> int:
    """Whole seconds to wait for the next minute: `max(1, 60 - second)`.

    The fallback for a plain `SecondsPath`. It drops the fraction of the second, so it wakes up to a
    second late, and it cannot tell which minute it was meant for; `next_tick` can
    (docs/decisions/0003-ticks-are-data.md shows the numbers).
    """
    return max(1, 60 - current_ist.second)
