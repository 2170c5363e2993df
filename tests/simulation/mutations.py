"""The engine with one guard removed: what the simulator must notice.

`HARMLESS` are guards without which nothing breaks, because another one stands behind them; `--mutations` runs them too.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from unittest.mock import patch

from lambdas.domain import mending
from lambdas.domain.control import Control, Lease
from lambdas.domain.intents import FINAL, Intent, IntentStatus, Order, OrderState, Phase
from lambdas.domain.limit_checks import blocked
from lambdas.domain.moments import Tick
from lambdas.domain.runs import Position, Run, RunStatus, Verdict, judge, positions_of
from lambdas.domain.strategy import Strategy
from lambdas.ports.broker import Broker, BrokerError, BrokerOrder, Outcome
from lambdas.ports.events import Event
from lambdas.use_cases import (
    check_limits,
    confirm_orders,
    dispatch_tick,
    entry_gate,
    give_up,
    place_orders,
    prepare_runs,
    send_orders,
    settle_runs,
)
from lambdas.use_cases.confirm_orders import OrderConfirmer
from lambdas.use_cases.entry_gate import EntryGate
from lambdas.use_cases.place_orders import OrderPlacer
from lambdas.use_cases.send_orders import Placing, Ready, RunSender, withhold
from tests.doubles.events import RecordedEvents
from tests.doubles.loop import MemoryLoop
from tests.doubles.runs import MemoryRuns
from tests.simulation import workflow
from tests.simulation.process import InvocationFailed, ProcessClock, invoke
from tests.simulation.simulator import simulate
from tests.simulation.workflow import Starter
from tests.simulation.world import World

Patch = tuple[object, str, object]
LEARN = confirm_orders.learn
RENEW = MemoryLoop.renew
GIVE_UP = give_up.LostMinutes.give_up


@contextmanager
def _patched(patches: Sequence[Patch]) -> Iterator[None]:
    with ExitStack() as stack:
        for target, name, replacement in patches:
            stack.enter_context(patch.object(target, name, replacement))
        yield


@dataclass(frozen=True)
class Mutation:
    """A guard that is gone, the invariant that this breaks, and a seed that shows it."""

    name: str
    invariant: str
    seed: int
    patches: tuple[Patch, ...]

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The engine without the guard."""
        with _patched(self.patches):
            yield

    def shows(self, seed: int) -> bool:
        """Whether this seed breaks the invariant with the mutation, and not without it. Open findings do not count."""
        with self.applied():
            broken = self.invariant in broken_by(seed)
        return broken and self.invariant not in broken_by(seed)


def broken_by(seed: int) -> set[str]:
    """The invariants that a seed breaks for no reason that is known."""
    return {violation.invariant for violation in simulate(seed).unexplained}


def first_seed(mutation: Mutation, seeds: Iterable[int]) -> int | None:
    """The first of these seeds that shows a mutation."""
    return next((seed for seed in seeds if mutation.shows(seed)), None)


@dataclass(frozen=True)
class Removal:
    """A guard that is gone and is not missed, and why not."""

    name: str
    because: str
    patches: tuple[Patch, ...]

    def breaks(self, seeds: Iterable[int]) -> int | None:
        """The first of these seeds that breaks anything without it, which none should."""
        with _patched(self.patches):
            return next((seed for seed in seeds if simulate(seed).unexplained), None)


async def _claim_whatever(self: MemoryRuns, user_id: str, day: date, intent_id: str) -> Intent | None:
    order = self._orders.get((user_id, day, intent_id))
    if order is None:
        return None
    self.put(Order(order.intent, replace(order.state, status=IntentStatus.SENDING)))
    return order.intent


async def _record_whatever(self: MemoryRuns, intent: Intent, state: OrderState) -> bool:
    self.put(Order(intent, state))
    return True


async def _plan_over(self: MemoryRuns, intents: Sequence[Intent], *, moving: tuple[Run, Verdict] | None = None) -> bool:
    for intent in intents:
        self.put(Order(intent, OrderState()))
    return True


