"""What is due at a minute."""

from dataclasses import dataclass
from zlib import crc32

from lambdas.domain.intents import Phase
from lambdas.domain.strategy import Strategy


@dataclass(frozen=True)
class Due:
    """One entry or exit that is due, with the strategy as it was when its due items were written."""

    strategy: Strategy
    phase: Phase


@dataclass(frozen=True)
class DueSlot:
    """One place in the due index: a weekday and a minute at which a strategy enters or leaves."""

    weekday: str
    hhmm: str
    phase: Phase


def due_slots(strategy: Strategy) -> list[DueSlot]:
    """Every slot of a strategy. Disabling it takes its entries away, never the exits of what is open."""
    schedule = strategy.definition.schedule
    exits = [DueSlot(weekday, schedule.exit, Phase.EXIT) for weekday in schedule.weekdays]
    if not strategy.definition.enabled:
        return exits
    return [DueSlot(weekday, schedule.entry, Phase.ENTRY) for weekday in schedule.weekdays] + exits


def shard_of(user_id: str, shards: int) -> int:
    """The due shard of a user: stable across processes, so that one user's work is found together."""
    return crc32(user_id.encode()) % shards
