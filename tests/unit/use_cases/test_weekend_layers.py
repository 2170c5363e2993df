"""Nothing trades on a weekend, and each layer alone sees to that.

Every test leaves one layer as it is and replaces the others by ones that let everything through; the last line
of each shows that without that layer the weekend would have been traded.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from lambdas.domain.control import Lease
from lambdas.domain.due import Due, DueSlot, due_slots
from lambdas.domain.intents import IntentStatus, Phase
from lambdas.domain.moments import Tick
from lambdas.domain.runs import RunStatus
from lambdas.domain.strategy import Schedule
from lambdas.domain.trading_calendar import SessionRule, TradingCalendar
from lambdas.use_cases.dispatch_tick import TickDispatcher
from lambdas.use_cases.trading_day import End, TradingDayLoop, Wait, heartbeat_is_stale
from tests.doubles.examples import TIMING, USER, a_definition, a_strategy, an_account, an_intent, at
from tests.doubles.loop import MemoryLoop
from tests.doubles.strategies import MemoryStrategies
from tests.unit.use_cases.scene import CALENDAR, Scene, entries

pytestmark = pytest.mark.anyio
WEEKEND = pytest.mark.parametrize("day", ["2026-11-28", "2026-11-29"])
OPEN_ALWAYS = TradingCalendar(SessionRule.CONTINUOUS)
HOLDER = Lease("loop-a", 1, at("23:59", "2026-11-29"))


class WorkForAnything(MemoryStrategies):
    """A store in which something is due at every minute of any day."""

    async def due_at(self, due_day: str, hhmm: str) -> Sequence[Due]:
        return [Due(a_strategy(), Phase.ENTRY), Due(a_strategy("other"), Phase.EXIT)]


class AnyLease(MemoryLoop):
    """A store in which every loop still holds its lease."""

    async def renew(self, day: date, lease: Lease) -> bool:
        return True


class AnyTick(TradingDayLoop):
    """A loop that does not look at the calendar."""

    async def advance(
        self, lease: Lease, done: Tick, overdue: Sequence[Tick] = (), *, calendar: TradingCalendar
    ) -> Wait | End:
        return End("the next tick is somebody else's")


def trusting_dispatcher(scene: Scene) -> TickDispatcher:
    """A dispatcher whose own calendar is all that could stop it."""
    day = AnyTick(scene.loop, scene.controls, OPEN_ALWAYS, scene.clock, TIMING)
    return replace(scene.dispatcher, day=day, strategies=WorkForAnything(), loop=AnyLease())


async def with_an_account(scene: Scene) -> None:
    """Link an account that is logged in over the weekend."""
    await scene.link(an_account(session_expires_at=at("06:00", "2026-12-01")))


class TestSchema:
    @pytest.mark.parametrize("weekday", ["SAT", "SUN", "SPECIAL", "sat", "SATURDAY", ""])
    def test_a_definition_names_no_day_of_a_weekend(self, weekday: str) -> None:
        schedule: dict[str, Any] = {"weekdays": ["MON", weekday], "entry": "09:20", "exit": "15:15"}
        with pytest.raises(ValidationError) as caught:
            a_definition(schedule=schedule)
        assert [error["loc"] for error in caught.value.errors()] == [("schedule", "weekdays", 1)]
        assert a_definition(schedule={**schedule, "weekdays": ["MON", "FRI"]}).schedule.weekdays == ("MON", "FRI")

    @pytest.mark.parametrize("weekday", ["SAT", "SUN"])
    def test_a_weekend_has_no_times_of_its_own_either(self, weekday: str) -> None:
        times = [{"weekday": weekday, "entry": "09:20", "exit": "15:15"}]
        with pytest.raises(ValidationError, match="MON"):
            a_definition(schedule={"weekdays": ["MON"], "entry": "09:20", "exit": "15:15", "days": times})


class TestDueKey:
    """Over a schema that has let a weekend through."""

    @pytest.mark.parametrize("weekday", ["SAT", "SUN"])
    def test_no_due_slot_can_be_made_for_a_weekend(self, weekday: str) -> None:
        with pytest.raises(ValueError, match=f"'{weekday}' is no day of the due index"):
            DueSlot(weekday, "09:20", Phase.ENTRY)
        fields: dict[str, Any] = {"weekdays": (weekday,), "entry": "09:20", "exit": "15:15"}
        definition = a_definition().model_copy(update={"schedule": Schedule.model_construct(**fields)})
        with pytest.raises(ValueError, match=weekday):
            due_slots(a_strategy().model_copy(update={"definition": definition}))

    @pytest.mark.parametrize("weekday", ["SAT", "SUN"])
    async def test_nothing_can_be_asked_for_under_a_weekend(self, weekday: str) -> None:
        strategies = MemoryStrategies(a_strategy())
        with pytest.raises(ValueError, match=weekday):
            await strategies.due_at(weekday, "09:20")
        assert len(await strategies.due_at("MON", "09:20")) == 1

    def test_special_sessions_are_due_under_a_word_of_their_own(self) -> None:
        schedule = {"weekdays": ["MON"], "special_sessions": True, "entry": "09:20", "exit": "15:15"}
        assert {slot.due_day for slot in due_slots(a_strategy(schedule=schedule))} == {"MON", "SPECIAL"}


class TestLoop:
    @WEEKEND
    async def test_the_loop_does_not_begin_and_the_watchdog_misses_none(self, day: str) -> None:
        scene = Scene(start=at("09:19:45", day), first_loop=True)
        assert await scene.day.begin("loop-a") == End("nothing to trade: weekend")
        now = scene.clock.now()
        assert await heartbeat_is_stale(now.date(), loop=scene.loop, calendar=CALENDAR, now=now) is None
        scene.calendar = OPEN_ALWAYS
        assert isinstance(await scene.day.begin("loop-a"), Wait)


class TestDispatcher:
    @WEEKEND
    async def test_the_dispatcher_starts_nothing_though_the_loop_and_the_store_would_let_it(self, day: str) -> None:
        scene = Scene(start=at("09:19:45", day))
        dispatcher = trusting_dispatcher(scene)
        tick = Tick(at("09:20", day))
        await dispatcher.dispatch(HOLDER, tick, (Tick(at("09:19", day)),))
        assert scene.workflows.started == {}
        assert scene.events.published == []
        (record,) = await dispatcher.loop.ticks(tick.date)
        assert (record["what"], record["reason"]) == ("closed", f"{tick} is in no session: weekend")
        await replace(dispatcher, calendar=OPEN_ALWAYS).dispatch(HOLDER, tick, ())
        assert scene.workflows.work_of(USER) == [("entry", "spread"), ("exit", "other")]


class TestPreparer:
    @WEEKEND
    async def test_no_run_is_planned_though_the_dispatcher_started_its_workflow(self, day: str) -> None:
        scene = Scene(start=at("09:19:45", day))
        await with_an_account(scene)
        await scene.load_masters()
        await scene.strategies.save(a_strategy())
        tick = Tick(at("09:20", day))
        assert (await scene.preparer.prepare(USER, tick, entries([a_strategy()]))).intent_ids == {}
        run = await scene.run(a_strategy(), tick)
        assert (run.status, run.reason) == (RunStatus.REFUSED, f"{tick} is in no session: weekend")
        scene.calendar = OPEN_ALWAYS
        await scene.strategies.save(a_strategy("another"))
        assert (await scene.preparer.prepare(USER, tick, entries([a_strategy("another")]))).intent_ids != {}


class TestOrderWorker:
    @WEEKEND
    @pytest.mark.parametrize("phase", list(Phase))
    async def test_planned_orders_are_withheld_with_the_reason(self, day: str, phase: Phase) -> None:
        scene = Scene(start=at("09:19:45", day))
        broker = await scene.link(an_account(session_expires_at=at("06:00", "2026-12-01")))
        tick = Tick(at("09:20", day))
        intent = an_intent(intended_at=tick, phase=phase)
        assert await scene.placer.place(USER, "zerodha-one", tick, await scene.plan(intent)) == 0
        assert broker.sent == []
        state = await scene.state(intent)
        assert state.status is IntentStatus.WITHHELD
        assert state.reason == f"not sent: {tick} is in no session: weekend"
        scene.calendar = OPEN_ALWAYS
        again = an_intent(intended_at=tick, phase=phase, attempt=2)
        assert await scene.placer.place(USER, "zerodha-one", tick, await scene.plan(again)) == 1
