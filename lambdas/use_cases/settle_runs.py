"""Say what became of runs: status, reason, events."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lambdas.domain.due import Due
from lambdas.domain.intents import IntentStatus, Order, Phase
from lambdas.domain.moments import Tick
from lambdas.domain.runs import CLOSED, Run, RunStatus, Verdict, judge, realised_profit
from lambdas.ports.events import Event, Events
from lambdas.ports.store import RunStore
from lambdas.use_cases.miss_entry import run_event, run_of

EVENT_OF = {
    RunStatus.OPEN: "RunEntered",
    RunStatus.FLAT: "RunFlat",
    RunStatus.REFUSED: "RunRefused",
    RunStatus.MISSED: "RunMissed",
    RunStatus.INCOMPLETE: "RunIncomplete",
    RunStatus.UNRESOLVED: "RunIncomplete",
}
BAD = frozenset({IntentStatus.REFUSED, IntentStatus.WITHHELD, IntentStatus.MISSED, IntentStatus.CANCELLED})


@dataclass(frozen=True)
class RunSettler:
    """Judges runs by their orders and tells the world once for each change."""

    runs: RunStore
    events: Events

    async def settle(self, user_id: str, tick: Tick, run_ids: Sequence[str]) -> dict[str, str]:
        """Judge each run; returns run id → status. A run without orders is left as it is."""
        statuses: dict[str, str] = {}
        for run_id in run_ids:
            run = await self.runs.run(user_id, tick.date, run_id)
            if run is None:
                raise ValueError(f"run {run_id} of {user_id} does not exist")
            orders = await self.runs.orders_of_run(user_id, tick.date, run_id)
            statuses[run_id] = str(await self._settle_one(run, orders, tick))
        return statuses

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

    async def _settle_one(self, run: Run, orders: Sequence[Order], tick: Tick) -> RunStatus:
        if not orders:
            return run.status
        verdict = judge(orders)
        if await self.runs.conclude(run, verdict):
            changed = replace(run, status=verdict.status, reason=verdict.reason)
            await self.events.publish(_events(changed, orders, tick))
        return verdict.status


def _events(run: Run, orders: Sequence[Order], tick: Tick) -> list[Event]:
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
            },
        )
        for order in orders
        if order.intent.intended_at == tick and order.state.status in BAD
    ]
    return [about_run, *refused]
