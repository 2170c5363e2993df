"""Find all work of one minute, of all users, and start it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lambdas.domain.control import Lease
from lambdas.domain.due import Due
from lambdas.domain.intents import Phase
from lambdas.domain.moments import Tick
from lambdas.ports.clock import Clock
from lambdas.ports.events import Event, Events, Workflows
from lambdas.ports.store import ControlStore, LoopStore, RunStore, StrategyStore
from lambdas.use_cases.miss_entry import miss_entry
from lambdas.use_cases.trading_day import End, TradingDayLoop, Wait

MAX_PAYLOAD_BYTES = 200_000
"""Step Functions takes 256 KiB; the rest is room for what the workflow adds."""


@dataclass(frozen=True)
class TickDispatcher:
    """One dispatch: two queries (due index, switches), then one workflow for each user."""

    day: TradingDayLoop
    strategies: StrategyStore
    controls: ControlStore
    runs: RunStore
    loop: LoopStore
    workflows: Workflows
    events: Events
    clock: Clock

    async def dispatch(self, lease: Lease, tick: Tick, overdue: Sequence[Tick]) -> Wait | End:
        """Start everything due at `tick` and every exit of the overdue minutes; then name the next tick.

        A tick that is past already is skipped: recorded, its exits carried to the next one. Safe to repeat:
        executions have one name for each user and tick. Raises when a start failed, after trying all.
        """
        if not await self.loop.renew(tick.date, lease):
            return End(f"a newer loop has taken over from token {lease.token}")
        now = self.clock.now()
        if now >= tick.instant:
            await self.loop.record_tick(tick, "skipped", {"reason": f"woken at {now.isoformat()}, after the minute"})
            return await self.day.advance(lease, tick, (*overdue, tick))
        work = await self._work(tick, overdue)
        started = await self._start_each_user(tick, work)
        await self.loop.record_tick(tick, "dispatched", {"users": started, "work": len(work), "token": lease.token})
        return await self.day.advance(lease, tick)

    async def _work(self, tick: Tick, overdue: Sequence[Tick]) -> list[Due]:
        """What may start now: due work of users who are not halted, and the exits that lost minutes owe."""
        control = await self.controls.control()
        work: list[Due] = []
        events: list[Event] = []
        for due in await self.strategies.due_at(tick):
            halt = control.halt_of(due.strategy.user_id)
            if due.phase is Phase.ENTRY and halt:
                events += await miss_entry(due.strategy, tick, halt, runs=self.runs)
            else:
                work.append(due)
        for lost in overdue:
            for due in await self.strategies.due_at(lost):
                if due.phase is Phase.EXIT:
                    work.append(due)
                else:
                    reason = f"the platform was late: {lost.hhmm} was skipped"
                    events += await miss_entry(due.strategy, lost, reason, runs=self.runs)
        await self.events.publish(events)
        return work

    async def _start_each_user(self, tick: Tick, work: Sequence[Due]) -> int:
        failures: list[Exception] = []
        users = sorted({due.strategy.user_id for due in work})
        for user_id in users:
            mine = [due for due in work if due.strategy.user_id == user_id]
            for part, batch in enumerate(batches(mine)):
                name = f"{tick.instant:%Y%m%dT%H%M%S}-{user_id}-{part}"
                payload = {"user_id": user_id, "tick": str(tick), "work": batch}
                try:
                    await self.workflows.start(name, payload)
                except Exception as error:  # one user's failure must not stop the others; raised below
                    failures.append(error)
        if failures:
            raise ExceptionGroup(f"{len(failures)} of {len(users)} users could not be started at {tick}", failures)
        return len(users)


def batches(work: Iterable[Due]) -> list[list[dict[str, Any]]]:
    """Work items as the workflow reads them, cut so that each batch fits into one payload."""
    cut: list[list[dict[str, Any]]] = [[]]
    size = 0
    for due in work:
        item = {"phase": str(due.phase), "strategy": due.strategy.model_dump(mode="json")}
        length = len(json.dumps(item))
        if cut[-1] and size + length > MAX_PAYLOAD_BYTES:
            cut.append([])
            size = 0
        cut[-1].append(item)
        size += length
    return [batch for batch in cut if batch]
