"""What is due at a minute."""

from dataclasses import dataclass
from typing import get_args
from zlib import crc32

from lambdas.domain.intents import Phase
from lambdas.domain.strategy import Strategy
from lambdas.domain.trading_calendar import SPECIAL
from lambdas.domain.values import Weekday

DUE_DAYS = frozenset({*get_args(Weekday), SPECIAL})
"""The day words of the due index. A weekend has none: what is due there is due in a special session."""


@dataclass(frozen=True)
class Due:
    """One entry or exit that is due, with the strategy as it was when its due items were written."""

    strategy: Strategy
    phase: Phase


@dataclass(frozen=True, order=True)
class DueSlot:
    """One place in the due index: a day word and a minute at which a strategy enters or leaves.

    Raises ValueError for a day that is no trading weekday, so that no key can be made for it.
    """

    due_day: str
    hhmm: str
    phase: Phase

    def __post_init__(self) -> None:
        check_due_day(self.due_day)


def check_due_day(due_day: str) -> None:
    """Raises ValueError for anything but Monday to Friday and `SPECIAL`."""
    if due_day not in DUE_DAYS:
        raise ValueError(f"{due_day!r} is no day of the due index; there are {', '.join(sorted(DUE_DAYS))}")


def due_slots(strategy: Strategy) -> list[DueSlot]:
    """Every slot of a strategy. Disabling it takes its entries away, never the exits of what is open."""
    schedule = strategy.definition.schedule
    slots: list[DueSlot] = []
    for due_day in schedule.due_days:
        entry, leave = schedule.times_on(due_day)
        if strategy.definition.enabled:
            slots.append(DueSlot(due_day, entry, Phase.ENTRY))
        slots.append(DueSlot(due_day, leave, Phase.EXIT))
    return slots


def shard_of(user_id: str, shards: int) -> int:
    """The due shard of a user: stable across processes, so that one user's work is found together."""
    return crc32(user_id.encode()) % shards
