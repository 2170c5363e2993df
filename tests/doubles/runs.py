"""Runs and the ledger of intents in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from lambdas.domain.intents import FINAL, RESTING, TRANSITIONS, Intent, IntentStatus, Order, OrderState
from lambdas.domain.marks import Marks
from lambdas.domain.runs import CLOSED, Run, RunStatus, Verdict
from lambdas.ports.store import DayOfUser

Key = tuple[str, date, str]
MOST_AT_ONCE = 100


class MemoryRuns:
    """Implements `RunStore`. Each write is one step: nothing awaits between looking and writing."""

    def __init__(self) -> None:
        self._runs: dict[Key, Run] = {}
        self._orders: dict[Key, Order] = {}
        self.marks: dict[tuple[str, date], Marks] = {}
        """Of each day, as they were last put."""

    def put(self, order: Order) -> None:
        """Set an order as a test wants it, whatever was known before."""
        self._orders[_key(order.intent)] = order

    async def begin_run(self, run: Run) -> bool:
        key = (run.user_id, run.date, run.run_id)
        if key in self._runs:
            return False
        self._runs[key] = run
        return True

    async def run(self, user_id: str, day: date, run_id: str) -> Run | None:
        return self._runs.get((user_id, day, run_id))

    async def conclude(self, run: Run, verdict: Verdict) -> bool:
        key = (run.user_id, run.date, run.run_id)
        stored = self._runs.get(key)
        if stored is None or (stored.status, stored.reason) == (verdict.status, verdict.reason):
            return False
        self._runs[key] = replace(stored, status=verdict.status, reason=verdict.reason)
        return True

    async def close_run(self, run: Run, reason: str) -> bool:
        key = (run.user_id, run.date, run.run_id)
        stored = self._runs.get(key)
        if stored is None or stored.status in CLOSED:
            return False
        self._runs[key] = replace(stored, status=RunStatus.EXITING, reason=reason, closing=reason)
        return True

    async def plan(self, intents: Sequence[Intent], *, moving: tuple[Run, Verdict] | None = None) -> bool:
        if len(intents) > MOST_AT_ONCE:
            raise ValueError(f"{len(intents)} intents do not fit into one transaction")
        if any(_key(intent) in self._orders for intent in intents):
            return False
        if moving is not None:
            run, verdict = moving
            key = (run.user_id, run.date, run.run_id)
            if key not in self._runs or self._runs[key].status is not run.status:
                return False
            self._runs[key] = replace(self._runs[key], status=verdict.status, reason=verdict.reason)
        self._orders |= {_key(intent): Order(intent, OrderState()) for intent in intents}
        return True

    async def claim(self, user_id: str, day: date, intent_id: str) -> Intent | None:
        order = self._orders.get((user_id, day, intent_id))
        if order is None or order.state.status is not IntentStatus.PLANNED:
            return None
        self.put(Order(order.intent, replace(order.state, status=IntentStatus.SENDING)))
        return order.intent

    async def record(self, intent: Intent, state: OrderState) -> bool:
        order = self._orders.get(_key(intent))
        if order is None or state.status not in TRANSITIONS[order.state.status]:
            return False
        self.put(Order(intent, state))
        return True

    async def move_limit(self, intent: Intent, state: OrderState) -> bool:
        order = self._orders.get(_key(intent))
        if order is None or order.state.status not in RESTING or order.state.chased != state.chased - 1:
            return False
        moved = replace(order.state, limit_price=state.limit_price, chased=state.chased, chased_at=state.chased_at)
        self.put(Order(order.intent, moved))
        return True

    async def orders_of_run(self, user_id: str, day: date, run_id: str) -> Sequence[Order]:
        return [order for order in self._of_day(user_id, day) if order.intent.run_id == run_id]

    async def day(self, user_id: str, day: date) -> DayOfUser:
        runs = [self._runs[key] for key in sorted(self._runs) if key[:2] == (user_id, day)]
        return DayOfUser(runs, self._of_day(user_id, day), self.marks.get((user_id, day), {}))

    async def open_runs(self) -> Sequence[Run]:
        return [run for _, run in sorted(self._runs.items()) if run.status not in CLOSED]

    async def in_flight(self) -> Sequence[Order]:
        return [self._orders[key] for key in sorted(self._orders) if self._orders[key].state.status not in FINAL]

    def _of_day(self, user_id: str, day: date) -> list[Order]:
        return [self._orders[key] for key in sorted(self._orders) if key[:2] == (user_id, day)]


def _key(intent: Intent) -> Key:
    return intent.user_id, intent.intended_at.date, intent.intent_id
