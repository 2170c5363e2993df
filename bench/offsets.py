"""From orders and instants to offsets in milliseconds from second 0 of their minute. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from bench.report import NOTHING, number, percentile
from lambdas.domain.moments import MINUTE

COLUMNS = ("ms from second 0", "n", "p50", "p99", "max", "min", "early", "lost")
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class SentOrder:
    """One order as the API tells it; the instants are None when it was not sent or not answered."""

    tag: str
    run_id: str
    phase: str
    account_id: str
    side: str
    minute: datetime
    sent_at: datetime | None
    acknowledged_at: datetime | None

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Self:
        """From an order of `GET /days/{date}`."""
        return cls(
            tag=answer["tag"],
            run_id=answer["run_id"],
            phase=answer["phase"],
            account_id=answer["account_id"],
            side=answer["side"],
            minute=datetime.fromisoformat(answer["intended_at"]),
            sent_at=_instant(answer["sent_at"]),
            acknowledged_at=_instant(answer["acknowledged_at"]),
        )


@dataclass(frozen=True)
class Sample:
    """What was measured of something that was expected `expected` times."""

    name: str
    expected: int
    offsets_ms: tuple[float, ...]

    @property
    def early(self) -> int:
        """How many came before second 0."""
        return sum(offset < 0 for offset in self.offsets_ms)

    @property
    def lost(self) -> int:
        """How many never came."""
        return max(0, self.expected - len(self.offsets_ms))

    def row(self) -> tuple[str, ...]:
        """Cells under `COLUMNS`."""
        values = self.offsets_ms
        if not values:
            return (self.name, "0", *[NOTHING] * 5, str(self.lost))
        spread = (percentile(values, 50), percentile(values, 99), max(values), min(values))
        return (self.name, str(len(values)), *(number(value, 2) for value in spread), str(self.early), str(self.lost))


def waves(orders: Sequence[SentOrder]) -> tuple[list[SentOrder], list[SentOrder]]:
    """Orders that are due at second 0, and those that wait for the fills of the first.

    Where a run both buys and sells in an account at a minute, its sells wait for its buys; a run that only
    sells does so at second 0.
    """
    groups: dict[tuple[str, str, str, datetime], set[str]] = defaultdict(set)
    for order in orders:
        groups[_group(order)].add(order.side)
    first: list[SentOrder] = []
    second: list[SentOrder] = []
    for order in orders:
        waits = order.side == "SELL" and "BUY" in groups[_group(order)]
        (second if waits else first).append(order)
    return first, second


def _group(order: SentOrder) -> tuple[str, str, str, datetime]:
    return order.run_id, order.phase, order.account_id, order.minute


def sent_offsets(orders: Iterable[SentOrder]) -> tuple[float, ...]:
    """Of every order that was sent."""
    return tuple(milliseconds(order.sent_at - order.minute) for order in orders if order.sent_at is not None)


def first_offsets(
    orders: Iterable[SentOrder], arrivals: Mapping[tuple[str, str], datetime] | None = None
) -> tuple[float, ...]:
    """Of the first order of each account at each minute.

    `arrivals` maps (account, tag) to the instant at which the exchange saw an order; it replaces our own record.
    """
    instants: list[tuple[tuple[str, datetime], datetime, datetime]] = []
    for order in orders:
        at = order.sent_at if arrivals is None else arrivals.get((order.account_id, order.tag))
        if at is not None:
            instants.append(((order.account_id, order.minute), order.minute, at))
    return tuple(min(found) for found in _grouped(instants).values())


def last_acknowledgements(orders: Iterable[SentOrder]) -> tuple[float, ...]:
    """Of the last answer of any broker to an order of a minute."""
    answered = [
        (order.minute, order.minute, order.acknowledged_at) for order in orders if order.acknowledged_at is not None
    ]
    return tuple(max(found) for found in _grouped(answered).values())


def _grouped(instants: Iterable[tuple[Key, datetime, datetime]]) -> dict[Key, list[float]]:
    """Offsets by key, from (key, minute, instant)."""
    grouped: dict[Key, list[float]] = defaultdict(list)
    for key, minute, instant in instants:
        grouped[key].append(milliseconds(instant - minute))
    return grouped


def baseline_offsets(sent: Iterable[datetime], minutes: Sequence[datetime]) -> tuple[float, ...]:
    """For each minute that a baseline hit, its first instant there; an instant belongs to its nearest minute.

    A minute that no instant is near was skipped and has no offset.
    """
    wanted = set(minutes)
    hits: dict[datetime, float] = {}
    for instant in sorted(sent):
        minute = nearest_minute(instant)
        if minute in wanted:
            hits.setdefault(minute, milliseconds(instant - minute))
    return tuple(hits.values())


def nearest_minute(instant: datetime) -> datetime:
    """The whole minute that an instant is at most 30 s away from."""
    shifted = instant + MINUTE / 2
    return shifted.replace(second=0, microsecond=0)


def milliseconds(duration: timedelta) -> float:
    """A duration in milliseconds."""
    return duration / timedelta(milliseconds=1)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