def _orders_of_everybody(self: MemoryRuns, user_id: str, day: date) -> list[Order]:
    return [self._orders[key] for key in sorted(self._orders) if key[1] == day]


async def _send_however_late(self: RunSender, ready: Ready) -> OrderState:
    await self.pace.order_turn(ready.intent.exchange)
    return send_orders._state_of(await ready.send(), ready.state)


async def _send_until_answered(self: RunSender, ready: Ready) -> OrderState:
    while True:
        await self.pace.order_turn(ready.intent.exchange)
        if self.clock.now() > ready.intent.not_after:
            return send_orders._too_late(ready)
        placement = await ready.send()
        if placement.outcome is not Outcome.UNKNOWN:
            return send_orders._state_of(placement, ready.state)
        ready = replace(ready, send=self.broker.prepare(ready.request))


async def _wake_at_once(self: ProcessClock, instant: datetime) -> None:
    await self.sleep(timedelta(milliseconds=1))


def _waiting_in(phase: Phase) -> Callable[..., Awaitable[str | None]]:
    """Wait for the first orders of this phase only."""
    waits = RunSender._unfilled

    async def unfilled(self: RunSender, first: Sequence[Placing]) -> str | None:
        return await waits(self, first) if first[0][0].intent.phase is phase else None

    return unfilled


async def _with_bare_sells(self: OrderPlacer, ready: Sequence[Ready], *_: object) -> list[Ready]:
    return list(ready)


async def _all_in_session(self: OrderPlacer, claimed: Sequence[Intent], *_: object) -> list[Intent]:
    return list(claimed)


async def _nobody_halted(self: OrderPlacer, claimed: Sequence[Intent], halt: str | None) -> list[Intent]:
    return list(claimed)


async def _gate_open(self: EntryGate, *_: object) -> Mapping[str, str]:
    return {}


async def _cancelled_surely(self: OrderConfirmer, broker: Broker, waiting: Mapping[str, Order]) -> None:
    """Take the request for what it asks for."""
    for order in waiting.values():
        if order.state.broker_order_id is not None:
            with suppress(BrokerError):
                await broker.cancel(order.state.broker_order_id)
            await self.runs.record(order.intent, replace(order.state, status=IntentStatus.CANCELLED))


def _all_positions(orders: Sequence[Order]) -> list[Position]:
    return positions_of(orders)


def _judge_what_ended(orders: Sequence[Order]) -> Verdict:
    return judge([order for order in orders if order.state.status in FINAL])


async def _tell_nobody(self: RecordedEvents, events: Sequence[Event]) -> None:
    return None


async def _miss_silently(*_: object, **__: object) -> int:
    return 0


def _close_regardless(orders: Sequence[Order], workshop: Any) -> tuple[Intent, ...]:
    exits = [order for order in orders if order.intent.phase is Phase.EXIT]
    attempt = 1 + max((order.intent.attempt for order in exits), default=0)
    return mending._closing(positions_of(orders), attempt, workshop)


def _not_a_problem(*_: object, **__: object) -> None:
    return None


async def _open_when_blind(
    self: EntryGate, user_id: str, account_id: str, intents: Sequence[Intent]
) -> Mapping[str, str]:
    """Take what cannot be read for allowed."""
    try:
        return await self._look(user_id, account_id, [one for one in intents if one.phase is Phase.ENTRY])
    except Exception:
        return {}


async def _check_alone(
    self: check_limits.LimitCheck, user_id: str, day: date, intents: Sequence[Intent], reading: Any
) -> None:
    """Hold a run against the limits as though it were the day's first."""
    limits = (await self.limits.limits(user_id)).definition
    if blocked(intents, [], limits):
        raise check_limits.LimitReached([])


async def _give_up_open_days(self: give_up.LostMinutes, lost: Sequence[Tick]) -> int:
    calendar = self.calendar.with_changes((await self.controls.control()).changes)
    return await GIVE_UP(self, [tick for tick in lost if calendar.day(tick.date).sessions])


