"""Square runs off now: hold back what was not sent, cancel what rests, plan orders that close what is held."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from lambdas.domain.intents import FINAL, IntentStatus, Order, OrderState, Phase
from lambdas.domain.mending import Workshop, closing_orders
from lambdas.domain.moments import Tick
from lambdas.domain.planning_error import PlanningError
from lambdas.domain.runs import Run, RunStatus, Verdict
from lambdas.domain.timing import Timing
from lambdas.ports.clock import Clock
from lambdas.ports.store import RunStore
from lambdas.use_cases.confirm_orders import OrderConfirmer
from lambdas.use_cases.prepare_runs import Prepared
from lambdas.use_cases.unsent_orders import unsent_orders


@dataclass(frozen=True)
class RunCloser:
    """Closes runs whole, whatever their policies say and whoever is halted.

    Safe to repeat, also at the same time: an order is held back by whoever claims it, the ids of closing orders are
    deterministic and planned all or none, and an exit under way is left to finish. `patience` is how long (of real
    time) one account may keep the others waiting.
    """

    runs: RunStore
    confirmer: OrderConfirmer
    clock: Clock
    timing: Timing
    freeze_quantities: Mapping[str, int]
    patience: timedelta = timedelta(seconds=20)

    async def close(self, user_id: str, tick: Tick, run_ids: Sequence[str], reason: str) -> Prepared:
        """Returns the runs that were not closed yet and, for each account, the orders that close them.

        Runs are those of the tick's date. What an account did not let itself be asked about stays in flight, is
        named in the reason of its runs, and is closed later, when its fate is known.
        """
        found = await asyncio.gather(*(self.runs.run(user_id, tick.date, run_id) for run_id in dict.fromkeys(run_ids)))
        runs = [run for run in found if run is not None and await self.runs.close_run(run, reason)]
        await asyncio.gather(*(self._hold_back(run, reason) for run in runs))
        troubles = await self._cancel(user_id, runs)
        for run in runs:
            await self._plan(run, tick, reason, troubles)
        touched = tuple(run.run_id for run in runs)
        return Prepared(touched, await unsent_orders(self.runs, user_id, tick.date, touched, self.clock.now()))

    async def _hold_back(self, run: Run, reason: str) -> None:
        """Take entries, and exits that nobody sent in time, out of the hands of whoever might still claim them."""
        now = self.clock.now()
        for order in await self._orders(run):
            if order.state.status is not IntentStatus.PLANNED:
                continue
            if order.intent.phase is Phase.ENTRY:
                ended = OrderState(IntentStatus.WITHHELD, f"not sent: {reason}")
            elif now > order.intent.not_after:
                ended = OrderState(IntentStatus.MISSED, "not sent: nobody claimed it in time")
            else:
                continue
            if await self.runs.claim(run.user_id, run.date, order.intent.intent_id):
                await self.runs.record(order.intent, ended)

    async def _cancel(self, user_id: str, runs: Sequence[Run]) -> Mapping[str, str]:
        """Bring to an end what rests or is in flight, all accounts at once; by account, what could not be."""
        by_account: dict[str, list[Order]] = defaultdict(list)
        for orders in await asyncio.gather(*(self._orders(run) for run in runs)):
            for order in orders:
                if self._is_cancelled(order):
                    by_account[order.intent.account_id].append(order)
        told = await asyncio.gather(*(self._cancel_at(user_id, name, orders) for name, orders in by_account.items()))
        return {account_id: trouble for account_id, trouble in zip(by_account, told, strict=True) if trouble}

    def _is_cancelled(self, order: Order) -> bool:
        """Entries that may be at the broker, and exits that nobody follows any more; another exit is under way."""
        if order.state.status in FINAL:
            return False
        is_entry = order.intent.phase is Phase.ENTRY
        return is_entry or self.clock.now() > order.intent.not_after + self.timing.confirm

    async def _cancel_at(self, user_id: str, account_id: str, orders: Sequence[Order]) -> str | None:
        """Cancel at one account; why something there has no end yet, or None. Never raises: others must go on."""
        try:
            async with asyncio.timeout(self.patience.total_seconds()):
                left = await self.confirmer.confirm(user_id, account_id, orders, self.clock.now())
        except TimeoutError:
            return f"{account_id} did not answer within {self.patience.total_seconds():g} s"
        except Exception as error:  # whatever one account does, the others are closed
            return f"{account_id}: {error}"
        return f"{left} orders at {account_id} have no end yet" if left else None

    async def _plan(self, run: Run, tick: Tick, reason: str, troubles: Mapping[str, str]) -> None:
        orders = await self._orders(run)
        workshop = Workshop(run.user_id, tick, self.clock.now(), self.timing.not_after, self.freeze_quantities)
        try:
            intents = closing_orders(orders, workshop)
        except (PlanningError, ValueError) as error:
            await self.runs.conclude(run, Verdict(RunStatus.INCOMPLETE, f"{reason}; it cannot be closed: {error}"))
            return
        planned = len(intents) if intents and await self.runs.plan(intents) else 0
        mine = [troubles[account_id] for account_id in sorted({o.intent.account_id for o in orders} & troubles.keys())]
        if planned or mine:
            told = "; ".join([reason, f"{planned} closing orders planned", *mine])
            await self.runs.conclude(run, Verdict(RunStatus.EXITING, told))

    async def _orders(self, run: Run) -> Sequence[Order]:
        return await self.runs.orders_of_run(run.user_id, run.date, run.run_id)
