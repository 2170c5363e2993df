"""What is to be known of a run besides the sum of its orders: is its exit overdue, what is left after the close, which
orders are news."""

from collections.abc import Sequence
from datetime import datetime, time

from lambdas.domain.intents import Order, Phase
from lambdas.domain.moments import IST
from lambdas.domain.runs import CLOSED, Run, RunStatus, Verdict, positions_of


def exit_overdue(run: Run, orders: Sequence[Order], now: datetime) -> str:
    """That the time of a run's exit is over, something is open and no exit was planned; empty when it is not so.

    An exit whose minute was over when the run was entered is none of this run's.
    """
    due = datetime.combine(run.date, time.fromisoformat(run.exit), IST)
    entered = min((order.intent.intended_at.instant for order in orders), default=due)
    if not entered < due < now or any(order.intent.phase is Phase.EXIT for order in orders):
        return ""
    return f"its exit was due at {run.exit}" if any(position.net for position in positions_of(orders)) else ""


def left_over(verdict: Verdict, overdue: str, closed: str) -> Verdict:
    """The verdict on a run that wants mending and cannot be mended any more today, because of what `closed` says."""
    if verdict.status in CLOSED:
        return verdict
    told = "; ".join(part for part in (overdue, verdict.reason, f"nothing more can be sent: {closed}") if part)
    return Verdict(RunStatus.UNRESOLVED if verdict.status is RunStatus.UNRESOLVED else RunStatus.INCOMPLETE, told)


def latest_round(orders: Sequence[Order]) -> Sequence[Order]:
    """The last attempts: of the exits where there are any, else of each slice of the entry. Earlier ones were told."""
    exits = [order for order in orders if order.intent.phase is Phase.EXIT]
    if exits:
        last = max(order.intent.attempt for order in exits)
        return [order for order in exits if order.intent.attempt == last]
    of_slice = {_slice(order): order for order in sorted(orders, key=lambda order: order.intent.attempt)}
    return [order for order in orders if of_slice[_slice(order)] is order]


def _slice(order: Order) -> tuple[int, str, int]:
    return order.intent.leg, order.intent.account_id, order.intent.slice_number
