"""What is remembered of the comparisons of an account with its broker: since when something differs, what earlier days
left, and whether it was told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self

from lambdas.domain.comparison import Comparison, Difference, Stranger
from lambdas.domain.earlier import Leftover
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
    earlier: tuple[Leftover, ...] = ()

    def on(self, day: date) -> Self:
        """As far as it concerns that day: yesterday's orders and positions are in no book of today."""
        if self.tried_at.astimezone(IST).date() == day:
            return self
        return replace(self, at=None, unreadable="", differences=(), strangers=(), earlier=())

    def unread(self, reason: str, now: datetime) -> Self:
        """The next version, after the broker could not be read: what was known before stays."""
        return replace(self, version=self.version + 1, tried_at=now, unreadable=reason)

    def has_nothing_of(self, run_id: str) -> bool:
        """Whether the broker, read again after a while, still had nothing of all that a run of an earlier day holds
        here."""
        left = [one for one in self.earlier if one.run_id == run_id]
        at = self.at
        if at is None or not left:
            return False
        return all(one.gone_since is not None and at - one.gone_since >= PERSISTS_AFTER for one in left)


@dataclass(frozen=True)
class Step:
    """The next version of what is remembered, the differences to tell now, the told ones that are gone, and what is
    to be told of earlier days."""

    after: Compared
    tell: tuple[Remembered, ...]
    gone: tuple[Remembered, ...]
    left: tuple[Leftover, ...] = ()


def never_compared(user_id: str, account_id: str, now: datetime) -> Compared:
    """What is remembered of an account before its first comparison."""
    return Compared(user_id, account_id, version=0, tried_at=now)


def remember(before: Compared, found: Comparison, now: datetime) -> Step:
    """Take in a comparison of the same day: a difference is told once, when it persists.

    One whose position could not be judged this time stays as it was. What an earlier day left is told at once.
    """
    known = {one.difference.key: one for one in before.differences}
    present = [_seen(known.get(difference.key), difference, now) for difference in found.differences]
    keys = {one.difference.key for one in present}
    missing = [one for key, one in known.items() if key not in keys]
    kept = [one for one in missing if one.difference.subject in found.moving]
    gone = tuple(one for one in missing if one.told and one not in kept)
    tell = tuple(one for one in present if not one.told and now - one.first_seen >= PERSISTS_AFTER)
    earlier, left = _earlier(before.earlier, found, now)
    after = replace(
        before,
        version=before.version + 1,
        tried_at=now,
        at=now,
        unreadable="",
        differences=(*(replace(one, told=one.told or one in tell) for one in present), *kept),
        strangers=found.strangers[:MOST_STRANGERS],
        earlier=earlier,
    )
    return Step(after, tell, gone, left)


def untold(step: Step) -> Compared:
    """The version after it, for when nobody could be told: as if nothing had been told or were gone."""
    again = {one.difference.key for one in step.tell}
    differences = [replace(one, told=one.told and one.difference.key not in again) for one in step.after.differences]
    left = {one.key for one in step.left}
    earlier = tuple(replace(one, told=one.told and one.key not in left) for one in step.after.earlier)
    version = step.after.version + 1
    return replace(step.after, version=version, differences=(*differences, *step.gone), earlier=earlier)


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


def _earlier(
    before: Sequence[Leftover], found: Comparison, now: datetime
) -> tuple[tuple[Leftover, ...], tuple[Leftover, ...]]:
    """What is known of earlier days now, told ones marked; and what of it is to be told."""
    known = {one.key: one for one in before}
    present = [one.after(known.get(one.key), now) for one in found.earlier]
    keys = {one.key for one in present}
    kept = [one for one in before if one.key not in keys and f"{one.symbol}/{one.product}" in found.moving]
    tell = tuple(one for one in present if one.held and not one.told)
    return (*(replace(one, told=one.told or one in tell) for one in present), *kept), tell


def _seen(before: Remembered | None, difference: Difference, now: datetime) -> Remembered:
    if before is None:
        return Remembered(difference, first_seen=now, last_seen=now)
    return replace(before, difference=difference, last_seen=now)
