"""Say what became of runs: status, reason, events."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lambdas.domain.due import Due
from lambdas.domain.intents import IntentStatus, Order, Phase
from lambdas.domain.mending import Mending, Workshop, mend
from lambdas.domain.moments import IST, Tick
from lambdas.domain.planning_error import PlanningError
from lambdas.domain.runs import CLOSED, Run, RunStatus, Verdict, judge, realised_profit
from lambdas.domain.settling import exit_overdue, latest_round, left_over
from lambdas.domain.timing import Timing
from lambdas.domain.trading_calendar import TradingCalendar
from lambdas.domain.values import rupees_text
from lambdas.ports.clock import Clock
from lambdas.ports.events import Event, Events
from lambdas.ports.store import ControlStore, RunStore
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


class PlannedElsewhere(Exception):
    """Somebody else has just planned what mends this run: what was read of it is old, and that one tells of it."""


@dataclass(frozen=True)
class Settled:
    """Run id → status, and for each account the orders that are planned to mend a run and want to be sent now."""

    statuses: Mapping[str, str]
    again: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class RunSettler:
    """Judges runs by their orders, plans what mends them, and tells the world once for each change."""

    runs: RunStore
    controls: ControlStore
    events: Events
    clock: Clock
    calendar: TradingCalendar
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
        try:
            judged = await self._mended(run, orders, tick) or judge(orders) if orders else NOTHING
        except PlannedElsewhere:
            return run.status
        verdict = _said_by_whom(run, judged)
        if (run.status, run.reason) != (verdict.status, verdict.reason):
            changed = replace(run, status=verdict.status, reason=verdict.reason)
            # Told before it is written: who dies in between tells it twice, not never.
            await self.events.publish(_events(changed, orders, tick))
            await self.runs.conclude(run, verdict)
        return verdict.status

    async def _mended(self, run: Run, orders: Sequence[Order], tick: Tick) -> Verdict | None:
        """Plan what mends a run; None where nothing is to be done. Raises PlannedElsewhere."""
        overdue = exit_overdue(run, orders, self.clock.now())
        workshop = Workshop(run.user_id, tick, self.clock.now(), self.timing.not_after, self.freeze_quantities)
        try:
            planned = mend(orders, run.policies, workshop, closing=run.closing or overdue)
        except PlanningError as error:
            return Verdict(RunStatus.INCOMPLETE, f"{judge(orders).reason}; it cannot be closed: {error}")
        closed = await self._closed() if planned else None
        if closed:
            return left_over(judge(orders), overdue, closed)
        if planned is None:
            return None
        if not await self.runs.plan(planned.intents):
            raise PlannedElsewhere
        status = RunStatus.ENTERING if planned.mending is Mending.RETRY else RunStatus.EXITING
        return Verdict(status, str(planned))

    async def _closed(self) -> str | None:
        """Why nothing can be sent now, or None."""
        control = await self.controls.control()
        now = self.clock.now()
        day = self.calendar.with_changes(control.changes).day(now.astimezone(IST).date())
        return None if day.session_at(now) else f"the market is closed ({day.reason})"


def _said_by_whom(run: Run, verdict: Verdict) -> Verdict:
    """Whoever squared a run off stands in its reason until it is over, and after."""
    return Verdict(verdict.status, f"{run.closing}; {verdict.reason}") if run.closing else verdict


def _events(run: Run, orders: Sequence[Order], tick: Tick) -> list[Event]:
    """What happened to the run, and to the orders of its latest round that went wrong: each is told once."""
    about_run = run_event(EVENT_OF[run.status], run)
    profit = realised_profit(orders)
    if run.status is RunStatus.FLAT and profit is not None:
        about_run.detail["realised"] = rupees_text(profit)
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
        for order in latest_round(orders)
        if order.intent.intended_at == tick and order.state.status in BAD
    ]
    return [about_run, *refused]


def _refusal_of(order: Order) -> dict[str, str]:
    """Why the broker said no and what can be done about it; nothing where it was never asked."""
    refusal = order.state.refusal
    return {} if refusal is None else {"refusal": str(refusal), "advice": refusal.advice}