def _none_blocked(*_: object, **__: object) -> list[Any]:
    return []


def _halt_only(self: EntryGate, control: Control, account: object, user_id: str, account_id: str) -> str | None:
    return control.halt_of(user_id, account_id)


async def _halt_everything(self: OrderPlacer, claimed: Sequence[Intent], halt: str | None) -> list[Intent]:
    if halt:
        await withhold(self.runs, claimed, halt)
        return []
    return list(claimed)


def _as_written(strategy: Strategy, *_: object) -> Strategy:
    return strategy


async def _cancel_whatever(self: OrderConfirmer, broker: Broker, waiting: Mapping[str, Order]) -> None:
    """Clear the account of all that rests."""
    for row in await broker.orders() if waiting else ():
        if row.status not in FINAL:
            with suppress(BrokerError):
                await broker.cancel(row.broker_order_id)


def _another_quantity(broker: Broker, intent: Intent, *rest: Any) -> Ready:
    return send_orders.ready_order(broker, replace(intent, quantity=2 * intent.quantity), *rest)


def _forget_fills(order: Order, book: Mapping[str, BrokerOrder], now: datetime) -> OrderState:
    state = LEARN(order, book, now)
    return replace(state, filled_quantity=0) if state.status is IntentStatus.CANCELLED else state


def _flat_when_ended(orders: Sequence[Order]) -> Verdict:
    verdict = judge(orders)
    is_over = verdict.status is RunStatus.INCOMPLETE and any(order.intent.phase is Phase.EXIT for order in orders)
    return Verdict(RunStatus.FLAT, "every exit has ended") if is_over else verdict


async def _renew_for_anybody(self: MemoryLoop, day: date, lease: Lease) -> bool:
    await RENEW(self, day, lease)
    return True


async def _start_again(self: Starter, name: str, payload: dict[str, Any]) -> bool:
    self.world.loop.create_task(workflow.execute_tick(self.world, name, payload))
    return True


async def _without_confirming(world: World, name: str, work: Any, *, seconds: int) -> Any:
    return 0 if name.startswith("confirm") else await invoke(world, name, work, seconds=seconds)


async def _placing_again(world: World, name: str, work: Any, *, seconds: int) -> Any:
    if name.startswith("place"):
        with suppress(InvocationFailed):
            return await invoke(world, name, work, seconds=seconds)
    return await invoke(world, name, work, seconds=seconds)


UNKNOWN_IS_REFUSED = {**send_orders._STATUS, Outcome.UNKNOWN: IntentStatus.REFUSED}

