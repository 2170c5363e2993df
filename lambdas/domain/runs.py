"""Runs: one strategy on one trading day, from entry to flat."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lambdas.domain.contracts import Contract, Side
from lambdas.domain.gaps import Gap, gaps_of, leg_of
from lambdas.domain.intents import FINAL, IntentStatus, Order, Phase
from lambdas.domain.order_rules import SAFE, Policies


class RunStatus(StrEnum):
    """Where a run stands. INCOMPLETE and UNRESOLVED are loud: somebody must look."""

    PREPARING = "preparing"
    ENTERING = "entering"
    OPEN = "open"
    EXITING = "exiting"
    FLAT = "flat"
    REFUSED = "refused"
    MISSED = "missed"
    INCOMPLETE = "incomplete"
    UNRESOLVED = "unresolved"


CLOSED = frozenset({RunStatus.FLAT, RunStatus.REFUSED, RunStatus.MISSED})
"""Nothing is or can become open in these runs."""
NEVER_ASKED = frozenset({IntentStatus.MISSED, IntentStatus.WITHHELD})


@dataclass(frozen=True)
class Run:
    """One strategy on one trading day. Its policies are those with which it was entered.

    `closing` says who squared it off and why; nothing while nobody did. It stays, so that nothing is entered any more
    and whatever turns out to be filled is closed.
    """

    user_id: str
    run_id: str
    strategy_id: str
    strategy_version: int
    name: str
    underlying: str
    date: date
    status: RunStatus
    reason: str
    entry: str
    exit: str
    policies: Policies = SAFE
    closing: str = ""


@dataclass(frozen=True)
class Verdict:
    """What a run's orders amount to, and why."""

    status: RunStatus
    reason: str


@dataclass(frozen=True)
class Position:
    """What one leg holds in one account: signed net quantity, and what was paid and received (rupees).

    `freeze_quantity` (units) is the smallest by which its orders were cut; None where none of them says.
    `across` is whether the accounts of its run lean on each other.
    """

    run_id: str
    leg: int
    account_id: str
    contract: Contract
    exchange: str
    symbol: str
    token: str
    product: str
    lot_size: int
    tick_size: Decimal
    bought: int
    sold: int
    paid: Decimal
    received: Decimal
    freeze_quantity: int | None = None
    across: bool = False

    @property
    def net(self) -> int:
        """Positive when long."""
        return self.bought - self.sold


def positions_of(orders: Iterable[Order]) -> list[Position]:
    """Fold fills into positions by run, leg, account and contract, in order of leg and account."""
    groups: dict[tuple[str, int, str, Contract], list[Order]] = {}
    for order in orders:
        intent = order.intent
        if order.state.filled_quantity:
            groups.setdefault((intent.run_id, intent.leg, intent.account_id, intent.contract), []).append(order)
    return [_position(groups[key]) for key in sorted(groups)]


def _position(orders: Sequence[Order]) -> Position:
    first = orders[0].intent
    buys = [order for order in orders if order.intent.side is Side.BUY]
    sells = [order for order in orders if order.intent.side is Side.SELL]
    return Position(
        run_id=first.run_id,
        leg=first.leg,
        account_id=first.account_id,
        contract=first.contract,
        exchange=first.exchange,
        symbol=first.symbol,
        token=first.token,
        product=first.product,
        lot_size=first.quantity // first.lots,
        tick_size=first.tick_size,
        bought=sum(order.state.filled_quantity for order in buys),
        sold=sum(order.state.filled_quantity for order in sells),
        paid=sum((_value(order) for order in buys), Decimal(0)),
        received=sum((_value(order) for order in sells), Decimal(0)),
        freeze_quantity=min(
            (order.intent.freeze_quantity for order in orders if order.intent.freeze_quantity is not None), default=None
        ),
        across=any(order.intent.orders.hedges_of == "run" for order in orders),
    )


def _value(order: Order) -> Decimal:
    if order.state.average_price is None:
        raise ValueError(f"{order.intent.intent_id} has fills without an average price")
    return order.state.average_price * order.state.filled_quantity


def realised_profit(orders: Iterable[Order]) -> Decimal | None:
    """Profit (rupees, before charges) of orders that leave nothing open; None while something is."""
    positions = positions_of(orders)
    if any(position.net for position in positions):
        return None
    return sum((position.received - position.paid for position in positions), Decimal(0))


def judge(orders: Sequence[Order]) -> Verdict:
    """What the orders of one run amount to; the reason names the first thing that went wrong."""
    pending = [order for order in orders if order.state.status not in FINAL]
    if pending:
        state = pending[0].state
        why = f"{leg_of(pending[0])} is {state.status}: {state.reason or 'no answer yet'}"
        return Verdict(RunStatus.UNRESOLVED, why)
    exits = [order for order in orders if order.intent.phase is Phase.EXIT]
    gaps = gaps_of(order for order in orders if order.intent.phase is Phase.ENTRY)
    return _judge_exit(orders, exits, gaps) if exits else _judge_entry(orders, gaps)


def _judge_entry(orders: Sequence[Order], gaps: Sequence[Gap]) -> Verdict:
    if not gaps:
        return Verdict(RunStatus.OPEN, "every order is filled")
    if any(position.net for position in positions_of(orders)):
        return Verdict(RunStatus.INCOMPLETE, f"entered in part: {gaps[0]}")
    statuses = {gap.last.state.status for gap in gaps}
    too_late = IntentStatus.MISSED in statuses and statuses <= NEVER_ASKED
    return Verdict(RunStatus.MISSED if too_late else RunStatus.REFUSED, f"nothing was entered: {gaps[0]}")


def _judge_exit(orders: Sequence[Order], exits: Sequence[Order], gaps: Sequence[Gap]) -> Verdict:
    left = ", ".join(f"{position.net:+d} {position.symbol}" for position in positions_of(orders) if position.net)
    if not left:
        squared_off = f"; it was entered in part: {gaps[0]}" if gaps else ""
        return Verdict(RunStatus.FLAT, f"every position is closed{squared_off}")
    failed = [order for order in exits if order.state.status is not IntentStatus.FILLED]
    last = failed[-1] if failed else None
    trouble = f"; {leg_of(last)} {last.state.status}: {last.state.reason}" if last else ""
    return Verdict(RunStatus.INCOMPLETE, f"still open after the exit: {left}{trouble}")
