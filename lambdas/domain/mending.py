"""What happens next to a run whose orders did not all fill: try again, fill the rest, close it, or leave it, loudly."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from lambdas.domain.closing import plan_exit
from lambdas.domain.contracts import Side
from lambdas.domain.gaps import Gap, gaps_of, leg_of
from lambdas.domain.intents import FINAL, Intent, IntentStatus, Order, OrderState, Phase
from lambdas.domain.leaning import closable
from lambdas.domain.moments import Tick
from lambdas.domain.order_rules import PROTECTED, PROTECTED_ACROSS, Policies
from lambdas.domain.runs import Position

MOST_ENTRIES = 2
"""Attempts of an order that entered nothing: the first and one more."""
MOST_COMPLETIONS = 4
"""Attempts of an order that was filled in part."""
MOST_EXITS = 5
"""Attempts to close a position; after them somebody must look."""


class Mending(StrEnum):
    """What is done about a run."""

    RETRY = "trying again"
    SQUARE_OFF = "squaring off"
    CLOSE_REST = "closing what is left"


@dataclass(frozen=True)
class Mend:
    """What is done, why, and the orders that do it."""

    mending: Mending
    reason: str
    intents: tuple[Intent, ...]

    def __str__(self) -> str:
        return f"{self.mending}: {self.reason}"


@dataclass(frozen=True)
class Workshop:
    """What a mend needs besides the orders: whose run it is, the tick it belongs to, the time, and the limits.

    `freeze_quantities` (units by underlying) are for orders of which nobody wrote down what they were cut by.
    """

    user_id: str
    tick: Tick
    now: datetime
    not_after: timedelta
    freeze_quantities: Mapping[str, int]


def mend(orders: Sequence[Order], policies: Policies, workshop: Workshop, *, closing: str = "") -> Mend | None:
    """What to do now about the orders of one run; None when nothing is to be done, or nothing can.

    Once a run is being closed, by its exit or because somebody squared it off (`closing` says so), whatever is left of
    it is closed, a few times, and nothing of it is entered any more. Until then its policies say what
    happens: whether an order that nobody knows the fate of closes the rest, whether a partial fill is completed, and
    whether an order that entered nothing is tried once more. Nothing is planned for what may still be filled.
    Raises PlanningError when what must be closed cannot be expressed.
    """
    entries = [order for order in orders if order.intent.phase is Phase.ENTRY]
    if closing or len(entries) < len(orders):
        return _close_rest(orders, workshop, closing)
    pending = [order for order in entries if order.state.status not in FINAL]
    if pending:
        lost = [order for order in pending if order.state.status is IntentStatus.UNKNOWN]
        if lost and policies.on_broker_failure == "square_off":
            why = f"nobody knows what became of {leg_of(lost[0])}: {lost[0].state.reason}"
            return _square_off(orders, why, workshop)
        return None
    return _fill_gaps(gaps_of(entries), orders, policies, workshop)


def _fill_gaps(gaps: Sequence[Gap], orders: Sequence[Order], policies: Policies, workshop: Workshop) -> Mend | None:
    again, lost = _sorted_out(gaps, policies)
    if not lost and again:
        return Mend(Mending.RETRY, str(again[0]), tuple(_again(gap, workshop) for gap in again))
    return _square_off(orders, str(lost[0]), workshop) if lost else None


def _sorted_out(gaps: Sequence[Gap], policies: Policies) -> tuple[list[Gap], list[Gap]]:
    """Those to try again, and those for which the run is closed; what the policies keep is neither.

    A sell that is not filled leans on the buys of its account, or of its run where the strategy says so: while one of
    those is missing for good, it is not tried.
    """
    again: list[Gap] = []
    lost: list[Gap] = []
    kept: list[Gap] = []
    for gap in gaps:
        (again if _is_tried_again(gap, policies) else kept if _is_kept(gap, policies) else lost).append(gap)
    bare = [gap.last.intent for gap in kept if gap.last.intent.side is Side.BUY]
    return [gap for gap in again if gap.last.intent.side is Side.BUY or not _leans_on_any(gap.last.intent, bare)], lost


def _leans_on_any(sale: Intent, buys: Sequence[Intent]) -> bool:
    return any(sale.orders.hedges_of == "run" or buy.account_id == sale.account_id for buy in buys)


def _is_kept(gap: Gap, policies: Policies) -> bool:
    if gap.filled:
        return policies.on_partial_fill == "keep" or (
            policies.on_partial_fill == "complete" and policies.on_refusal == "keep"
        )
    return policies.on_refusal == "keep"


def _is_tried_again(gap: Gap, policies: Policies) -> bool:
    attempt = gap.last.intent.attempt
    if gap.filled:
        return policies.on_partial_fill == "complete" and attempt < MOST_COMPLETIONS and may_help(gap.last.state)
    return policies.on_refusal == "retry_then_square_off" and attempt < MOST_ENTRIES and may_help(gap.last.state)


def may_help(state: OrderState) -> bool:
    """Whether another attempt of an order that ended so may end better. A missed one is too late already."""
    if state.status is IntentStatus.REFUSED:
        return state.refusal is None or state.refusal.worth_retrying
    return state.status in (IntentStatus.CANCELLED, IntentStatus.EXPIRED, IntentStatus.WITHHELD)


def _again(gap: Gap, workshop: Workshop) -> Intent:
    before = gap.last.intent
    lot_size = before.quantity // before.lots
    return replace(
        before,
        attempt=before.attempt + 1,
        quantity=gap.missing,
        lots=gap.missing // lot_size,
        intended_at=workshop.tick,
        not_after=workshop.now + workshop.not_after,
        at_once=True,
        orders=PROTECTED_ACROSS if before.orders.hedges_of == "run" else PROTECTED,
    )


def _square_off(orders: Sequence[Order], reason: str, workshop: Workshop) -> Mend | None:
    intents = _closing(closable(orders), 1, workshop)
    return Mend(Mending.SQUARE_OFF, reason, intents) if intents else None


def _close_rest(orders: Sequence[Order], workshop: Workshop, closing: str) -> Mend | None:
    """Close what exits left open, and what was filled after them."""
    intents = closing_orders(orders, workshop)
    if not intents or intents[0].attempt > MOST_EXITS:
        return None
    exits = [order for order in orders if order.intent.phase is Phase.EXIT]
    failed = [order for order in exits if order.state.status in FINAL and order.state.status is not IntentStatus.FILLED]
    last = failed[-1] if failed else None
    late = "filled after the others were closed" if exits else closing
    reason = f"{leg_of(last)} {last.state.status}: {last.state.reason}" if last else late
    return Mend(Mending.CLOSE_REST, f"attempt {intents[0].attempt} of {MOST_EXITS}; {reason}", intents)


def closing_orders(orders: Sequence[Order], workshop: Workshop) -> tuple[Intent, ...]:
    """What closes, as one more attempt, all that a run holds. What may be closed is said by `closable`.

    Raises PlanningError when what must be closed cannot be expressed.
    """
    exits = [order for order in orders if order.intent.phase is Phase.EXIT]
    return _closing(closable(orders), 1 + max((order.intent.attempt for order in exits), default=0), workshop)


def _closing(positions: Collection[Position], attempt: int, workshop: Workshop) -> tuple[Intent, ...]:
    planned = plan_exit(
        workshop.user_id,
        [position for position in positions if position.net],
        workshop.tick,
        attempt=attempt,
        freeze_quantities=workshop.freeze_quantities,
        not_after=workshop.not_after,
    )
    return tuple(replace(intent, not_after=workshop.now + workshop.not_after, at_once=True) for intent in planned)
