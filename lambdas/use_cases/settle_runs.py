"""Say what became of runs: status, reason, events."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lambdas.domain.due import Due
from lambdas.domain.intents import IntentStatus, Order, Phase
from lambdas.domain.mending import Mending, Workshop, mend
from lambdas.domain.moments import Tick
from lambdas.domain.planning_error import PlanningError
from lambdas.domain.runs import CLOSED, Run, RunStatus, Verdict, judge, realised_profit
from lambdas.domain.timing import Timing
from lambdas.ports.clock import Clock
from lambdas.ports.events import Event, Events
from lambdas.ports.store import RunStore
from lambdas.use_cases.miss_entry import run_event, run_of

EVENT_OF = {
    RunStatus.ENTERING: "RunMending",
    RunStatus.EXITING: "RunMending",
    RunStatus.OPEN: "RunEntered",
    RunStatus.FLAT: "RunFlat",
    RunStatus.REFUSED: "RunRefused",
    RunStatus.MISSED: "RunMissed",
    RunStatus.INCOMPLETE: "RunIncomplete",
    RunStatus.UNRESOLVED: "RunIncomplete",
}
NOTHING = Verdict(RunStatus.REFUSED, "nothing was entered")
BAD = frozenset({IntentStatus.REFUSED, IntentStatus.WITHHELD, IntentStatus.MISSED, IntentStatus.CANCELLED})


@dataclass(frozen=True)
class Settled:
    """Run id → status, and for each account the orders that are planned to mend a run and want to be sent now."""

    statuses: Mapping[str, str]
    again: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class RunSettler:
    """Judges runs by their orders, plans what mends them, and tells the world once for each change."""

    runs: RunStore
    events: Events
    clock: Clock
    timing: Timing
    freeze_quantities: Mapping[str, int]

    async def settle(self, user_id: str, tick: Tick, run_ids: Sequence[str]) -> Settled:
        """Judge each run and mend it as its policies say. A run without orders is left as it is, unless it was squared
        off: then it will never have any."""
        statuses: dict[str, str] = {}
        again: dict[str, list[str]] = defaultdict(list)
        for run_id in run_ids:
            run = await self.runs.run(user_id, tick.date, run_id)
            if run is None:
                raise ValueError(f"run {run_id} of {user_id} does not exist")
            statuses[run_id] = str(await self._settle_one(run, tick))
            for order in await self.runs.orders_of_run(user_id, tick.date, run_id):
                if order.waits_to_be_sent(self.clock.now()):
                    again[order.intent.account_id].append(order.intent.intent_id)
        return Settled(statuses, {account_id: tuple(ids) for account_id, ids in again.items()})

    async def report_failure(self, user_id: str, tick: Tick, reason: str, work: Sequence[Due] = ()) -> None:
        """Say aloud that a step of this tick failed, and write it on the runs that got no further.

        What it left in flight is reconciled.
        """
        for due in work:
            status = RunStatus.REFUSED if due.phase is Phase.ENTRY else RunStatus.INCOMPLETE
            run = run_of(due.strategy, tick, status, reason)
            if await self.runs.begin_run(run):
                continue
            stored = await self.runs.run(user_id, tick.date, run.run_id)
            if stored and (
                stored.status is RunStatus.PREPARING or (stored.status not in CLOSED and status not in CLOSED)
            ):
                await self.runs.conclude(run, Verdict(status, reason))
        await self.events.publish([Event("TickFailed", {"user_id": user_id, "tick": str(tick), "reason": reason})])

    async def _settle_one(self, run: Run, tick: Tick) -> RunStatus:
        orders = await self.runs.orders_of_run(run.user_id, tick.date, run.run_id)
        if not orders and not run.closing:
            return run.status
        verdict = _said_by_whom(run, await self._mended(run, orders, tick) or judge(orders) if orders else NOTHING)
        if await self.runs.conclude(run, verdict):
            changed = replace(run, status=verdict.status, reason=verdict.reason)
            await self.events.publish(_events(changed, orders, tick))
        return verdict.status

    async def _mended(self, run: Run, orders: Sequence[Order], tick: Tick) -> Verdict | None:
        """Plan what mends a run; None where nothing is to be done, or somebody else has just planned it."""
        workshop = Workshop(run.user_id, tick, self.clock.now(), self.timing.not_after, self.freeze_quantities)
        try:
            planned = mend(orders, run.policies, workshop, closing=run.closing)
        except PlanningError as error:
            return Verdict(RunStatus.INCOMPLETE, f"{judge(orders).reason}; it cannot be closed: {error}")
        if planned is None or not await self.runs.plan(planned.intents):
            return None
        status = RunStatus.ENTERING if planned.mending is Mending.RETRY else RunStatus.EXITING
        return Verdict(status, str(planned))


def _said_by_whom(run: Run, verdict: Verdict) -> Verdict:
    """Whoever squared a run off stands in its reason until it is over, and after."""
    return Verdict(verdict.status, f"{run.closing}; {verdict.reason}") if run.closing else verdict


def _events(run: Run, orders: Sequence[Order], tick: Tick) -> list[Event]:
    """What happened to the run, and to the orders of its latest round that went wrong: each is told once."""
    about_run = run_event(EVENT_OF[run.status], run)
    profit = realised_profit(orders)
    if run.status is RunStatus.FLAT and profit is not None:
        about_run.detail["realised"] = str(profit)
    refused = [
        Event(
            "OrderRefused",
            {
                "user_id": run.user_id,
                "run_id": run.run_id,
                "intent_id": order.intent.intent_id,
                "symbol": order.intent.symbol,
                "account_id": order.intent.account_id,
                "status": str(order.state.status),
                "reason": order.state.reason,
                **_refusal_of(order),
            },
        )
        for order in _of_latest_round(orders)
        if order.intent.intended_at == tick and order.state.status in BAD
    ]
    return [about_run, *refused]


def _of_latest_round(orders: Sequence[Order]) -> Sequence[Order]:
    """The last attempts: of the exits where there are any, else of each slice of the entry."""
    exits = [order for order in orders if order.intent.phase is Phase.EXIT]
    if exits:
        return [order for order in exits if order.intent.attempt == max(one.intent.attempt for one in exits)]
    last = {_slice(order): order for order in sorted(orders, key=lambda order: order.intent.attempt)}
    return [order for order in orders if last[_slice(order)] is order]


def _slice(order: Order) -> tuple[int, str, int]:
    return order.intent.leg, order.intent.account_id, order.intent.slice_number


def _refusal_of(order: Order) -> dict[str, str]:
    """Why the broker said no and what can be done about it; nothing where it was never asked."""
    refusal = order.state.refusal
    return {} if refusal is None else {"refusal": str(refusal), "advice": refusal.advice}
