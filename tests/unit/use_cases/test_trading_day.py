"""One loop runs the day, minute by minute, and loses none in silence."""

import asyncio
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.domain.moments import Tick
from lambdas.domain.trading_calendar import SessionRule, TradingCalendar
from lambdas.use_cases.trading_day import End, Wait, heartbeat_is_stale
from tests.doubles.examples import TICK, at
from tests.doubles.loop import MemoryLoop
from tests.unit.use_cases.scene import CALENDAR, Scene

pytestmark = pytest.mark.anyio
END_OF_THE_OLDER = End("a newer loop has taken over from token 1")
END_OF_THE_DAY = End("the sessions of 2026-11-23 are over")
CLOSED_TODAY = DayChange(TICK.date, ChangeKind.HOLIDAY, "Exchange outage")
SUNDAY_EVENING = DayChange(date(2026, 11, 8), ChangeKind.SPECIAL_SESSION, "Muhurat trading", time(18), time(19))


def tick(hhmm: str) -> Tick:
    return Tick(at(hhmm))


def hhmm(ticks: tuple[Tick, ...]) -> list[str]:
    return [one.hhmm for one in ticks]


async def recorded(scene: Scene) -> list[tuple[str, str]]:
    return [(row["tick"][11:16], row["what"]) for row in await scene.loop.ticks(TICK.date)]


async def begin(scene: Scene, holder: str = "loop-a") -> Wait:
    """Begin, and expect to wait."""
    step = await scene.day.begin(holder)
    assert isinstance(step, Wait)
    return step


class TestBegin:
    async def test_the_loop_waits_for_the_lead_before_the_next_minute(self) -> None:
        step = await begin(Scene(start=at("09:18:20")))
        assert (step.tick, step.wake_at) == (tick("09:19"), at("09:18:45"))
        assert step.wait_until == "2026-11-23T03:48:45Z"
        assert step.lease.next_tick == "2026-11-23T09:19+05:30"

    async def test_before_the_open_it_waits_for_the_first_minute_of_the_session(self) -> None:
        step = await begin(Scene(start=at("08:58"), first_loop=True))
        assert (step.tick, step.wake_at, step.overdue) == (tick("09:15"), at("09:14:45"), ())

    @pytest.mark.parametrize(
        ("day", "reason"),
        [
            ("2026-11-22", "nothing to trade: weekend"),
            ("2026-11-24", "nothing to trade: holiday: Guru Nanak Jayanti"),
            ("2026-11-08", "nothing to trade: special session Muhurat trading: its hours are not entered yet"),
            ("2027-01-04", "nothing to trade: no calendar for 2027: add its file before trading it"),
        ],
    )
    async def test_on_a_day_without_sessions_it_ends_and_says_why(self, day: str, reason: str) -> None:
        scene = Scene(start=at("09:00", day))
        assert await scene.day.begin("loop-a") == End(reason)
        assert await scene.loop.lease(at("09:00", day).date()) is None

    async def test_after_the_close_there_is_nothing_to_begin(self) -> None:
        assert isinstance(await Scene(start=at("15:39:00")).day.begin("loop-a"), End)

    async def test_of_two_loops_at_once_one_ends_and_names_the_other(self, scene: Scene) -> None:
        steps = await asyncio.gather(scene.day.begin("loop-a"), scene.day.begin("loop-b"))
        assert [type(step) for step in steps] == [Wait, End]
        ended = await scene.day.begin("loop-c")
        assert ended == End("the day is run by loop-a (token 1)")

    async def test_the_same_holder_resumes_under_a_higher_token(self, scene: Scene) -> None:
        first = await begin(scene)
        again = await begin(scene)
        assert (first.lease.token, again.lease.token) == (1, 2)
        assert again.tick == first.tick

    async def test_a_loop_that_died_is_replaced_once_its_lease_is_over(self, scene: Scene) -> None:
        first = await begin(scene)
        scene.clock.move_to(first.lease.valid_until + timedelta(seconds=1))
        assert (await begin(scene, "loop-b")).lease.token == 2


