"""Many orders of one account at one second, with the broker's rate limits in force."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import httpx

from bench.bare_orders import BareSender, burst_of
from bench.condor_times import account_at, bare_sender
from bench.counting_wire import counting_wire
from bench.desk import Desk, iron_condor, never_due, worker_of
from bench.report import NOTHING, number
from bench.sandbox_rig import Linked
from bench.worker_runs import Entered, enter
from lambdas.domain.contracts import Side
from lambdas.domain.intents import IntentStatus
from lambdas.domain.moments import IST
from local.cluster import Cluster
from local.instance import BROKERS
from local.steps import step

COLUMNS = (
    "orders of one account at once",
    "orders",
    "taken",
    "not sent",
    "refused",
    "HTTP 429",
    "took s",
    "at least s",
)
PER_SECOND = 10
LEAD = timedelta(seconds=15)
LEGS = 4
TAKEN = frozenset({IntentStatus.ACCEPTED, IntentStatus.PARTLY_FILLED, IntentStatus.FILLED})
NOT_SENT = frozenset({IntentStatus.WITHHELD, IntentStatus.MISSED})


async def burst(cluster: Cluster, desk: Desk, linked: Linked, orders: int) -> tuple[tuple[str, ...], ...]:
    """Rows for `COLUMNS`: the worker, and a bare client that sends as many at once."""
    account_id = account_at(desk, "zerodha")
    port = cluster.instance.sandbox_port + 1 + BROKERS.index("zerodha")
    with counting_wire("127.0.0.1", port) as wire:
        application = worker_of(cluster, {"zerodha": wire.url})
        schedule = never_due(datetime.now(IST))
        with step(f"{orders} orders of one account at one second"):
            strategies = [
                desk.save(f"burst-{count:03}", iron_condor("Burst", schedule, account_id, account_id))
                for count in range(orders // LEGS)
            ]
            entered = await enter(application, strategies, LEAD)
    for reason, times in reasons_of(entered).most_common(5):
        print(f"  ! {times} × {reason}")
    booked = [datetime.fromisoformat(row["received_at"]) for row in desk.book(account_id)]
    fullest = most_in_a_second([at for at in booked if at >= entered.tick.instant])
    print(f"  ✓ at most {fullest} orders reached the exchange within one second")
    async with httpx.AsyncClient(trust_env=False, timeout=30, limits=httpx.Limits(max_connections=None)) as client:
        bare = await bare_sender(client, desk.exchange, linked, a_hedge(entered))
        await asyncio.sleep(2)  # what the last orders left of the limit of a second is over
        return burst_row(entered, wire.statuses[429]), await _bare_row(bare, orders)


def a_hedge(entered: Entered) -> Entered:
    """The entry with one bought order alone."""
    return replace(entered, orders=next((order,) for order in entered.orders if order.intent.side is Side.BUY))


async def _bare_row(bare: BareSender, orders: int) -> tuple[str, ...]:
    began = datetime.now(IST)
    statuses = await burst_of(bare, orders)
    took = (datetime.now(IST) - began).total_seconds()
    taken, limited = statuses[200], statuses[429]
    return bare_row(orders, taken, limited, took)


def bare_row(orders: int, taken: int, limited: int, took: float) -> tuple[str, ...]:
    """Cells for `COLUMNS` of a client that knows no limit."""
    counts = (orders, taken, 0, orders - taken, limited)
    return ("bare httpx: all at once", *map(str, counts), number(took, 2), number(least_seconds(orders)))


def burst_row(entered: Entered, limited: int) -> tuple[str, ...]:
    """Cells for `COLUMNS`: what became of the orders, how many answers were HTTP 429, how long it took from second 0
    to the last answer."""
    statuses = [order.state.status for order in entered.orders]
    taken = sum(status in TAKEN for status in statuses)
    not_sent = sum(status in NOT_SENT for status in statuses)
    counts = (len(statuses), taken, not_sent, len(statuses) - taken - not_sent, limited)
    took = number(entered.last_answer_ms / 1000, 2) if taken else NOTHING
    return ("Legwise: the worker", *map(str, counts), took, number(least_seconds(len(statuses))))


def least_seconds(orders: int) -> float:
    """How long so many orders take at 10 a second when the first ten leave at once."""
    return float(max(0, orders - 1) // PER_SECOND)


def most_in_a_second(instants: Sequence[datetime]) -> int:
    """The most instants that lie within one second of each other."""
    ordered = sorted(instants)
    second = timedelta(seconds=1)
    first = most = 0
    for place, instant in enumerate(ordered):
        while instant - ordered[first] >= second:
            first += 1
        most = max(most, place - first + 1)
    return most


def reasons_of(entered: Entered) -> Counter[str]:
    """Why orders were not taken."""
    return Counter(order.state.reason for order in entered.orders if order.state.status not in TAKEN)
