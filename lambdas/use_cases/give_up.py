"""Say what the minutes meant that nobody will make up for any more."""

from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.domain.intents import Phase
from lambdas.domain.moments import Tick
from lambdas.domain.trading_calendar import TradingCalendar, TradingDay
from lambdas.ports.events import Events
from lambdas.ports.store import ControlStore, RunStore, StrategyStore
from lambdas.use_cases.miss_entry import Missed, miss_entries
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
        """Miss every entry of these minutes, aloud; how many there were. Safe to repeat.

        A day that an operator has closed since owes what it owed by the calendar files.
        """
        if not lost:
            return 0
        calendar = self.calendar.with_changes((await self.controls.control()).changes)
        missed: list[Missed] = []
        for tick in lost:
            day = calendar.day(tick.date)
            due_day = day.due_day or self.calendar.day(tick.date).due_day
            for due in await self.strategies.due_at(due_day, tick.hhmm) if due_day else ():
                if due.phase is Phase.ENTRY:
                    missed.append(Missed(due.strategy, tick, _why_missed(tick, day)))
        return await miss_entries(missed, runs=self.runs, events=self.events)


def _why_missed(tick: Tick, day: TradingDay) -> str:
    over = "the sessions are over" if day.session_at(tick.instant) else f"it is in no session any more ({day.reason})"
    return f"the platform was late: {tick.hhmm} was skipped, and {over}"
