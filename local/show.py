"""Showing what happens, as it happens, from what the API answers."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from lambdas.domain.moments import IST, Tick
from local.api import Api
from local.steps import CannotContinue

POLL_SECONDS = 0.5
PATIENCE = timedelta(seconds=60)
DONE = frozenset({"flat", "refused", "missed", "incomplete", "unresolved"})
FINAL_ORDERS = frozenset({"filled", "refused", "cancelled", "expired", "missed", "withheld"})


@dataclass
class Story:
    """Prints each run status and each order once it is final, in the order in which they become known."""

    console: Console
    labels: dict[str, str]
    seen: set[tuple[str, str]] = field(default_factory=set)

    def tell(self, day: dict[str, Any]) -> None:
        """Print what is new in a day."""
        for order in day["orders"]:
            if order["status"] in FINAL_ORDERS and self._is_new(order["intent_id"], order["status"]):
                self.console.print(order_line(order, self.labels))
        for run in day["runs"]:
            if self._is_new(run["run_id"], run["status"]):
                profit = f"  P&L ₹{_rupees(run['realised'])}" if run["status"] == "flat" else ""
                reason = run["reason"].replace("; leg ", "\n            leg ").replace(". leg ", "\n            leg ")
                self.console.print(f"  {clock()}  run {run['status'].upper()}: {reason}{profit}")

    def tell_tick(self, tick: Tick) -> None:
        """Print that second 0 has come."""
        if self._is_new(str(tick), "came"):
            self.console.print(f"  {clock()}  tick {tick.hhmm}:00.000")

    def _is_new(self, what: str, status: str) -> bool:
        key = (what, status)
        new = key not in self.seen
        self.seen.add(key)
        return new


def follow(api: Api, story: Story, tick: Tick, finished: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Tell the story of a tick until it is finished; returns the last day read.

    Raises CannotContinue when it is not finished a minute after the tick.
    """
    until = tick.instant + PATIENCE
    while True:
        now = datetime.now(IST)
        if now >= tick.instant:
            story.tell_tick(tick)
        day: dict[str, Any] = api.get(f"/days/{now.date()}")
        story.tell(day)
        if finished(day):
            return day
        if now > until:
            raise CannotContinue(f"nothing more happened by {until:%H:%M:%S}; the last known: {summary(day)}")
        time.sleep(POLL_SECONDS)


def run_is_over(day: dict[str, Any]) -> bool:
    """Whether every run of the day has ended, one way or another."""
    return bool(day["runs"]) and all(run["status"] in DONE for run in day["runs"])


def count_down(console: Console, tick: Tick, what: str) -> None:
    """Wait for the lead of a tick, saying what is awaited."""
    left = (tick.instant - datetime.now(IST)).total_seconds()
    console.print(f"  {clock()}  {what} at {tick.hhmm}:00 IST, in {max(left, 0):.0f} s")


def order_line(order: dict[str, Any], labels: dict[str, str]) -> str:
    """One order in one line."""
    offset = "not sent" if order["offset_ms"] is None else f"{order['offset_ms']:+9.3f} ms"
    price = f"₹{_rupees(order['average_price'])}" if order["average_price"] else order["reason"]
    broker = labels.get(order["account_id"], order["account_id"])
    return (
        f"  {clock()}  {offset:>13}  {broker:<10} {order['side']:<4} {order['lots']:>2} lots "
        f"{order['contract']:<28} {order['status']:<9} {price}"
    )


def orders_table(day: dict[str, Any], labels: dict[str, str]) -> Table:
    """All orders of a day; offsets are from second 0 of the intended minute."""
    table = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, padding=0, title="Orders", title_justify="left", caption_justify="left"
    )
    table.caption = "offset: from second 0 to the first byte sent; sells wait until the buys they lean on are filled"
    for name in ("minute", "phase", "leg", "broker", "contract", "side"):
        table.add_column(name, no_wrap=True)
    for name in ("lots", "quantity", "price ₹", "offset ms", "answer ms"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    for order in sorted(day["orders"], key=lambda order: (order["intended_at"], order["sent_at"] or "")):
        table.add_row(
            datetime.fromisoformat(order["intended_at"]).strftime("%H:%M"),
            order["phase"],
            str(order["leg"]),
            labels.get(order["account_id"], order["account_id"]),
            order["contract"],
            order["side"],
            str(order["lots"]),
            str(order["quantity"]),
            _rupees(order["average_price"]),
            "–" if order["offset_ms"] is None else f"{order['offset_ms']:.3f}",
            _answer_ms(order),
            order["status"],
        )
    return table


def _rupees(text: str | None) -> str:
    return "–" if text is None else f"{Decimal(text):.2f}"


def _answer_ms(order: dict[str, Any]) -> str:
    if order["sent_at"] is None or order["acknowledged_at"] is None:
        return "–"
    took = datetime.fromisoformat(order["acknowledged_at"]) - datetime.fromisoformat(order["sent_at"])
    return f"{took.total_seconds() * 1000:.1f}"


def summary(day: dict[str, Any]) -> str:
    """Runs and orders of a day in one line."""
    runs = ", ".join(f"{run['name']} {run['status']}" for run in day["runs"]) or "no run"
    return f"{runs}; {len(day['orders'])} orders"


def clock() -> str:
    """The time of day in IST."""
    return f"{datetime.now(IST):%H:%M:%S}"


def problems(day: dict[str, Any]) -> Iterator[str]:
    """Everything that makes a demo day not a success."""
    for run in day["runs"]:
        if run["status"] != "flat":
            yield f"run {run['run_id']} ended {run['status']}: {run['reason']}"
    phases = {order["phase"] for order in day["orders"]}
    if phases != {"entry", "exit"}:
        yield f"orders exist for {', '.join(sorted(phases)) or 'nothing'} only"
    for order in day["orders"]:
        name = f"{order['phase']} leg {order['leg']} at {order['account_id']}"
        if order["status"] != "filled" or order["filled_quantity"] != order["quantity"]:
            yield f"{name} is {order['status']}: {order['reason']}"
        elif not 0 <= order["offset_ms"] < 60_000:
            yield f"{name} was sent {order['offset_ms']} ms from its minute"
