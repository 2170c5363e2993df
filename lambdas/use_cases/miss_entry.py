"""Saying plainly that a run did not happen."""

from lambdas.domain.moments import Tick
from lambdas.domain.runs import Run, RunStatus
from lambdas.domain.strategy import Strategy
from lambdas.ports.events import Event
from lambdas.ports.store import RunStore


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


async def miss_entry(strategy: Strategy, tick: Tick, reason: str, *, runs: RunStore) -> list[Event]:
    """Record that the entry due at `tick` was not made; the events to publish (none if it was made after all).

    Whoever repeats it, because the one before died, tells it again: better twice than never.
    """
    run = run_of(strategy, tick, RunStatus.MISSED, reason)
    if not await runs.begin_run(run):
        stored = await runs.run(run.user_id, run.date, run.run_id)
        if stored is None or (stored.status, stored.reason) != (run.status, run.reason):
            return []
    return [run_event("RunMissed", run)]


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
