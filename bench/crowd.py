"""Many strategies of many accounts at one minute of the deployed product, and what faults of some do to others."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle, islice
from typing import Any

from bench.desk import Desk, iron_condor
from bench.minutes import (
    Expected,
    at,
    group_samples,
    minute_after,
    samples_of,
    schedule_of,
    settled_after,
    sleep_until,
    strangers,
    tally,
)
from lambdas.domain.moments import IST, Tick, next_tick
from local.cluster import Cluster
from local.instance import BROKERS
from local.steps import CannotContinue, step

LEGS = 4
TO_SAVE = timedelta(seconds=20)
HANG_MS = 20_000
HANGS, LIMITED = "groww", "dhan"
FAULTS_AFTER = timedelta(seconds=28)
"""Past second 0 of the minute without faults, and before the lead of the next one."""
HELD_FOR = 30
Row = tuple[str, ...]


@dataclass(frozen=True)
class Size:
    """Users, accounts of each, strategies of each."""

    users: int
    accounts: int
    strategies: int

    @property
    def orders(self) -> int:
        """Of one minute."""
        return self.users * self.strategies * LEGS


@dataclass(frozen=True)
class Bulkheads:
    """Two users: one of whom has the trouble, in the accounts at two brokers and in one strategy, and one who has
    not. Each account has `strategies` of its own, at the minute without faults and at the one with them."""

    hit: Desk
    other: Desk
    strategies: int

    @property
    def troubled(self) -> dict[str, str]:
        """Account → what is wrong with it."""
        what = {HANGS: "the broker hangs", LIMITED: "over its rate limit"}
        return {account_id: what[broker] for account_id, (broker, _) in self.hit.clients.items() if broker in what}

    @property
    def groups(self) -> dict[str, list[str]]:
        """Accounts by what is to be told of them."""
        sound = [account_id for account_id in self.hit.account_ids if account_id not in self.troubled]
        return {"another user's": self.other.account_ids, "the same user's others": sound} | {
            what: [account_id] for account_id, what in self.troubled.items()
        }

    def definitions(self, entry: Tick) -> Iterator[tuple[Desk, str, dict[str, Any]]]:
        """The strategies of one minute."""
        schedule = schedule_of(entry, minute_after(entry, HELD_FOR))
        for desk in (self.hit, self.other):
            for account_id in desk.account_ids:
                for count in range(self.strategies):
                    name = f"bulk-{entry.instant:%H%M}-{account_id}-{count}"
                    yield desk, name, iron_condor("Bulkhead", schedule, account_id, account_id)


@dataclass(frozen=True)
class Minutes:
    """Rows of the offset tables and of the count of orders."""

    offsets: tuple[Row, ...]
    counts: tuple[Row, ...]
    bulkheads: tuple[Row, ...]
    ends: tuple[str, ...]


def desks_of(cluster: Cluster, size: Size) -> list[Desk]:
    """Users whose accounts are spread over the brokers in turn."""
    brokers = cycle(BROKERS)
    return [Desk.opened(cluster, f"crowd-{n}", list(islice(brokers, size.accounts))) for n in range(size.users)]


def crowd_strategies(desk: Desk, size: Size, entry: Tick, leave: Tick) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each with its calls in one account and its puts in the next."""
    accounts, schedule = desk.account_ids, schedule_of(entry, leave)
    for count in range(size.strategies):
        calls, puts = accounts[count % len(accounts)], accounts[(count + 1) % len(accounts)]
        yield f"crowd-{count:03}", iron_condor(f"Crowd {count}", schedule, calls, puts)


def poison(account_id: str, entry: Tick) -> dict[str, Any]:
    """A strategy whose strike no exchange lists."""
    definition = iron_condor("Poison", schedule_of(entry, minute_after(entry, HELD_FOR)), account_id, account_id)
    for leg in definition["legs"]:
        leg["strike"] = {"by": "strike", "strike": "999950" if leg["side"] == "SELL" else "999900"}
    return definition


def minutes(cluster: Cluster, desks: Sequence[Desk], size: Size, bulkheads: Bulkheads) -> Minutes:
    """Save all strategies, let four minutes pass, and read what happened. Raises CannotContinue when saving takes too
    long."""
    lead = timedelta(seconds=cluster.settings.timing.lead_seconds)
    saves = size.users * size.strategies + 2 * len(bulkheads.groups) * 4
    first = next_tick(datetime.now(IST) + lead + TO_SAVE + timedelta(seconds=0.25 * saves))
    ticks = [minute_after(first, count) for count in range(4)]
    with step(f"storing strategies for {ticks[0].hhmm}–{ticks[3].hhmm} IST"):
        _save(desks, size, bulkheads, ticks)
    if datetime.now(IST) > first.instant - lead:
        raise CannotContinue(f"storing the strategies took until the lead of {first.hhmm}: try again")
    settled = [
        _pass(desks, Expected(ticks[0], size.users * size.strategies, over=False)),
        _pass(desks, Expected(ticks[1], size.users * size.strategies, over=True)),
    ]
    offsets, counts = _crowd_rows(desks, size.orders, ticks[:2], settled)
    _with_faults(bulkheads, ticks[2], ticks[3])
    rows, ends = _bulkhead_rows(bulkheads, ticks[2], ticks[3])
    return Minutes(offsets, counts, rows, ends)


