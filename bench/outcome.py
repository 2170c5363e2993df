"""What a timing run left behind, read once it is over: the API's day, the exchange's books, the baselines' instants."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx

from bench.baseline_rig import CRON, LOOP, Baselines
from bench.offsets import (
    Sample,
    SentOrder,
    baseline_offsets,
    first_offsets,
    last_acknowledgements,
    sent_offsets,
    waves,
)
from bench.plan import Plan
from lambdas.domain.moments import IST
from local import books, seed, show
from local.api import Api, sign_up
from local.cluster import Cluster

CLIENTS = {seed.ZERODHA: ("zerodha", "SB0001"), seed.ANGEL_ONE: ("angel_one", "SB0002")}
SETTLED_WITHIN = timedelta(seconds=90)
Arrivals = dict[tuple[str, str], datetime]
"""When the exchange received an order, by account and tag."""


def settled_day(cluster: Cluster, plan: Plan) -> dict[str, Any]:
    """The day once its runs are over, or what there is of it in the end."""
    api = sign_up(cluster, seed.DEMO_EMAIL, seed.DEMO_PASSWORD)  # the first token may have expired by now
    until = plan.minutes[-1].instant + SETTLED_WITHIN
    while True:
        day = _day(api, plan)
        if len(day["runs"]) == len(plan.minutes) - 1 and show.run_is_over(day):
            return day
        if datetime.now(IST) > until:
            print(f"  ! not all is settled: {show.summary(day)}")
            return day
        time.sleep(2)


def _day(api: Api, plan: Plan) -> dict[str, Any]:
    day: dict[str, Any] = api.get(f"/days/{plan.minutes[0].date}")
    return day


def arrivals_of(cluster: Cluster) -> Arrivals:
    """When the exchange received each order, by account and tag."""
    arrivals: Arrivals = {}
    for account_id, (broker, client_id) in CLIENTS.items():
        answer = httpx.get(f"{cluster.instance.sandbox_url}/books/{broker}/{client_id}", timeout=10)
        answer.raise_for_status()
        for row in answer.json()["orders"]:
            arrivals[(account_id, row["tag"])] = datetime.fromisoformat(row["received_at"])
    return arrivals


def samples_of(plan: Plan, day: dict[str, Any], arrivals: Arrivals, baselines: Baselines) -> Sequence[Sample]:
    """The rows of the result: what was expected and what came of it."""
    orders = [SentOrder.of(order) for order in day["orders"]]
    first, second = waves(orders)
    ticks = len(plan.minutes)
    firsts = len(CLIENTS) * ticks
    return (
        Sample("Legwise: first order of each account", firsts, first_offsets(orders)),
        Sample("Legwise: the same, by the exchange's clock", firsts, first_offsets(orders, arrivals)),
        Sample("Legwise: all orders due at second 0", plan.orders // 2, sent_offsets(first)),
        Sample("Legwise: second wave, released by fills", plan.orders // 2, sent_offsets(second)),
        Sample("Legwise: last acknowledgement of the minute", ticks, last_acknowledgements(orders)),
        Sample("60 − second loop", ticks, baseline_offsets(baselines.sent(LOOP), plan.instants)),
        Sample("cron rule", ticks, baseline_offsets(baselines.sent(CRON), plan.instants)),
    )


def tell_differences(cluster: Cluster, day: dict[str, Any]) -> None:
    """Print where the brokers' books differ from the table, every order not filled, every run not flat."""
    agreement = books.compare(cluster.instance.sandbox_url, day, CLIENTS)
    for difference in agreement.differences:
        print(f"  ! {difference}")
    if not agreement.differences:
        print(f"  ✓ the books of both brokers agree on all {agreement.compared} orders")
    for order in day["orders"]:
        if order["status"] != "filled":
            print(f"  ! {order['intent_id']} {order['status']}: {order['reason']}")
    for run in day["runs"]:
        if run["status"] != "flat":
            print(f"  ! run {run['run_id']} ended {run['status']}: {run['reason']}")
