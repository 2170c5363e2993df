"""Stop a scope and close what is open in it: the kill switch."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from lambdas.domain.control import Halt
from lambdas.domain.moments import IST, Tick
from lambdas.domain.run_progress import RunProgress
from lambdas.domain.runs import CLOSED, Run
from lambdas.domain.scopes import Scope, ScopeKind
from lambdas.ports.clock import Clock
from lambdas.ports.events import Workflows
from lambdas.ports.store import DayOfUser, RunStore
from lambdas.use_cases.switch_halts import HaltSwitch

MAX_STARTS = 32
"""Executions that are being started at once."""


class NothingOfThatName(Exception):
    """A run that is not of today or does not exist."""


@dataclass(frozen=True)
class Progress:
    """A scope: whether it is halted, and how far its runs are; `started` are the users whose closing began now."""

    scope: Scope
    halt: Halt | None
    runs: tuple[RunProgress, ...]
    started: tuple[str, ...] = ()


@dataclass(frozen=True)
class SquareOff:
    """Halts, then closes through the tick's own workflow. It needs no loop: only the table and the workflow.

    Runs are closed whole, also when a scope touches one of their accounts only: half a run is naked. Runs of earlier
    days are told and not closed: their orders are no longer in any broker's book.
    """

    runs: RunStore
    switch: HaltSwitch
    workflows: Workflows
    clock: Clock

    async def run(self, scope: Scope, reason: str, by: str, *, over_others: bool = False) -> Progress:
        """Stop entries of the scope at once and start one closing workflow for each user; what was found.

        Entries of a single run are stopped by its closing. Safe to repeat: within a minute the same runs are started
        once, and the workflow itself plans nothing twice. Raises NothingOfThatName for a run that is not of today,
        and an ExceptionGroup when workflows could not be started, after trying all.
        """
        if scope.kind is ScopeKind.RUN and not await self._found(scope):
            raise NothingOfThatName(f"there is no run {scope.thing_id!r} today")
        if scope.can_be_halted:
            await self.switch.halt(scope, reason, by, over_others=over_others)
        found = [progress for progress in await self._found(scope) if progress.run.status not in CLOSED]
        started = await self._start_each_user([progress.run for progress in found], reason, by)
        return Progress(scope, await self._halt_of(scope), tuple(found), started)

    async def progress(self, scope: Scope) -> Progress:
        """How far the closing of a scope is: its runs of today, closed ones too; of the platform, the open ones."""
        return Progress(scope, await self._halt_of(scope), tuple(await self._found(scope)))

    async def _halt_of(self, scope: Scope) -> Halt | None:
        return await self.switch.of_scope(scope)

    async def _found(self, scope: Scope) -> list[RunProgress]:
        if scope.kind is ScopeKind.PLATFORM:
            return await self._open_of_all()
        day = await self.runs.day(scope.user_id, self._today())
        return [progress for run in day.runs if _concerns(scope, progress := _progress_in(day, run), day)]

    async def _open_of_all(self) -> list[RunProgress]:
        runs = await self.runs.open_runs()
        keys = sorted({(run.user_id, run.date) for run in runs})
        slots = asyncio.Semaphore(MAX_STARTS)

        async def read(user_id: str, day: date) -> DayOfUser:
            async with slots:
                return await self.runs.day(user_id, day)

        days = dict(zip(keys, await asyncio.gather(*(read(*key) for key in keys)), strict=True))
        return [_progress_in(days[run.user_id, run.date], run) for run in runs]

    def _today(self) -> date:
        return self.clock.now().astimezone(IST).date()

    async def _start_each_user(self, runs: Sequence[Run], reason: str, by: str) -> tuple[str, ...]:
        by_user: dict[str, list[str]] = defaultdict(list)
        for run in runs:
            if run.date == self._today():
                by_user[run.user_id].append(run.run_id)
        slots = asyncio.Semaphore(MAX_STARTS)
        starts = (self._start(user_id, ids, reason, by, slots) for user_id, ids in by_user.items())
        outcomes = await asyncio.gather(*starts, return_exceptions=True)
        failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        if failures:
            raise ExceptionGroup(f"{len(failures)} of {len(by_user)} users could not be squared off", failures)
        return tuple(user_id for user_id, begun in zip(by_user, outcomes, strict=True) if begun is True)

    async def _start(
        self, user_id: str, run_ids: Sequence[str], reason: str, by: str, slots: asyncio.Semaphore
    ) -> bool:
        tick = Tick(self.clock.now().replace(second=0, microsecond=0))
        digest = sha256("/".join([user_id, *sorted(run_ids)]).encode()).hexdigest()[:32]
        payload = {
            "user_id": user_id,
            "tick": str(tick),
            "close": {"run_ids": sorted(run_ids), "reason": reason, "by": by},
        }
        async with slots:
            return await self.workflows.start(f"close-{tick.instant:%Y%m%dT%H%M}-{digest}", payload)


def _progress_in(day: DayOfUser, run: Run) -> RunProgress:
    return RunProgress.of(run, [order for order in day.orders if order.intent.run_id == run.run_id])


def _concerns(scope: Scope, progress: RunProgress, day: DayOfUser) -> bool:
    run = progress.run
    match scope.kind:
        case ScopeKind.RUN:
            return run.run_id == scope.thing_id
        case ScopeKind.STRATEGY:
            return run.strategy_id == scope.thing_id
        case ScopeKind.ACCOUNT:
            at_account = (order.intent.run_id for order in day.orders if order.intent.account_id == scope.thing_id)
            return run.run_id in at_account
        case _:
            return True
