"""Saying plainly that a run did not happen."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.domain.moments import Tick
from lambdas.domain.runs import Run, RunStatus
from lambdas.domain.strategy import Strategy
from lambdas.ports.events import Event, Events
from lambdas.ports.store import RunStore


@dataclass(frozen=True)
class Missed:
    """An entry that was not made at its tick, and why."""

    strategy: Strategy
    tick: Tick
    reason: str


def run_of(strategy: Strategy, tick: Tick, status: RunStatus, reason: str) -> Run:
    """The run that a strategy has on the day of a tick."""
    entry, leave = strategy.definition.schedule.times_around(tick.weekday, tick.hhmm)
    return Run(
        user_id=strategy.user_id,
        run_id=strategy.run_id(tick.date),
        strategy_id=strategy.strategy_id,
        strategy_version=strategy.version,
        name=strategy.definition.name,
        underlying=strategy.definition.underlying,
        date=tick.date,
        status=status,
        reason=reason,
        entry=entry,
        exit=leave,
        policies=strategy.definition.policies,
    )


async def miss_entries(missed: Sequence[Missed], *, runs: RunStore, events: Events) -> int:
    """Tell and record that these entries were not made; how many there were. What has a run is left alone: it was made
    after all, or missing it was told.

    Told before it is written: who dies in between tells it twice, not never.
    """
    found = [run_of(one.strategy, one.tick, RunStatus.MISSED, one.reason) for one in missed]
    stored = await asyncio.gather(*(runs.run(run.user_id, run.date, run.run_id) for run in found))
    new = [run for run, before in zip(found, stored, strict=True) if before is None]
    await events.publish([run_event("RunMissed", run) for run in new])
    for run in new:
        await runs.begin_run(run)
    return len(new)


def run_event(name: str, run: Run) -> Event:
    """An event about a run, as every listener reads it."""
    return Event(
        name,
        {
            "user_id": run.user_id,
            "run_id": run.run_id,
            "strategy": run.name,
            "date": run.date.isoformat(),
            "status": str(run.status),
            "reason": run.reason,
        },
    )