class TestLostMinutes:
    async def test_what_a_dead_loop_left_undone_is_recorded_once_and_comes_back_overdue(self, scene: Scene) -> None:
        await begin(scene)
        scene.clock.move_to(at("09:23:30"))
        step = await begin(scene, "loop-b")
        assert step.tick == tick("09:24")
        assert hhmm(step.overdue) == ["09:20", "09:21", "09:22", "09:23"]
        assert await recorded(scene) == [(minute, "skipped") for minute in ("09:20", "09:21", "09:22", "09:23")]

    async def test_the_first_loop_of_a_day_owes_every_minute_since_the_open(self) -> None:
        scene = Scene(start=at("09:18:20"), first_loop=True)
        assert hhmm((await begin(scene)).overdue) == ["09:15", "09:16", "09:17", "09:18"]

    async def test_a_session_that_never_closes_has_no_opening_to_owe_minutes_since(self) -> None:
        scene = Scene()
        day = replace(scene.day, loop=MemoryLoop(), calendar=TradingCalendar(SessionRule.CONTINUOUS))
        step = await day.begin("loop-a")
        assert isinstance(step, Wait)
        assert step.overdue == ()

    async def test_overdue_minutes_are_owed_until_a_dispatch_has_made_up_for_them(self, scene: Scene) -> None:
        await begin(scene)
        scene.clock.move_to(at("09:22:30"))
        assert hhmm((await begin(scene, "loop-b")).overdue) == ["09:20", "09:21", "09:22"]
        again = await begin(scene, "loop-b")
        assert hhmm(again.overdue) == ["09:20", "09:21", "09:22"]
        await scene.dispatcher.dispatch(again.lease, again.tick, again.overdue)
        assert (await begin(scene, "loop-b")).overdue == ()
        assert len(await recorded(scene)) == 4

    async def test_a_minute_that_was_dispatched_is_not_overdue(self, scene: Scene) -> None:
        step = await begin(scene)
        await scene.loop.record_tick(step.tick, "dispatched", {})
        scene.clock.move_to(at("09:21:30"))
        assert hhmm((await begin(scene, "loop-b")).overdue) == ["09:21"]

    async def test_minutes_outside_the_session_are_not_lost(self) -> None:
        scene = Scene(start=at("09:00"), first_loop=True)
        await begin(scene)
        scene.clock.move_to(at("09:16:30"))
        assert hhmm((await begin(scene, "loop-b")).overdue) == ["09:15", "09:16"]