MUTATIONS = (
    Mutation("an order is claimed whatever its status", "one order", 1, ((MemoryRuns, "claim", _claim_whatever),)),
    Mutation("planning again overwrites", "one order", 32, ((MemoryRuns, "plan", _plan_over),)),
    Mutation("an unknown is sent again", "one order", 1, ((RunSender, "_send_in_turn", _send_until_answered),)),
    Mutation("an unknown counts as refused", "the broker's word", 1, ((send_orders, "_STATUS", UNKNOWN_IS_REFUSED),)),
    Mutation(
        "absence from the book counts at once",
        "the broker's word",
        285,
        ((confirm_orders, "BOOK_SETTLES_AFTER", timedelta(0)),),
    ),
    Mutation(
        "a requested cancellation counts as one",
        "the broker's word",
        55,
        ((OrderConfirmer, "_cancel", _cancelled_surely),),
    ),
    Mutation("states are recorded in any order", "ended once", 413, ((MemoryRuns, "record", _record_whatever),)),
    Mutation("the quote is forgotten", "measured", 0, ((send_orders, "Quoted", lambda *_: None),)),
    Mutation("nobody waits for second 0", "not early", 0, ((ProcessClock, "sleep_until", _wake_at_once),)),
    Mutation("an order is sent however late", "not late", 36, ((RunSender, "_send_in_turn", _send_however_late),)),
    Mutation(
        "the session is not checked",
        "in session",
        7,
        ((OrderPlacer, "_in_session", _all_in_session),),
    ),
    Mutation(
        "a halt is ignored",
        "not halted",
        207,
        ((OrderPlacer, "_not_halted", _nobody_halted), (EntryGate, "closed_to", _gate_open)),
    ),
    Mutation("shorts do not wait for hedges", "hedge first", 0, ((RunSender, "_unfilled", _waiting_in(Phase.EXIT)),)),
    Mutation(
        "hedges do not wait for shorts to be closed",
        "shorts first",
        1,
        ((RunSender, "_unfilled", _waiting_in(Phase.ENTRY)),),
    ),
    Mutation(
        "bare sells are not withheld", "hedge first", 125, ((OrderPlacer, "_without_bare_sells", _with_bare_sells),)
    ),
    Mutation(
        "an exit is planned beside one under way",
        "closes once",
        5,
        ((prepare_runs, "closable_positions", _all_positions), (mending, "closing_orders", _close_regardless)),
    ),
    Mutation("a run is judged by what has ended", "no silence", 43, ((settle_runs, "judge", _judge_what_ended),)),
    Mutation(
        "a run is flat when its exits have ended", "flat is flat", 30, ((settle_runs, "judge", _flat_when_ended),)
    ),
    Mutation(
        "fills of a cancelled order are forgotten", "books agree", 2346, ((confirm_orders, "learn", _forget_fills),)
    ),
    Mutation("an order is for another quantity", "as planned", 0, ((place_orders, "ready_order", _another_quantity),)),
    Mutation("nobody is told", "no silence", 0, ((RecordedEvents, "publish", _tell_nobody),)),
    Mutation("missed entries are not told", "every entry", 19, ((dispatch_tick, "miss_entries", _miss_silently),)),
    Mutation("lost minutes are not told", "every entry", 19, ((give_up, "miss_entries", _miss_silently),)),
    Mutation(
        "a day that was closed since owes nothing",
        "every entry",
        344,
        ((give_up.LostMinutes, "give_up", _give_up_open_days),),
    ),
    Mutation("limits are not checked", "within limits", 21, ((check_limits, "blocked", _none_blocked),)),
    Mutation(
        "what is planned does not count", "within limits", 21, ((check_limits.LimitCheck, "check", _check_alone),)
    ),
    Mutation("any price is believed", "within limits", 94, ((send_orders, "price_problem", _not_a_problem),)),
    Mutation(
        "nobody asks whether a strategy or account is off",
        "not switched off",
        12,
        ((entry_gate, "_problem_of", _not_a_problem), (EntryGate, "_problem_of_all", _halt_only)),
    ),
    Mutation("a gate that cannot see is open", "not blind", 1, ((EntryGate, "closed_to", _open_when_blind),)),
    Mutation("a halt stops exits too", "exits go on", 1, ((OrderPlacer, "_not_halted", _halt_everything),)),
    Mutation(
        "paper strategies trade as they are written", "on paper", 67, ((prepare_runs, "_as_traded", _as_written),)
    ),
    Mutation("whatever rests is cancelled", "hands off", 80, ((OrderConfirmer, "_cancel", _cancel_whatever),)),
    Mutation(
        "orders are looked up without their user", "own account", 88, ((MemoryRuns, "_of_day", _orders_of_everybody),)
    ),
)

HARMLESS = (
    Removal(
        "the token of the lease is ignored",
        "of two loops, each starts executions of the same names, plans the same ids, and an order is claimed once",
        ((MemoryLoop, "renew", _renew_for_anybody),),
    ),
    Removal("executions have no names", "an order is claimed once", ((Starter, "start", _start_again),)),
    Removal("placing is tried again", "an order is claimed once", ((workflow, "invoke", _placing_again),)),
    Removal(
        "runs are settled without confirming",
        "a run with orders in flight is unresolved, which is told, until they are reconciled",
        ((workflow, "invoke", _without_confirming),),
    ),
)
