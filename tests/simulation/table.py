"""The one table, as the simulated processes share it and as the referee reads it."""

from collections.abc import Callable, Sequence
from datetime import date

from lambdas.domain.intents import FINAL, Intent, Order, OrderState
from lambdas.domain.runs import Run, Verdict
from tests.doubles.runs import MemoryRuns
from tests.simulation.process import Process


class Table(MemoryRuns):
    """Runs and the ledger; whoever looks on sees every state that was recorded."""

    def __init__(self) -> None:
        super().__init__()
        self._by_tag: dict[str, Intent] = {}
        self._tagged: dict[tuple[str, str, str], list[tuple[str, Intent]]] = {}
        self.on_plan: Callable[[Sequence[Intent], Process | None], None] = lambda intents, planner: None
        self.on_record: Callable[[Intent, OrderState, OrderState], None] = lambda intent, before, state: None
        self.note: Callable[[str], None] = lambda what: None
        self.actor: Callable[[], Process | None] = lambda: None
        self.now: Callable[[], int] = lambda: 0
        self.planned_by: dict[tuple[str, str], tuple[Process | None, int]] = {}
        self.changed_at: dict[str, int] = {}
        self.claimed_by: dict[tuple[str, str], Process | None] = {}
        self.planned_beside: set[tuple[str, str]] = set()
        self.told_by: dict[tuple[str, str], Process | None] = {}

    async def plan(self, intents: Sequence[Intent], *, moving: tuple[Run, Verdict] | None = None) -> bool:
        beside = [intent for intent in intents if self.in_anothers_hands(intent, None)]
        planned = await super().plan(intents, moving=moving)
        if planned:
            self.planned_beside |= {(intent.user_id, intent.intent_id) for intent in beside}
            for intent in intents:
                self.planned_by[intent.user_id, intent.intent_id] = self.actor(), self.now()
                tag = intent.tag
                self._by_tag[tag] = intent
                of = intent.user_id, intent.run_id, intent.account_id
                self._tagged.setdefault(of, []).append((tag, intent))
                self.note(f"table: plans {intent.intent_id} {intent.side} {intent.quantity} {intent.symbol}")
            self.on_plan(intents, self.actor())
        return planned

    async def claim(self, user_id: str, day: date, intent_id: str) -> Intent | None:
        intent = await super().claim(user_id, day, intent_id)
        if intent is not None:
            self.claimed_by[user_id, intent_id] = self.actor()
        return intent

    async def record(self, intent: Intent, state: OrderState) -> bool:
        key = intent.user_id, intent.intended_at.date, intent.intent_id
        before = self._orders[key].state if key in self._orders else state
        recorded = await super().record(intent, state)
        if recorded:
            self.changed_at[intent.user_id] = self.now()
            self.note(f"table: {intent.intent_id} is {state.status}, {state.filled_quantity} filled: {state.reason}")
            self.on_record(intent, before, state)
        return recorded

    async def begin_run(self, run: Run) -> bool:
        begun = await super().begin_run(run)
        if begun:
            self.told_by[run.user_id, run.run_id] = self.actor()
            self.note(f"table: run {run.run_id} begins {run.status}: {run.reason}")
        return begun

    async def conclude(self, run: Run, verdict: Verdict) -> bool:
        concluded = await super().conclude(run, verdict)
        if concluded:
            self.told_by[run.user_id, run.run_id] = self.actor()
            self.note(f"table: run {run.run_id} is {verdict.status}: {verdict.reason}")
        return concluded

    def planned_before(self, user_id: str, process: Process) -> list[Order]:
        """The user's orders that a process could see when it planned: its own, and what was there when it started."""
        return [
            order
            for order in self._orders.values()
            if order.intent.user_id == user_id and self._was_seen(order.intent, process)
        ]

    def _was_seen(self, intent: Intent, process: Process) -> bool:
        planner, at = self.planned_by[intent.user_id, intent.intent_id]
        return planner is process or at < process.started

    def every_order(self) -> list[Order]:
        return [self._orders[key] for key in sorted(self._orders)]

    def every_run(self) -> list[Run]:
        return [self._runs[key] for key in sorted(self._runs)]

    def intent_tagged(self, tag: str) -> Intent | None:
        return self._by_tag.get(tag)

    def of_run(self, user_id: str, run_id: str, account_id: str) -> list[tuple[str, Intent]]:
        """What was ever planned for a run in an account, with the tags."""
        return self._tagged.get((user_id, run_id, account_id), [])

    def in_anothers_hands(self, intent: Intent, holder: Process | None) -> bool:
        """Whether an order of the same run and account is without an end, and not with this holder, or was so when
        the intent was planned."""
        if (intent.user_id, intent.intent_id) in self.planned_beside:
            return True
        mine = (intent.user_id, intent.run_id, intent.account_id)
        return any(
            order.state.status not in FINAL
            and (order.intent.user_id, order.intent.run_id, order.intent.account_id) == mine
            and (holder is None or self.claimed_by.get((order.intent.user_id, order.intent.intent_id)) is not holder)
            for order in self._orders.values()
        )