class TestAdvance:
    async def test_one_minute_follows_the_other(self, scene: Scene) -> None:
        step = await begin(scene)
        following = await scene.day.advance(step.lease, step.tick, calendar=CALENDAR)
        assert isinstance(following, Wait)
        assert (following.tick, following.overdue, following.wake_at) == (tick("09:21"), (), at("09:20:45"))
        assert await scene.loop.lease(TICK.date) == following.lease

    async def test_a_late_loop_skips_the_minutes_that_are_past(self, scene: Scene) -> None:
        step = await begin(scene)
        scene.clock.move_to(at("09:22:00"))
        following = await scene.day.advance(step.lease, step.tick, (tick("09:19"),), calendar=CALENDAR)
        assert isinstance(following, Wait)
        assert following.tick == tick("09:23")
        assert hhmm(following.overdue) == ["09:19", "09:21", "09:22"]
        assert await recorded(scene) == [("09:21", "skipped"), ("09:22", "skipped")]

    async def test_a_newer_token_ends_the_older_loop(self, scene: Scene) -> None:
        older = await begin(scene)
        await begin(scene)
        assert await scene.day.advance(older.lease, older.tick, calendar=CALENDAR) == END_OF_THE_OLDER

    async def test_after_the_last_minute_of_the_session_the_day_is_over(self) -> None:
        scene = Scene(start=at("15:38:30"))
        step = await begin(scene)
        assert step.tick == tick("15:39")
        assert await scene.day.advance(step.lease, step.tick, calendar=CALENDAR) == END_OF_THE_DAY

    async def test_minutes_that_cannot_be_made_up_for_any_more_are_named(self) -> None:
        scene = Scene(start=at("15:38:30"))
        step = await begin(scene)
        ended = await scene.day.advance(step.lease, step.tick, (tick("15:38"), tick("15:39")), calendar=CALENDAR)
        told = "the sessions of 2026-11-23 are over; not made up for: 15:38, 15:39"
        assert ended == End(told, (tick("15:38"), tick("15:39")))

    async def test_minutes_that_pass_while_the_last_step_is_made_are_lost_too(self) -> None:
        scene = Scene(start=at("15:37:30"))
        step = await begin(scene)
        scene.clock.move_to(at("15:41"))
        ended = await scene.day.advance(step.lease, step.tick, calendar=CALENDAR)
        assert ended == End("the sessions of 2026-11-23 are over; not made up for: 15:39", (tick("15:39"),))

    async def test_a_loop_that_comes_after_the_close_names_what_was_lost(self) -> None:
        scene = Scene(start=at("15:37:30"))
        await begin(scene)
        scene.clock.move_to(at("15:41"))
        ended = await scene.day.begin("loop-b")
        assert isinstance(ended, End)
        assert ended.lost[-2:] == (tick("15:38"), tick("15:39"))
        assert ended.reason.endswith(", 15:38, 15:39")

    async def test_while_another_loop_is_alive_nothing_is_lost(self) -> None:
        scene = Scene(start=at("15:38:30"))
        await begin(scene)
        scene.clock.move_to(at("15:39:01"))
        ended = await scene.day.begin("loop-b")
        assert isinstance(ended, End)
        assert ended.lost == ()

    async def test_a_whole_day_has_every_minute_of_its_session_once(self) -> None:
        scene = Scene(start=at("09:00"), first_loop=True)
        step: Wait | End = await scene.day.begin("loop-a")
        minutes: list[Tick] = []
        while isinstance(step, Wait):
            scene.clock.move_to(step.wake_at)
            minutes.append(step.tick)
            step = await scene.dispatcher.dispatch(step.lease, step.tick, step.overdue)
        assert (minutes[0], minutes[-1], len(minutes)) == (tick("09:15"), tick("15:39"), 385)
        assert len(set(minutes)) == 385
        assert {what for _, what in await recorded(scene)} == {"dispatched"}


class TestOperatorsChanges:
    async def test_a_day_that_an_operator_closed_is_not_begun(self, scene: Scene) -> None:
        await scene.controls.change_day(CLOSED_TODAY, by="operator", at=at("09:00"))
        assert await scene.day.begin("loop-a") == End("nothing to trade: holiday: Exchange outage")

    async def test_a_sunday_session_that_an_operator_entered_is_run_to_its_close(self) -> None:
        scene = Scene(start=at("17:45", "2026-11-08"))
        assert isinstance(await scene.day.begin("loop-a"), End)
        await scene.controls.change_day(SUNDAY_EVENING, by="operator", at=at("17:00", "2026-11-08"))
        step: Wait | End = await begin(scene)
        minutes: list[str] = []
        while isinstance(step, Wait):
            scene.clock.move_to(step.wake_at)
            minutes.append(step.tick.hhmm)
            step = await scene.dispatcher.dispatch(step.lease, step.tick, step.overdue)
        assert (minutes[0], minutes[-1], len(minutes)) == ("18:00", "18:59", 60)

    async def test_a_session_that_is_cut_short_ends_at_its_new_close(self) -> None:
        scene = Scene(start=at("12:58:30"))
        early = DayChange(TICK.date, ChangeKind.HOURS, "Early close", time(9, 15), time(13))
        await scene.controls.change_day(early, by="operator", at=at("09:00"))
        step = await begin(scene)
        assert step.tick == tick("12:59")
        scene.clock.move_to(step.wake_at)
        assert await scene.dispatcher.dispatch(step.lease, step.tick, ()) == END_OF_THE_DAY

    async def test_a_day_closed_while_it_runs_ends_with_the_reason(self, scene: Scene) -> None:
        step = await begin(scene)
        ended = await scene.day.advance(
            step.lease, step.tick, (tick("09:19"),), calendar=CALENDAR.with_changes([CLOSED_TODAY])
        )
        assert ended == End("nothing to trade: holiday: Exchange outage; not made up for: 09:19", (tick("09:19"),))

    async def test_a_loop_that_begins_after_it_names_what_another_one_lost(self, scene: Scene) -> None:
        await begin(scene)
        await scene.controls.change_day(CLOSED_TODAY, by="operator", at=at("09:20:30"))
        scene.clock.move_to(at("09:21:20"))
        ended = await scene.day.begin("loop-b")
        assert isinstance(ended, End)
        assert hhmm(ended.lost) == ["09:20", "09:21"]

    async def test_a_loop_that_died_before_it_waited_owes_every_minute_since_the_open(self) -> None:
        scene = Scene(start=at("09:14:10"), first_loop=True)
        await scene.loop.acquire(TICK.date, "loop-a", scene.clock.now(), at("09:15:05"))
        await scene.controls.change_day(CLOSED_TODAY, by="operator", at=at("09:15:30"))
        scene.clock.move_to(at("09:16:20"))
        ended = await scene.day.begin("loop-b")
        assert isinstance(ended, End)
        assert hhmm(ended.lost) == ["09:15", "09:16"]

    async def test_where_no_loop_ran_a_closed_day_owes_nothing(self) -> None:
        scene = Scene(start=at("09:20:10"), first_loop=True)
        await scene.controls.change_day(CLOSED_TODAY, by="operator", at=at("08:00"))
        assert await scene.day.begin("loop-a") == End("nothing to trade: holiday: Exchange outage")


