"""Finish what workers left in flight: crashes, timeouts, lost replies."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from lambdas.domain.intents import Order
from lambdas.domain.timing import Timing
from lambdas.ports.clock import Clock
from lambdas.ports.store import RunStore
from lambdas.use_cases.confirm_orders import OrderConfirmer
from lambdas.use_cases.settle_runs import RunSettler


@dataclass(frozen=True)
class Reconciler:
    """Looks up every intent in flight whose workers are surely done, and settles its run again."""

    runs: RunStore
    confirmer: OrderConfirmer
    settler: RunSettler
    clock: Clock
    timing: Timing

    async def reconcile(self) -> dict[str, int]:
        """Returns how many intents were in flight and how many still are."""
        now = self.clock.now()
        workers_are_done = self.timing.not_after + self.timing.confirm + timedelta(seconds=30)
        groups: dict[tuple[str, str], list[Order]] = defaultdict(list)
        for order in await self.runs.in_flight():
            if now > order.intent.intended_at.instant + workers_are_done:
                groups[order.intent.user_id, order.intent.account_id].append(order)
        confirmations = (
            self.confirmer.confirm(user_id, account_id, orders, now) for (user_id, account_id), orders in groups.items()
        )
        results = await asyncio.gather(*confirmations, return_exceptions=True)
        found = [order.intent for group in groups.values() for order in group]
        for intent in {(intent.user_id, intent.run_id): intent for intent in found}.values():
            await self.settler.settle(intent.user_id, intent.intended_at, [intent.run_id])
        failures = [result for result in results if isinstance(result, BaseException)]
        if failures:
            raise BaseExceptionGroup(f"{len(failures)} of {len(groups)} accounts could not be reconciled", failures)
        return {"in_flight": len(found), "left": sum(result for result in results if isinstance(result, int))}
