"""The state machines and rules around the functions, as the stacks make them, with real use cases inside.

One machine a function below: `execute_tick` (prepare → accounts at once: place, confirm → settle), `trading_day`
(begin → wait → dispatch → …), and the two rules that fire each minute, `watchdog` and `reconcile`.
"""

from asyncio import gather
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import Any, TypeVar, cast

from lambdas.domain.due import Due
from lambdas.domain.intents import Phase
from lambdas.domain.moments import MINUTE, Tick
from lambdas.entrypoints.work import work_of
from lambdas.use_cases.close_runs import RunCloser
from lambdas.use_cases.compare_books import BookComparer
from lambdas.use_cases.confirm_orders import OrderConfirmer
from lambdas.use_cases.dispatch_tick import TickDispatcher, batches, by_user
from lambdas.use_cases.give_up import LostMinutes
from lambdas.use_cases.place_orders import OrderPlacer
from lambdas.use_cases.prepare_runs import Prepared, RunPreparer
from lambdas.use_cases.read_market import MarketReader
from lambdas.use_cases.reconcile import Reconciler
from lambdas.use_cases.settle_runs import RunSettler
from lambdas.use_cases.trading_day import End, TradingDayLoop, Wait, heartbeat_is_stale
from tests.doubles.examples import TIMING
from tests.simulation.broker import ProcessBrokers
from tests.simulation.loop import SECOND
from tests.simulation.process import (
    InvocationFailed,
    LostAnswer,
    Process,
    ProcessClock,
    instant_of,
    invoke,
    microseconds_of,
    remote,
)
from tests.simulation.scenario import DAY
from tests.simulation.verdict import Aftermath, judge_day
from tests.simulation.world import ENDS_AFTER, World

Result = TypeVar("Result")
Made = TypeVar("Made")
Target = TypeVar("Target")
Work = Callable[[Process], Coroutine[Any, Any, Result]]


@dataclass(frozen=True)
class Functions:
    """The use cases of one process, over what it can reach."""

    world: World
    process: Process

    def make(self, kind: type[Made]) -> Made:
        """A use case with what its fields name. Raises KeyError for one that nothing is known for."""
        return kind(**{name: PARTS[name](self) for name in _parts_of(cast(Any, kind))})

    def reach(self, target: Target) -> Target:
        """What is shared, as this process reaches it."""
        return remote(self.process, target)


PARTS: Mapping[str, Callable[[Functions], object]] = {
    "accounts": lambda of: of.reach(of.world.accounts),
    "brokers": lambda of: ProcessBrokers(of.world.houses, of.process, of.world.referee),
    "calendar": lambda of: of.world.scenario.calendar,
    "clock": lambda of: ProcessClock(of.process),
    "comparisons": lambda of: of.reach(of.world.comparisons),
    "confirmer": lambda of: of.make(OrderConfirmer),
    "contracts": lambda of: of.world.contracts,
    "controls": lambda of: of.reach(of.world.controls),
    "day": lambda of: of.make(TradingDayLoop),
    "events": lambda of: of.reach(of.world.events),
    "freeze_quantities": lambda of: {"NIFTY": of.world.scenario.freeze},
    "limits": lambda of: of.reach(of.world.limits),
    "loop": lambda of: of.reach(of.world.leases),
    "markets": lambda of: of.make(MarketReader),
    "runs": lambda of: of.reach(of.world.runs),
    "secrets": lambda of: of.reach(of.world.secrets),
    "settler": lambda of: of.make(RunSettler),
    "strategies": lambda of: of.reach(of.world.strategies),
    "timing": lambda of: TIMING,
    "workflows": lambda of: of.reach(Starter(of.world)),
}
"""How each field of a use case is filled, by its name."""


@cache
def _parts_of(kind: Any) -> tuple[str, ...]:
    named = [field for field in fields(kind) if field.name in PARTS or field.default is MISSING]
    return tuple(field.name for field in named)


@dataclass(frozen=True)
class Starter:
    """Implements `Workflows`: executions have one name each, and yet one may run twice."""

    world: World

    async def start(self, name: str, payload: dict[str, Any]) -> bool:
        if name in self.world.started:
            return False
        self.world.started[name] = payload
        self.world.loop.create_task(execute_tick(self.world, name, payload))
        if self.world.faults.strikes("second workflow"):
            self.world.loop.create_task(execute_tick(self.world, f"{name}*", payload))
        return True


