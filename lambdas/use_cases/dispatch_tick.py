"""Find all work of one minute, of all users, and start it."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lambdas.domain.control import Control, Lease
from lambdas.domain.due import Due
from lambdas.domain.intents import Phase
from lambdas.domain.moments import Tick
from lambdas.domain.trading_calendar import TradingCalendar
from lambdas.ports.clock import Clock
from lambdas.ports.events import Events, Workflows
from lambdas.ports.store import ControlStore, LoopStore, RunStore, StrategyStore
from lambdas.use_cases.give_up import LostMinutes
from lambdas.use_cases.miss_entry import Missed, miss_entries
from lambdas.use_cases.trading_day import End, TradingDayLoop, Wait

MAX_PAYLOAD_BYTES = 200_000
"""Step Functions takes 256 KiB; the rest is room for what the workflow adds."""
MAX_STARTS = 32
"""Executions that are being started at once."""


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
    calendar: TradingCalendar

    async def dispatch(self, lease: Lease, tick: Tick, overdue: Sequence[Tick]) -> Wait | End:
        """Start everything due at `tick` and every exit of the overdue minutes; then name the next tick.

        A tick that is past already is skipped: recorded, its exits carried to the next one. Another one in no session
        is closed, whoever asked for it: recorded with the reason, nothing is started. Safe to repeat: executions have
        one name for each user and tick. Raises when a start failed, after trying all.
        """
        if not await self.loop.renew(tick.date, lease):
            return End(f"a newer loop has taken over from token {lease.token}")
        control = await self.controls.control()
        calendar = self.calendar.with_changes(control.changes)
        day = calendar.day(tick.date)
        now = self.clock.now()
        if now >= tick.instant:
            await self.loop.record_tick(tick, "skipped", {"reason": f"woken at {now.isoformat()}, after the minute"})
            return await self._advance(lease, tick, (*overdue, tick), calendar=calendar)
        if day.session_at(tick.instant) is None or day.due_day is None:
            await self.loop.record_tick(tick, "closed", {"reason": f"{tick} is in no session: {day.reason}"})
            return await self._advance(lease, tick, overdue, calendar=calendar)
        work = [*await self._due(day.due_day, tick, control), *await self._owed(overdue, calendar)]
        started = await self._start_each_user(tick, work)
        await self.loop.record_tick(tick, "dispatched", {"users": started, "work": len(work), "token": lease.token})
        return await self._advance(lease, tick, calendar=calendar)

    async def _advance(
        self, lease: Lease, tick: Tick, overdue: Sequence[Tick] = (), *, calendar: TradingCalendar
    ) -> Wait | End:
        """Move the loop on; at the end of the day, what was lost is told."""
        lost = LostMinutes(self.strategies, self.controls, self.runs, self.events, self.calendar)
        return await lost.tell(await self.day.advance(lease, tick, overdue, calendar=calendar))

    async def _due(self, due_day: str, tick: Tick, control: Control) -> list[Due]:
        """What is due now: exits, and the entries of users who are not halted."""
        work: list[Due] = []
        missed: list[Missed] = []
        for due in await self.strategies.due_at(due_day, tick.hhmm):
            halt = control.halt_of(due.strategy.user_id)
            if due.phase is Phase.ENTRY and halt:
                missed.append(Missed(due.strategy, tick, halt))
            else:
                work.append(due)
        await miss_entries(missed, runs=self.runs, events=self.events)
        return work

    async def _owed(self, overdue: Sequence[Tick], calendar: TradingCalendar) -> list[Due]:
        """The exits that lost minutes owe; their entries are missed."""
        work: list[Due] = []
        missed: list[Missed] = []
        for lost in overdue:
            due_day = calendar.day(lost.date).due_day
            for due in await self.strategies.due_at(due_day, lost.hhmm) if due_day else ():
                if due.phase is Phase.EXIT:
                    work.append(due)
                else:
                    missed.append(Missed(due.strategy, lost, f"the platform was late: {lost.hhmm} was skipped"))
        await miss_entries(missed, runs=self.runs, events=self.events)
        return work

    async def _start_each_user(self, tick: Tick, work: Sequence[Due]) -> int:
        """Start the workflows of every user, some at a time; how many users. Raises when one could not be
        started, after all were tried."""
        users = by_user(work)
        slots = asyncio.Semaphore(MAX_STARTS)
        starts = (self._start_user(tick, user_id, mine, slots) for user_id, mine in users.items())
        outcomes = await asyncio.gather(*starts, return_exceptions=True)
        failures = [outcome for outcome in outcomes if outcome is not None]
        if failures:
            raise BaseExceptionGroup(f"{len(failures)} of {len(users)} users could not be started at {tick}", failures)
        return len(users)

    async def _start_user(self, tick: Tick, user_id: str, work: Sequence[Due], slots: asyncio.Semaphore) -> None:
        """Start every part of one user's work. Raises when one could not be started, after trying all."""
        failures: list[Exception] = []
        async with slots:
            for part, batch in enumerate(batches(work)):
                name = f"{tick.instant:%Y%m%dT%H%M%S}-{user_id}-{part}"
                try:
                    await self.workflows.start(name, {"user_id": user_id, "tick": str(tick), "work": batch})
                except Exception as error:  # a failed part must not stop the others; raised below
                    failures.append(error)
        if failures:
            raise ExceptionGroup(f"{len(failures)} parts of the work of {user_id} could not be started", failures)


def by_user(work: Iterable[Due]) -> Mapping[str, list[Due]]:
    """Work items by their user, users in order."""
    groups: dict[str, list[Due]] = defaultdict(list)
    for due in work:
        groups[due.strategy.user_id].append(due)
    return dict(sorted(groups.items()))


def batches(work: Iterable[Due]) -> list[list[dict[str, Any]]]:
    """Work items as the workflow reads them, cut so that each batch fits into one payload."""
    cut: list[list[dict[str, Any]]] = [[]]
    size = 0
    for due in work:
        item = {"phase": str(due.phase), "strategy": due.strategy.model_dump(mode="json", exclude_none=True)}
        length = len(json.dumps(item))
        if cut[-1] and size + length > MAX_PAYLOAD_BYTES:
            cut.append([])
            size = 0
        cut[-1].append(item)
        size += length
    return [batch for batch in cut if batch]