class TestWatchdog:
    async def stale(self, scene: Scene, now: str, day: str = "2026-11-23", *, closed: bool = False) -> str | None:
        calendar = CALENDAR.with_changes([CLOSED_TODAY]) if closed else CALENDAR
        return await heartbeat_is_stale(at(now, day).date(), loop=scene.loop, calendar=calendar, now=at(now, day))

    @pytest.mark.parametrize(
        ("now", "day"), [("08:59", "2026-11-23"), ("15:40", "2026-11-23"), ("11:00", "2026-11-24")]
    )
    async def test_without_a_session_no_loop_is_missed(self, scene: Scene, now: str, day: str) -> None:
        assert await self.stale(scene, now, day) is None

    @pytest.mark.parametrize("now", ["09:00", "12:00"])
    async def test_a_day_without_a_loop_needs_one_from_a_quarter_of_an_hour_before(self, now: str) -> None:
        assert await self.stale(Scene(first_loop=True), now) == "no loop has started today"

    async def test_a_loop_within_its_lease_is_alive_and_past_it_is_not(self, scene: Scene) -> None:
        await begin(scene)
        assert await self.stale(scene, "09:20:05") is None
        reason = await self.stale(scene, "09:20:05.000001")
        assert reason == "the heartbeat of loop-a (token 1) ended at 2026-11-23T09:20:05+05:30"

    async def test_a_loop_that_died_waiting_is_missed_also_when_the_day_was_closed_since(self, scene: Scene) -> None:
        await begin(scene)
        assert await self.stale(scene, "09:20:05", closed=True) is None
        assert "loop-a (token 1)" in str(await self.stale(scene, "09:21", closed=True))

    async def test_a_loop_that_died_before_it_waited_is_missed_too(self) -> None:
        scene = Scene(first_loop=True)
        await scene.loop.acquire(TICK.date, "loop-a", at("09:19:30"), at("09:20:05"))
        assert "loop-a (token 1)" in str(await self.stale(scene, "09:21", closed=True))

    async def test_a_loop_that_recorded_its_last_minute_has_come_to_its_end(self, scene: Scene) -> None:
        step = await begin(scene)
        await scene.loop.record_tick(step.tick, "closed", {})
        assert await self.stale(scene, "09:21", closed=True) is None

    async def test_a_loop_whose_last_minute_was_skipped_may_not_have_told_it(self, scene: Scene) -> None:
        step = await begin(scene)
        await scene.loop.record_tick(step.tick, "skipped", {})
        assert "loop-a (token 1)" in str(await self.stale(scene, "09:21", closed=True))

    async def test_after_a_while_nobody_looks_for_a_dead_loop_any_more(self, scene: Scene) -> None:
        await begin(scene)
        assert await self.stale(scene, "09:30:06", closed=True) is None