async def execute_tick(world: World, name: str, payload: Mapping[str, Any]) -> None:
    """The Express machine of one user's tick, until nothing more is to be sent that mends a run."""
    user_id, tick, work = payload["user_id"], Tick.parse(payload["tick"]), work_of(dict(payload))
    error: str | None = None
    run_ids: Sequence[str] = [*payload.get("resume", ()), *payload.get("close", {}).get("run_ids", ())]
    again: Mapping[str, Sequence[str]] = {}
    try:
        prepared = await _prepare(world, name, user_id, tick, work, payload)
        run_ids, again, work = prepared.run_ids, prepared.intent_ids, []
    except InvocationFailed as failed:
        error = str(failed)
    try:
        if error is None:
            error = await _each_account(world, name, user_id, tick, run_ids, again)
        again = await _settle(world, name, user_id, tick, run_ids, error, work)
        while again:
            world.faults.happened["mending"] += 1
            error = await _each_account(world, name, user_id, tick, run_ids, again)
            again = await _settle(world, name, user_id, tick, run_ids, error, [])
    except InvocationFailed:
        world.lost.add(user_id)
        world.note(name, "the execution fails, which is an alarm")


async def _each_account(
    world: World, name: str, user_id: str, tick: Tick, run_ids: Sequence[str], intent_ids: Mapping[str, Sequence[str]]
) -> str | None:
    """Every account at once; what went wrong, if anything did."""
    trouble = await gather(
        *(
            _account(world, f"{name}/{account_id}", user_id, tick, account_id, run_ids, ids)
            for account_id, ids in intent_ids.items()
        )
    )
    return "; ".join(filter(None, trouble)) or None


async def _prepare(
    world: World, name: str, user_id: str, tick: Tick, work: Sequence[Due], payload: Mapping[str, Any]
) -> Prepared:
    """Tried once more when the service, not the function, failed."""

    async def prepare(process: Process) -> Prepared:
        if "close" in payload:
            closer, close = Functions(world, process).make(RunCloser), payload["close"]
            return await closer.close(user_id, tick, close["run_ids"], f"squared off by {close['by']}")
        preparer = Functions(world, process).make(RunPreparer)
        if "resume" in payload:
            return await preparer.resume(user_id, tick, payload["resume"])
        return await preparer.prepare(user_id, tick, work)

    try:
        return await invoke(world, f"prepare {name}", prepare, seconds=45)
    except LostAnswer:
        await world.loop.pause(SECOND)
        return await invoke(world, f"prepare {name}", prepare, seconds=45)


async def _account(
    world: World,
    name: str,
    user_id: str,
    tick: Tick,
    account_id: str,
    run_ids: Sequence[str],
    intent_ids: Sequence[str],
) -> str | None:
    """Place without a retry, confirm with two; the error of an account leaves the others alone."""

    async def place(process: Process) -> int:
        return await Functions(world, process).make(OrderPlacer).place(user_id, account_id, tick, intent_ids)

    async def confirm(process: Process) -> int:
        return await Functions(world, process).make(OrderConfirmer).confirm_tick(user_id, account_id, tick, run_ids)

    try:
        await invoke(world, f"place {name}", place, seconds=80)
        await _again(world, lambda: invoke(world, f"confirm {name}", confirm, seconds=60), attempts=3)
    except InvocationFailed as failed:
        return str(failed)
    return None


async def _settle(
    world: World,
    name: str,
    user_id: str,
    tick: Tick,
    run_ids: Sequence[str],
    error: str | None,
    work: Sequence[Due],
) -> Mapping[str, Sequence[str]]:
    """Judge the runs; for each account, what it is to send now."""

    async def settle(process: Process) -> Mapping[str, Sequence[str]]:
        settler = Functions(world, process).make(RunSettler)
        if error is not None:
            await settler.report_failure(user_id, tick, error, work)
        return (await settler.settle(user_id, tick, run_ids)).again

    return await _again(world, lambda: invoke(world, f"settle {name}", settle, seconds=30), attempts=3)


async def _again(world: World, attempt: Callable[[], Awaitable[Result]], *, attempts: int) -> Result:
    """Try again after a second, then two, then four. Raises what the last attempt raised."""
    pause = SECOND
    while attempts > 1:
        try:
            return await attempt()
        except InvocationFailed:
            attempts -= 1
            await world.loop.pause(pause)
            pause *= 2
    return await attempt()


async def trading_day(world: World, holder: str) -> None:
    """The Standard machine: its own state survives everything."""

    async def begin(process: Process) -> Wait | End:
        functions = Functions(world, process)
        return await functions.make(LostMinutes).tell(await functions.make(TradingDayLoop).begin(holder))

    async def begin_day() -> Wait | End:
        return await _again(world, lambda: invoke(world, f"begin {holder}", begin, seconds=30), attempts=4)

    try:
        step = await begin_day()
        while isinstance(step, Wait):
            await world.wait_until(microseconds_of(step.wake_at))
            if world.faults.strikes("loop stalls"):
                await world.loop.pause(int(world.random.random() * 120 * SECOND))
            try:
                step = await _dispatch(world, holder, step)
            except InvocationFailed:
                await world.loop.pause(SECOND)
                step = await begin_day()
        world.note(holder, f"ends: {step.reason}")
    except InvocationFailed as failed:
        world.note(holder, f"fails: {failed}")


