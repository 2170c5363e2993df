"""Finish what workers left in flight: crashes, timeouts, lost replies."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from lambdas.domain.intents import FINAL, Intent, Order
from lambdas.domain.moments import IST, MINUTE, Tick
from lambdas.domain.order_rules import LONGEST_CHASE
from lambdas.domain.runs import RunStatus
from lambdas.domain.timing import Timing
from lambdas.ports.clock import Clock
from lambdas.ports.events import Workflows
from lambdas.ports.store import RunStore
from lambdas.use_cases.confirm_orders import OrderConfirmer
from lambdas.use_cases.earlier_days import EarlierDays
from lambdas.use_cases.settle_runs import RunSettler

MOVING = frozenset({RunStatus.ENTERING, RunStatus.EXITING, RunStatus.UNRESOLVED})


@dataclass(frozen=True)
class Reconciler:
    """Looks up every intent in flight whose workers are surely done, settles its run again, and starts what mends
    it; also what is left of runs that were squared off. What is of earlier days is ended and mended by nobody."""

    runs: RunStore
    confirmer: OrderConfirmer
    settler: RunSettler
    workflows: Workflows
    clock: Clock
    timing: Timing

    async def reconcile(self, only: tuple[str, str] | None = None) -> dict[str, int]:
        """Returns how many intents were in flight and how many still are.

        With `only`, a user and an account, just what is in flight there is looked up.
        """
        now = self.clock.now()
        groups: dict[tuple[str, str], list[Order]] = defaultdict(list)
        for order in await self.runs.in_flight():
            account = order.intent.user_id, order.intent.account_id
            if only in (None, account) and self.workers_are_done(order.intent):
                groups[account].append(order)
        confirmations = (
            self.confirmer.confirm(user_id, account_id, orders, now) for (user_id, account_id), orders in groups.items()
        )
        results = await asyncio.gather(*confirmations, return_exceptions=True)
        found = [order.intent for group in groups.values() for order in group]
        today = now.astimezone(IST).date()
        of_today = (intent for intent in found if intent.intended_at.date == today)
        of_runs = {(intent.user_id, intent.run_id): intent.intended_at for intent in of_today}
        left_alone = {} if only else await self._left_alone()
        for (user_id, run_id), tick in {**left_alone, **of_runs}.items():
            await self.settle(user_id, tick, run_id)
        await EarlierDays(self.runs, self.settler.events, self.clock).end_orders(found)
        failures = [result for result in results if isinstance(result, BaseException)]
        if failures:
            raise BaseExceptionGroup(f"{len(failures)} of {len(groups)} accounts could not be reconciled", failures)
        return {"in_flight": len(found), "left": sum(result for result in results if isinstance(result, int))}

    def workers_are_done(self, intent: Intent) -> bool:
        """Whether surely nobody follows this order any more."""
        return self.clock.now() > intent.not_after + self._workers_are_done

    async def settle(self, user_id: str, tick: Tick, run_id: str) -> None:
        """Settle a run; what mends it is sent by a workflow of its own, started once for each plan."""
        settled = await self.settler.settle(user_id, tick, [run_id])
        planned = sorted(intent_id for ids in settled.again.values() for intent_id in ids)
        if planned:
            name = "mend-" + sha256("/".join([user_id, *planned]).encode()).hexdigest()[:32]
            resume = {"user_id": user_id, "tick": str(tick), "resume": [run_id]}
            await self.workflows.start(name, resume)

    async def _left_alone(self) -> dict[tuple[str, str], Tick]:
        """Runs of today that somebody began to move and nobody moves any more: whoever did died, or its exit was never
        planned. All their orders have ended, and whoever might work on them is surely done.

        By user and run, the minute of now, to which their next orders belong.
        """
        now = Tick(self.clock.now().replace(second=0, microsecond=0))
        left: dict[tuple[str, str], Tick] = {}
        for run in await self.runs.open_runs():
            if run.date == now.date and (
                run.closing or run.status in MOVING or now.instant > now.at(run.exit) + MINUTE
            ):
                orders = await self.runs.orders_of_run(run.user_id, run.date, run.run_id)
                if self._is_left(orders, closing=bool(run.closing)):
                    left[run.user_id, run.run_id] = now
        return left

    def _is_left(self, orders: Sequence[Order], *, closing: bool) -> bool:
        if any(order.state.status not in FINAL for order in orders):
            return False
        last = max((order.intent.not_after for order in orders), default=None)
        return closing or (last is not None and self.clock.now() > last + self._workers_are_done)

    @property
    def _workers_are_done(self) -> timedelta:
        """So long after an order may last be sent nobody follows it any more."""
        return max(self.timing.confirm, timedelta(seconds=LONGEST_CHASE)) + timedelta(seconds=30)
