"""When calls on an account's behalf left or may leave, so that together they stay within a broker's limits.

A token bucket would let a full bucket follow on a spent one, twice the limit within one window. So the instants
themselves are kept, and no window of a limit's length ever holds more of them than it allows.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from lambdas.domain.moments import IST

JITTER = timedelta(milliseconds=100)
"""Brokers count arrivals: what left a second apart may arrive closer together."""


@dataclass(frozen=True)
class RateLimit:
    """At most `calls` of a bucket in any `span`; a limit without a span is one of the calendar day (IST)."""

    bucket: str
    calls: int
    span: timedelta | None

    def __post_init__(self) -> None:
        if self.calls < 1:
            raise ValueError(f"{self.bucket}: calls must be at least 1, got {self.calls}")


class DayUsedUp(Exception):
    """The day's limit of a bucket allows no more calls; the message says which."""


@dataclass(frozen=True)
class RateLog:
    """The calls of one account by bucket: instants of the last while (and reserved ones to come), and the day's count.

    `closed` is until when a bucket is shut because the broker said that a limit was passed. `version` counts the
    writes to the store.
    """

    instants: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    of_day: Mapping[str, tuple[date, int]] = field(default_factory=dict)
    closed: Mapping[str, datetime] = field(default_factory=dict)
    version: int = 0

    def next_free(self, limits: Collection[RateLimit], at: datetime) -> datetime:
        """The first instant from `at` on at which one more call is within every limit. Raises DayUsedUp."""
        for limit in limits:
            self._check_day(limit, at)
        while (later := max((self._free_of(limit, at) for limit in limits), default=at)) > at:
            at = later
        return at

    def reserve(
        self, limits: Collection[RateLimit], at: datetime, count: int = 1
    ) -> tuple[Sequence[datetime], "RateLog"]:
        """The next `count` free instants from `at` on, taken. Raises DayUsedUp, and takes none then."""
        log = self
        taken: list[datetime] = []
        for _ in range(count):
            taken.append(log.next_free(limits, taken[-1] if taken else at))
            log = log.noted({limit.bucket for limit in limits}, taken[-1:])
        return taken, log

    def noted(self, buckets: Iterable[str], calls: Sequence[datetime]) -> "RateLog":
        """The same with calls that happened or will, whether or not a limit allows them."""
        instants, of_day = dict(self.instants), dict(self.of_day)
        for bucket in buckets:
            known = list(instants.get(bucket, ()))
            for call in calls:
                insort(known, call)
                of_day[bucket] = _counted(of_day.get(bucket), _day(call))
            instants[bucket] = tuple(known)
        return replace(self, instants=instants, of_day=of_day)

    def shut(self, buckets: Iterable[str], until: datetime) -> "RateLog":
        """The same with these buckets closed until an instant, or longer where they are already."""
        later = {bucket: max(until, self.closed.get(bucket, until)) for bucket in buckets}
        return replace(self, closed={**self.closed, **later})

    def following(self) -> "RateLog":
        """The same as the store holds it after a write."""
        return replace(self, version=self.version + 1)

    def pruned(self, now: datetime, longest: timedelta) -> "RateLog":
        """The same without what no window can hold any more at `now`."""
        since = now - longest - JITTER
        instants = {bucket: known[bisect_left(known, since) :] for bucket, known in self.instants.items()}
        closed = {bucket: until for bucket, until in self.closed.items() if until > now}
        return replace(self, instants={bucket: known for bucket, known in instants.items() if known}, closed=closed)

    def _check_day(self, limit: RateLimit, at: datetime) -> None:
        day, count = self.of_day.get(limit.bucket, (_day(at), 0))
        if limit.span is None and day == _day(at) and count >= limit.calls:
            raise DayUsedUp(f"{limit.calls:,} {limit.bucket} of the day {day:%d %b} are used up")

    def _free_of(self, limit: RateLimit, at: datetime) -> datetime:
        at = max(at, self.closed.get(limit.bucket, at))
        if limit.span is None:
            return at
        known, span = self.instants.get(limit.bucket, ()), limit.span + JITTER
        last = bisect_right(known, at)
        for first in range(max(0, last - limit.calls), min(last, len(known) - limit.calls) + 1):
            earliest, latest = known[first], known[first + limit.calls - 1]
            if max(latest, at) - min(earliest, at) < span:
                at = earliest + span
        return at


def _counted(before: tuple[date, int] | None, day: date) -> tuple[date, int]:
    """One call more on `day`; the latest day is the one that counts."""
    if before is None or before[0] < day:
        return day, 1
    return (day, before[1] + 1) if before[0] == day else before


def _day(instant: datetime) -> date:
    return instant.astimezone(IST).date()
