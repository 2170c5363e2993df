"""What is remembered of the comparisons of an account with its broker: since when something differs, and whether it
was told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self

from lambdas.domain.comparison import Comparison, Difference, Stranger
from lambdas.domain.intents import Order
from lambdas.domain.moments import IST

PERSISTS_AFTER = timedelta(minutes=1)
"""What is found twice so far apart is no fill on its way any more."""
ACTIVE_FOR = timedelta(minutes=10)
"""So long after an order of it an account is compared each minute."""
EVERY = timedelta(minutes=5)
"""So often while a run is open in it."""
PUNCTUALITY = timedelta(seconds=15)
"""What starts each minute does so a little earlier or later."""
MOST_STRANGERS = 100
"""Remembered of one comparison."""


@dataclass(frozen=True)
class Remembered:
    """A difference, when it was seen first and last, and whether somebody was told."""

    difference: Difference
    first_seen: datetime
    last_seen: datetime
    told: bool = False


@dataclass(frozen=True)
class Compared:
    """The last comparison of an account. `at` is when the broker was last read, `tried_at` when it was last asked,
    `unreadable` why it could not be read then. `version` counts what was stored."""

    user_id: str
    account_id: str
    version: int
    tried_at: datetime
    at: datetime | None = None
    unreadable: str = ""
    differences: tuple[Remembered, ...] = ()
    strangers: tuple[Stranger, ...] = ()

    def on(self, day: date) -> Self:
        """As far as it concerns that day: yesterday's orders and positions are in no book of today."""
        if self.tried_at.astimezone(IST).date() == day:
            return self
        return replace(self, at=None, unreadable="", differences=(), strangers=())

    def unread(self, reason: str, now: datetime) -> Self:
        """The next version, after the broker could not be read: what was known before stays."""
        return replace(self, version=self.version + 1, tried_at=now, unreadable=reason)


@dataclass(frozen=True)
class Step:
    """The next version of what is remembered, the differences to tell now, and the told ones that are gone."""

    after: Compared
    tell: tuple[Remembered, ...]
    gone: tuple[Remembered, ...]


def never_compared(user_id: str, account_id: str, now: datetime) -> Compared:
    """What is remembered of an account before its first comparison."""
    return Compared(user_id, account_id, version=0, tried_at=now)


def remember(before: Compared, found: Comparison, now: datetime) -> Step:
    """Take in a comparison of the same day: a difference is told once, when it persists.

    One whose position could not be judged this time stays as it was.
    """
    known = {one.difference.key: one for one in before.differences}
    present = [_seen(known.get(difference.key), difference, now) for difference in found.differences]
    keys = {one.difference.key for one in present}
    missing = [one for key, one in known.items() if key not in keys]
    kept = [one for one in missing if one.difference.subject in found.moving]
    gone = tuple(one for one in missing if one.told and one not in kept)
    tell = tuple(one for one in present if not one.told and now - one.first_seen >= PERSISTS_AFTER)
    after = replace(
        before,
        version=before.version + 1,
        tried_at=now,
        at=now,
        unreadable="",
        differences=(*(replace(one, told=one.told or one in tell) for one in present), *kept),
        strangers=found.strangers[:MOST_STRANGERS],
    )
    return Step(after, tell, gone)


def untold(step: Step) -> Compared:
    """The version after it, for when nobody could be told: as if nothing had been told or were gone."""
    again = {one.difference.key for one in step.tell}
    differences = [replace(one, told=one.told and one.difference.key not in again) for one in step.after.differences]
    return replace(step.after, version=step.after.version + 1, differences=(*differences, *step.gone))


def is_due(
    before: Compared | None, orders: Sequence[Order], *, has_open_runs: bool, sent_before: datetime, now: datetime
) -> bool:
    """Whether an account is to be compared now, by its orders of the day.

    Each minute while something differs and for a while after an order, else every few minutes while a run is open.
    While orders are on their way it is left to those who follow them: some brokers answer one book a second.
    """
    waited = before is not None and now - before.tried_at >= EVERY - PUNCTUALITY
    newest = max((order.intent.not_after for order in orders), default=None)
    if newest is not None and newest >= sent_before:
        return waited
    if before is not None and before.differences:
        return True
    if newest is not None and newest >= now - ACTIVE_FOR:
        return True
    return has_open_runs and (before is None or waited)


def _seen(before: Remembered | None, difference: Difference, now: datetime) -> Remembered:
    if before is None:
        return Remembered(difference, first_seen=now, last_seen=now)
    return replace(before, difference=difference, last_seen=now)