async def _dispatch(world: World, holder: str, step: Wait) -> Wait | End:
    async def dispatch(process: Process) -> Wait | End:
        return await Functions(world, process).make(TickDispatcher).dispatch(step.lease, step.tick, step.overdue)

    name = f"dispatch {holder} {step.tick.hhmm}"
    return await _again(world, lambda: invoke(world, name, dispatch, seconds=30), attempts=4)


async def every_minute(world: World, name: str, work: "Work[Any]", *, seconds: int) -> None:
    """A rule that fires somewhere within each minute, tried twice more when it fails."""
    while True:
        started = world.loop.now
        world.loop.create_task(_fire(world, name, work, seconds))
        await world.wait_until(started + 60 * SECOND)


async def _fire(world: World, name: str, work: "Work[Any]", seconds: int) -> None:
    await world.loop.pause(int(world.random.random() * 20 * SECOND))
    try:
        await _again(world, lambda: invoke(world, name, work, seconds=seconds), attempts=3)
    except InvocationFailed:
        world.note(name, "is given up until the next minute")


async def watchdog(world: World, process: Process) -> str | None:
    """Start a loop when none is alive."""
    control = await remote(process, world.controls).control()
    calendar = world.scenario.calendar.with_changes(control.changes)
    now = ProcessClock(process).now()
    reason = await heartbeat_is_stale(DAY, loop=remote(process, world.leases), calendar=calendar, now=now)
    holder = f"watchdog-{now:%H%M}"
    if reason is not None and holder not in world.started:
        world.started[holder] = {}
        world.loop.create_task(trading_day(world, holder))
    return reason


async def _compare(world: World, process: Process) -> Mapping[str, int]:
    """Hold every account against its broker's books."""
    return await Functions(world, process).make(BookComparer).compare(everyone=True)


async def _rival(world: World) -> None:
    """A second loop, started for no good reason at any instant."""
    await world.wait_until(world.near_a_tick())
    await trading_day(world, "rival")


async def _stray(world: World) -> None:
    """Somebody runs the workflow of a minute by hand, too early or too late or on a holiday."""
    ticks = [tick for tick, work in world.due().items() if work]
    strategies = world.scenario.strategies
    tick = world.random.choice(ticks) if ticks else Tick.parse(f"{DAY}T09:16+05:30")
    work = world.due().get(tick) or [Due(strategy, phase) for strategy in strategies for phase in Phase]
    at = microseconds_of(tick.instant - MINUTE) + int(world.random.random() * 150 * SECOND)
    await world.wait_until(at)
    for user_id, mine in by_user(work).items():
        payload = {"user_id": user_id, "tick": str(tick), "work": batches(mine)[0]}
        world.loop.create_task(execute_tick(world, f"by hand {user_id} {tick.hhmm}", payload))


async def _square_off(world: World) -> None:
    """A user presses the kill switch: all runs of the day are closed, whatever they are doing."""
    await world.wait_until(world.near_a_tick())
    user_id = world.random.choice(world.scenario.strategies).user_id
    run_ids = [run.run_id for run in world.runs.every_run() if run.user_id == user_id]
    tick = Tick(instant_of(world.loop.now).replace(second=0, microsecond=0))
    if run_ids:
        world.note(user_id, f"squares off {run_ids}")
        close = {"run_ids": run_ids, "reason": "enough", "by": user_id}
        payload = {"user_id": user_id, "tick": str(tick), "close": close}
        await Starter(world).start(f"close-{user_id}", payload)


async def run_day(world: World) -> None:
    """Everything that happens on the day, and then the judgement."""
    await world.open_for_trading()
    start = world.loop.create_task
    start(trading_day(world, "open"))
    start(every_minute(world, "watchdog", lambda process: watchdog(world, process), seconds=30))
    start(every_minute(world, "reconcile", lambda one: Functions(world, one).make(Reconciler).reconcile(), seconds=55))
    if "strangers" in world.faults.rates:
        start(every_minute(world, "compare", lambda process: _compare(world, process), seconds=50))
    if world.faults.strikes("rival loop"):
        start(_rival(world))
    if world.faults.strikes("square off"):
        start(_square_off(world))
    if world.faults.strikes("stray workflow"):
        start(_stray(world))
    await world.wait_until(microseconds_of(world.scenario.closes + ENDS_AFTER))
    world.note("world", f"the day is over at {instant_of(world.loop.now):%H:%M}")
    records = await world.leases.ticks(DAY)
    dispatched = [Tick.parse(record["tick"]) for record in records if record["what"] == "dispatched"]
    after = Aftermath(
        orders=world.runs.every_order(),
        runs=world.runs.every_run(),
        events=world.events.published,
        due={tick: work for tick, work in world.due().items() if world.switches.in_session(tick)},
        lost=world.lost,
        dispatched=dispatched,
        interrupted={of for of, teller in world.runs.told_by.items() if teller is not None and teller.in_trouble},
    )
    judge_day(world.referee, after)
