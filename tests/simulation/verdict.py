"""What must hold when a day is over and everybody had time to finish."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lambdas.domain.contracts import Side
from lambdas.domain.due import Due
from lambdas.domain.intents import FINAL, Intent, Order, Phase
from lambdas.domain.moments import Tick
from lambdas.domain.runs import Run, RunStatus
from lambdas.domain.strategy import Strategy
from lambdas.ports.events import Event
from tests.simulation.invariants import NOT_SENT, NOTHING_OPEN, TOLD, Referee
from tests.simulation.loop import SECOND
from tests.simulation.process import microseconds_of

Of = tuple[str, str]
"""A user and one of the user's runs."""
BEGINS_BEFORE = 60 * SECOND
WORKFLOW_TAKES = 120 * SECOND
UNDER_WAY = frozenset({RunStatus.PREPARING, RunStatus.ENTERING, RunStatus.EXITING})


@dataclass(frozen=True)
class Aftermath:
    """What is left of a day. `lost` are the users of whose workflows one failed as a whole: its failed execution is an
    alarm of its own, to the operator. `dispatched` are the minutes that were dispatched; `interrupted` are the runs
    whose status was last written by a process that died, or did not learn that it had written it."""

    orders: Sequence[Order]
    runs: Sequence[Run]
    events: Sequence[Event]
    due: Mapping[Tick, Sequence[Due]]
    lost: Collection[str]
    dispatched: Collection[Tick]
    interrupted: Collection[Of]

    @property
    def in_flight(self) -> Sequence[Order]:
        return [order for order in self.orders if order.state.status not in FINAL]

    def reached(self, hhmm: str) -> bool:
        """Whether this minute, or one after it, was dispatched."""
        return any(tick.hhmm >= hhmm for tick in self.dispatched)


def judge_day(referee: Referee, after: Aftermath) -> None:
    """Report every breach that shows at the end."""
    if any(breach.invariant == "own account" for breach in referee.violations):
        return  # no sum over accounts means anything any more
    for order in after.orders:
        _check_book(referee, order)
    _check_nets(referee, after)
    for run in after.runs:
        _check_run(referee, after, run)
        if run.reason.startswith("risk limit: "):
            referee.refused_by_limits(run)
    for tick, work in after.due.items():
        for due in work:
            if due.phase is Phase.ENTRY and due.strategy.user_id not in after.lost:
                _check_entry(referee, after, tick, due.strategy)


def _check_entry(referee: Referee, after: Aftermath, tick: Tick, strategy: Strategy) -> None:
    """An entry that was due has a run. What its user changed before its minute, or while the loop was late, may not."""
    at = microseconds_of(tick.instant)
    until = at + WORKFLOW_TAKES if tick in after.dispatched else referee.loop.now
    if referee.switches.touched(strategy.user_id, strategy.strategy_id, at - BEGINS_BEFORE, until):
        return
    run_id = strategy.run_id(tick.date)
    if not any((run.user_id, run.run_id) == (strategy.user_id, run_id) for run in after.runs):
        why = "" if after.reached(tick.hhmm) else "lost minute"
        referee.breach("every entry", f"{strategy.strategy_id} of {strategy.user_id} was due at {tick}, no run", why)


def _check_book(referee: Referee, order: Order) -> None:
    intent, state = order.intent, order.state
    house = referee.houses[intent.user_id, intent.account_id]
    found = house.tagged(intent.tag)
    filled = sum(true.filled(referee.loop.now) for true in found)
    if state.status in FINAL and (filled != state.filled_quantity or (state.status in NOT_SENT and filled)):
        referee.breach(
            "books agree",
            f"{intent.intent_id} is {state.status} with {state.filled_quantity} filled, at its broker {filled}",
        )


def _check_nets(referee: Referee, after: Aftermath) -> None:
    """Per account and symbol, where every order has come to its end."""
    unclear = {(order.intent.user_id, order.intent.account_id) for order in after.in_flight}
    table: dict[tuple[Of, str], int] = {}
    truth: dict[tuple[Of, str], int] = {}
    for order in after.orders:
        key = (order.intent.user_id, order.intent.account_id), order.intent.symbol
        table[key] = table.get(key, 0) + _signed(order.intent.side, order.state.filled_quantity)
    for of, house in referee.houses.items():
        for true in house.orders:
            if referee.ledger.intent_tagged(true.tag) is None:
                continue  # by hand
            key = of, true.symbol
            truth[key] = truth.get(key, 0) + _signed(true.side, true.filled(referee.loop.now))
    for key in sorted({*table, *truth}):
        if key[0] not in unclear and table.get(key, 0) != truth.get(key, 0):
            referee.breach("books agree", f"{key}: net {table.get(key, 0)} in the table, {truth.get(key, 0)} in truth")


def _check_run(referee: Referee, after: Aftermath, run: Run) -> None:
    mine = [o.intent for o in after.orders if (o.intent.user_id, o.intent.run_id) == (run.user_id, run.run_id)]
    nets: dict[tuple[int, str], int] = {}
    for intent in mine:
        house = referee.houses[intent.user_id, intent.account_id]
        filled = sum(true.filled(referee.loop.now) for true in house.tagged(intent.tag))
        key = intent.leg, intent.account_id
        nets[key] = nets.get(key, 0) + _signed(intent.side, filled)
    left = {key: net for key, net in nets.items() if net}
    if run.status in NOTHING_OPEN and left:
        referee.breach("flat is flat", f"{run.run_id} is {run.status} and holds {left}")
    if not left and run.status is RunStatus.FLAT:
        return
    names = {event.name for event in after.events if _is_about(event, run)}
    loud = run.status in TOLD
    told = TOLD.get(run.status, set()) | {"TickFailed"}
    if run.user_id in after.lost or (loud and names & told):
        return
    detail = f"{run.run_id} of {run.user_id} ends {run.status} ({run.reason}), open: {left or 'nothing'}"
    referee.breach(
        "no silence", f"{detail}; its user heard {sorted(names) or 'nothing'}", _why_silent(after, run, mine)
    )


def _why_silent(after: Aftermath, run: Run, intents: Sequence[Intent]) -> str:
    if run.status in TOLD:
        return "teller interrupted" if (run.user_id, run.run_id) in after.interrupted else ""
    if run.status in UNDER_WAY:
        in_flight = any(o.intent.run_id == run.run_id and o.intent.user_id == run.user_id for o in after.in_flight)
        return "" if in_flight or run.status is RunStatus.PREPARING else "nothing in flight"
    if not after.reached(run.exit):
        return "lost minute"
    return "" if any(intent.phase is Phase.EXIT for intent in intents) else "exit not planned"


def _is_about(event: Event, run: Run) -> bool:
    """By its id, or by its user when a whole tick of the user failed."""
    mine = event.detail.get("user_id") == run.user_id
    return mine and (event.detail.get("run_id") == run.run_id or event.name == "TickFailed")


def _signed(side: Side, quantity: int) -> int:
    return quantity if side is Side.BUY else -quantity
