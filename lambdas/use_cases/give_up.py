"""Say what the minutes meant that nobody will make up for any more."""

from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.domain.intents import Phase
from lambdas.domain.moments import Tick
from lambdas.domain.trading_calendar import TradingCalendar
from lambdas.ports.events import Event, Events
from lambdas.ports.store import ControlStore, RunStore, StrategyStore
from lambdas.use_cases.miss_entry import miss_entry
from lambdas.use_cases.trading_day import End, Wait


@dataclass(frozen=True)
class LostMinutes:
    """At the end of a day: entries that were due become missed runs. Exits are the reconciler's: it closes or tells."""

    strategies: StrategyStore
    controls: ControlStore
    runs: RunStore
    events: Events
    calendar: TradingCalendar

    async def tell(self, step: Wait | End) -> Wait | End:
        """The same step of the loop; at the end of the day, what was lost is told first."""
        if isinstance(step, End):
            await self.give_up(step.lost)
        return step

    async def give_up(self, lost: Sequence[Tick]) -> int:
        """Miss every entry of these minutes, aloud; how many there were. Safe to repeat."""
        if not lost:
            return 0
        calendar = self.calendar.with_changes((await self.controls.control()).changes)
        told: list[Event] = []
        for tick in lost:
            due_day = calendar.day(tick.date).due_day
            for due in await self.strategies.due_at(due_day, tick.hhmm) if due_day else ():
                if due.phase is Phase.ENTRY:
                    reason = f"the platform was late: {tick.hhmm} was skipped, and the sessions are over"
                    told += await miss_entry(due.strategy, tick, reason, runs=self.runs)
        await self.events.publish(told)
        return len(told)
