"""Runs of earlier days: nothing of them is traded, what they left is told, and they end when nothing is left."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lambdas.domain.accounts import Account
from lambdas.domain.earlier import ADVICE, BOOKS_ANEW, Claim, EarlierRun, Leftover, end_of, judge_earlier
from lambdas.domain.intents import FINAL, Intent, Order
from lambdas.domain.moments import IST
from lambdas.domain.runs import Run, Verdict
from lambdas.ports.clock import Clock
from lambdas.ports.events import Event, Events
from lambdas.ports.store import RunStore
from lambdas.use_cases.miss_entry import run_event
from lambdas.use_cases.settle_runs import EVENT_OF


@dataclass(frozen=True)
class EarlierDays:
    """Reads and ends what earlier days left in the ledger. It asks no broker and sends nothing."""

    runs: RunStore
    events: Events
    clock: Clock

    async def left(self) -> Sequence[EarlierRun]:
        """The runs of earlier days that are not closed, of all users; none before the books of today are there."""
        now = self.clock.now().astimezone(IST)
        if now.time() < BOOKS_ANEW:
            return []
        runs = [run for run in await self.runs.open_runs() if run.date < now.date()]
        return [EarlierRun(run, tuple(await self._orders(run.user_id, run.date, run.run_id))) for run in runs]

    async def end_orders(self, in_flight: Iterable[Intent]) -> None:
        """Bring those of earlier days to an end when no book can tell of them any more, and judge their runs."""
        now = self.clock.now().astimezone(IST)
        runs = {
            (one.user_id, one.intended_at.date, one.run_id) for one in in_flight if one.intended_at.date < now.date()
        }
        for user_id, day, run_id in sorted(runs):
            if now.time() >= BOOKS_ANEW:
                await self._end(await self._orders(user_id, day, run_id))
            run = await self.runs.run(user_id, day, run_id)
            if run is not None:
                await self.say(run, judge_earlier(await self._orders(user_id, day, run_id)))

    async def say(self, run: Run, verdict: Verdict) -> None:
        """Tell and write what became of a run, when that is news. Whoever squared it off stays in its reason."""
        told = verdict.reason if not run.closing else f"{run.closing}; {verdict.reason}"
        if (run.status, run.reason) == (verdict.status, told):
            return
        changed = replace(run, status=verdict.status, reason=told)
        # Told before it is written: who dies in between tells it twice, not never.
        await self.events.publish([run_event(EVENT_OF[verdict.status], changed)])
        await self.runs.conclude(run, Verdict(verdict.status, told))

    async def _end(self, orders: Sequence[Order]) -> None:
        for order in orders:
            if order.state.status not in FINAL:
                await self.runs.record(order.intent, end_of(order))

    async def _orders(self, user_id: str, day: date, run_id: str) -> Sequence[Order]:
        return await self.runs.orders_of_run(user_id, day, run_id)


def claims_in(account: Account, earlier: Iterable[EarlierRun]) -> Mapping[Claim, Run]:
    """What runs of earlier days hold in an account."""
    return {
        claim: one.run
        for one in earlier
        for claim in one.claims
        if (one.run.user_id, claim.account_id) == (account.user_id, account.account_id)
    }


def left_open(account: Account, left: Iterable[Leftover], runs: Mapping[str, Run]) -> list[Event]:
    """Tell what an account still has of runs of earlier days: one event for each run."""
    by_run: dict[str, list[str]] = defaultdict(list)
    for one in left:
        by_run[one.run_id].append(str(one))
    return [
        Event(
            "RunLeftOpen",
            {
                **run_event("RunLeftOpen", runs[run_id]).detail,
                "account_id": account.account_id,
                "label": account.label,
                "broker": account.broker,
                "what": ", ".join(what),
                "advice": ADVICE,
            },
        )
        for run_id, what in by_run.items()
    ]
