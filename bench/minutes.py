"""Minutes of the deployed product with many orders: what was due, what came of it, when all of it was settled."""

import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bench.desk import Desk
from bench.offsets import Sample, SentOrder, first_offsets, last_acknowledgements, milliseconds, sent_offsets, waves
from bench.report import NOTHING, number
from lambdas.domain.moments import IST, MINUTE, WEEKDAYS, Tick
from local import show

UNDER_WAY = frozenset({"preparing", "entering", "exiting"})
FIRST_LOOK = timedelta(seconds=4)
LAST_LOOK = timedelta(seconds=28)
"""After second 0: the lead of the next minute follows."""
TALLY_COLUMNS = (
    "orders of the minute",
    "due",
    "intents",
    "in a book once",
    "twice",
    "never",
    "before second 0",
    "settled s",
)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Expected:
    """What a minute is to bring: how many runs, over at its end (exits) or open (entries)."""

    tick: Tick
    runs: int
    over: bool


@dataclass(frozen=True)
class Tally:
    """How often the intents of a minute are in the exchange's books."""

    intents: int
    once: int
    twice: int
    never: int
    early: int

    def row(self, name: str, due: int, settled: float | None) -> tuple[str, ...]:
        """Cells for `TALLY_COLUMNS`; `due` is how many orders the minute was to bring."""
        counts = (due, self.intents, self.once, self.twice, self.never, self.early)
        return (name, *map(str, counts), NOTHING if settled is None else number(settled))


def schedule_of(entry: Tick, leave: Tick) -> dict[str, Any]:
    """These two minutes, whatever the day is."""
    return {
        "weekdays": list(WEEKDAYS[:5]),
        "special_sessions": True,
        "entry": entry.hhmm,
        "exit": leave.hhmm,
    }


def minute_after(tick: Tick, minutes: int) -> Tick:
    """So many minutes later."""
    return Tick(tick.instant + minutes * MINUTE)


def at(tick: Tick, orders: Iterable[Row]) -> list[Row]:
    """The orders of one minute, of all that the API tells. What mends a run is sent at once, not at second 0, so it
    has no offset; it is not of the minute."""
    due = [order for order in orders if datetime.fromisoformat(order["intended_at"]) == tick.instant]
    return [order for order in due if order["offset_ms"] is not None or order["sent_at"] is None]


def tally(orders: Sequence[Row], books: Mapping[str, Sequence[Row]]) -> Tally:
    """Count the orders of a minute in the books, which hold those of other minutes too."""
    found = Counter((account_id, row["tag"]) for account_id, rows in books.items() for row in rows)
    arrived = arrivals_in(books)
    times = [found[order["account_id"], order["tag"]] for order in orders]
    early = 0
    for order in orders:
        received = arrived.get((order["account_id"], order["tag"]))
        early += received is not None and received < datetime.fromisoformat(order["intended_at"])
    return Tally(len(orders), times.count(1), sum(count > 1 for count in times), times.count(0), early)


def strangers(orders: Iterable[Row], books: Mapping[str, Sequence[Row]]) -> int:
    """How many orders of the books nobody here intended."""
    known = {(order["account_id"], order["tag"]) for order in orders}
    return sum((account_id, row["tag"]) not in known for account_id, rows in books.items() for row in rows)


def arrivals_in(books: Mapping[str, Sequence[Row]]) -> dict[tuple[str, str], datetime]:
    """When the exchange received each order, by account and tag."""
    return {
        (account_id, row["tag"]): datetime.fromisoformat(row["received_at"])
        for account_id, rows in books.items()
        for row in rows
    }


def samples_of(name: str, orders: Sequence[Row], books: Mapping[str, Sequence[Row]], due: int) -> list[Sample]:
    """The offsets of one minute with `due` orders in the accounts of the books: half of them wait for the others."""
    accounts = len(books)
    sent = [SentOrder.of(order) for order in orders]
    first, second = waves(sent)
    return [
        Sample(f"{name}: first order of each account", accounts, first_offsets(sent)),
        Sample(f"{name}: the same, by the exchange's clock", accounts, first_offsets(sent, arrivals_in(books))),
        Sample(f"{name}: orders that wait for nothing", due // 2, sent_offsets(first)),
        Sample(f"{name}: orders released by fills", due // 2, sent_offsets(second)),
        Sample(f"{name}: last acknowledgement", 1, last_acknowledgements(sent)),
    ]


def group_samples(name: str, orders: Sequence[Row], accounts: Collection[str], due: int) -> list[Sample]:
    """The offsets of some accounts of a minute with `due` orders there: of their first orders, and of all that wait
    for nothing."""
    sent = [SentOrder.of(order) for order in orders if order["account_id"] in accounts]
    first, _ = waves(sent)
    return [
        Sample(f"{name}: first orders", len(accounts), first_offsets(sent)),
        Sample(f"{name}: that wait for nothing", due // 2, sent_offsets(first)),
    ]


def settled_after(desks: Sequence[Desk], expected: Expected) -> float | None:
    """Seconds from second 0 until no run of these users is under way any more, looked at once a second; None when
    that does not come in time."""
    sleep_until(expected.tick.instant + FIRST_LOOK)
    while True:
        runs = [run for desk in desks for run in desk.day(expected.tick.date)["runs"]]
        now = datetime.now(IST)
        if is_settled(runs, expected):
            return milliseconds(now - expected.tick.instant) / 1000
        if now > expected.tick.instant + LAST_LOOK:
            return None
        time.sleep(1)


def is_settled(runs: Sequence[Row], expected: Expected) -> bool:
    """Whether all runs exist and none is under way; after exits none may be open either."""
    due = [run for run in runs if expected.tick.hhmm in (run["entry"], run["exit"])]
    if len(due) < expected.runs:
        return False
    if expected.over:
        return all(run["status"] in show.DONE for run in due)
    return not any(run["status"] in UNDER_WAY for run in due)


def sleep_until(instant: datetime) -> None:
    """Wait without doing anything that could disturb a minute."""
    while (left := (instant - datetime.now(IST)).total_seconds()) > 0:
        time.sleep(min(left, 30))