def _save(desks: Sequence[Desk], size: Size, bulkheads: Bulkheads, ticks: Sequence[Tick]) -> None:
    for desk in desks:
        for strategy_id, definition in crowd_strategies(desk, size, ticks[0], ticks[1]):
            desk.save(strategy_id, definition)
    for tick in ticks[2:]:
        for desk, strategy_id, definition in bulkheads.definitions(tick):
            desk.save(strategy_id, definition)
    bulkheads.hit.save("a-poison", poison(bulkheads.groups["the same user's others"][0], ticks[3]))


def _pass(desks: Sequence[Desk], expected: Expected) -> float | None:
    settled = settled_after(desks, expected)
    told = "not all settled in time" if settled is None else f"settled {settled:.0f} s after second 0"
    print(f"  {expected.tick.hhmm} IST: {told}", flush=True)
    return settled


def _crowd_rows(
    desks: Sequence[Desk], expected: int, ticks: Sequence[Tick], settled: Sequence[float | None]
) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    orders = [order for desk in desks for order in desk.day(ticks[0].date)["orders"]]
    books = {account_id: desk.book(account_id) for desk in desks for account_id in desk.account_ids}
    offsets: list[Row] = []
    counts: list[Row] = []
    for name, tick, seconds in zip(("entries", "exits"), ticks, settled, strict=True):
        due = at(tick, orders)
        offsets += [sample.row() for sample in samples_of(name, due, books, expected)]
        counts.append(tally(due, books).row(name, expected, seconds))
        _tell(due, f"{name} at {tick.hhmm}")
    if unknown := strangers(orders, books):
        print(f"  ! {unknown} orders in the books that nobody intended")
    return tuple(offsets), tuple(counts)


def _with_faults(bulkheads: Bulkheads, clean: Tick, faulty: Tick) -> None:
    """The minute without faults passes, then the faults are set for the next one and cleared after it."""
    exchange = bulkheads.hit.exchange
    sleep_until(clean.instant + FAULTS_AFTER)
    for account_id in bulkheads.troubled:
        broker, client = bulkheads.hit.clients[account_id]
        fault = {"kind": "delay", "ms": HANG_MS} if broker == HANGS else {"kind": "rate_limit", "operation": "place"}
        exchange.admin("POST", "/faults", broker=broker, account=client, **fault)
    print(f"  {clean.hhmm} IST passed without faults; {faulty.hhmm} IST has them", flush=True)
    sleep_until(faulty.instant + timedelta(seconds=50))
    exchange.delay(0)


def _bulkhead_rows(bulkheads: Bulkheads, clean: Tick, faulty: Tick) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    days = [desk.day(clean.date) for desk in (bulkheads.hit, bulkheads.other)]
    orders = [order for day in days for order in day["orders"]]
    rows: list[Row] = []
    for group, accounts in bulkheads.groups.items():
        for name, tick in (("without faults", clean), ("with faults", faulty)):
            due = len(accounts) * bulkheads.strategies * LEGS
            rows += [sample.row() for sample in group_samples(f"{group}, {name}", at(tick, orders), accounts, due)]
    runs = [run for day in days for run in day["runs"] if run["entry"] == faulty.hhmm]
    return tuple(rows), tuple(_ends(bulkheads, runs, at(faulty, orders)))


def _ends(
    bulkheads: Bulkheads, runs: Sequence[Mapping[str, Any]], orders: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """What became of those with the trouble, in words."""
    for run in runs:
        if run["strategy_id"] == "a-poison":
            yield f"The poison strategy's run: {run['status']} ({run['reason']})."
    for account_id, what in bulkheads.troubled.items():
        found = Counter(order["status"] for order in orders if order["account_id"] == account_id)
        told = ", ".join(f"{count} {status}" for status, count in found.most_common()) or "none planned"
        why = next((f"; {run['status']}: {run['reason']}" for run in runs if account_id in run["strategy_id"]), "")
        yield f"Trouble of {account_id} ({what}): orders {told}{why}."


def _tell(orders: Sequence[Mapping[str, Any]], what: str) -> None:
    """Print why orders were not filled."""
    reasons = Counter(f"{order['status']}: {order['reason'][:140]}" for order in orders if order["status"] != "filled")
    for reason, times in reasons.most_common(6):
        print(f"  ! {what}: {times} × {reason}")
