"""Everything due at a minute is started once for each user, and nothing is lost in silence."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from lambdas.domain.control import Control
from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.domain.due import Due
from lambdas.domain.moments import Tick
from lambdas.domain.runs import RunStatus
from lambdas.domain.strategy import MAX_ACCOUNTS, MAX_LEGS, Strategy
from lambdas.use_cases.dispatch_tick import MAX_PAYLOAD_BYTES, MAX_STARTS, batches, by_user
from lambdas.use_cases.trading_day import End, Wait
from tests.doubles.controls import MemoryControls
from tests.doubles.events import RecordedWorkflows
from tests.doubles.examples import TICK, USER, a_run, a_strategy, at
from tests.doubles.strategies import MemoryStrategies
from tests.unit.use_cases.scene import Scene, entries, exits

pytestmark = pytest.mark.anyio
LEAVING_AT_0920: dict[str, Any] = {"schedule": {"weekdays": ["MON"], "entry": "09:16", "exit": "09:20"}}
ENTERING_AT_0921: dict[str, Any] = {"schedule": {"weekdays": ["MON"], "entry": "09:21", "exit": "15:15"}}


MANY = 40
"""Large strategies that need several payloads."""


def a_large_strategy(number: int) -> Strategy:
    """As many legs and accounts as a strategy may have."""
    shares = [{"account_id": f"account-with-a-rather-long-name-{n:04}", "lots": 1} for n in range(MAX_ACCOUNTS)]
    legs = [{"right": "CE", "side": "BUY", "lots": MAX_ACCOUNTS, "allocation": shares}] * MAX_LEGS
    return a_strategy(f"large-{number}", legs=legs)


async def begin(scene: Scene) -> Wait:
    step = await scene.day.begin("loop-a")
    assert isinstance(step, Wait)
    return step


async def dispatch(scene: Scene, step: Wait) -> Wait:
    following = await scene.dispatcher.dispatch(step.lease, step.tick, step.overdue)
    assert isinstance(following, Wait)
    return following


class TestOnTime:
    async def test_work_is_grouped_by_user(self, scene: Scene) -> None:
        await scene.strategies.save(a_strategy("one"))
        await scene.strategies.save(a_strategy("two", **LEAVING_AT_0920))
        await scene.strategies.save(a_strategy("one", user_id="user-two"))
        following = await dispatch(scene, await begin(scene))
        assert following.tick == Tick(at("09:21"))
        assert list(scene.workflows.started) == [f"20261123T092000-{user}-0" for user in (USER, "user-two")]
        assert sorted(scene.workflows.work_of(USER)) == [("entry", "one"), ("exit", "two")]
        assert scene.workflows.work_of("user-two") == [("entry", "one")]

    async def test_a_workflow_carries_its_user_its_tick_and_whole_strategies(self, scene: Scene) -> None:
        await scene.strategies.save(a_strategy())
        await dispatch(scene, await begin(scene))
        (payload,) = scene.workflows.started.values()
        (item,) = payload.pop("work")
        assert payload == {"user_id": USER, "tick": str(TICK)}
        assert item["phase"] == "entry"
        assert Strategy.model_validate(item["strategy"]) == a_strategy()

    async def test_a_minute_without_work_starts_nothing_and_is_recorded(self, scene: Scene) -> None:
        await dispatch(scene, await begin(scene))
        assert scene.workflows.started == {}
        (record,) = await scene.loop.ticks(TICK.date)
        assert (record["what"], record["users"], record["work"]) == ("dispatched", 0, 0)

    async def test_a_repeated_dispatch_starts_nothing_twice(self, scene: Scene) -> None:
        await scene.strategies.save(a_strategy())
        step = await begin(scene)
        await dispatch(scene, step)
        await dispatch(scene, step)
        assert len(scene.workflows.started) == 1
        assert len(await scene.loop.ticks(TICK.date)) == 1

    async def test_an_older_loop_starts_nothing(self, scene: Scene) -> None:
        await scene.strategies.save(a_strategy())
        older = await begin(scene)
        await begin(scene)
        ended = await scene.dispatcher.dispatch(older.lease, older.tick, ())
        assert ended == End("a newer loop has taken over from token 1")
        assert scene.workflows.started == {}


class TestFailures:
    async def test_a_user_that_cannot_be_started_stops_nobody_and_is_raised_at_the_end(self, scene: Scene) -> None:
        for user_id in ("user-a", "user-b", "user-c"):
            await scene.strategies.save(a_strategy(user_id=user_id))
        scene.workflows.failing = {"user-a", "user-b"}
        step = await begin(scene)
        with pytest.raises(ExceptionGroup, match="2 of 3 users could not be started at 2026-11-23T09:20"):
            await scene.dispatcher.dispatch(step.lease, step.tick, ())
        assert [payload["user_id"] for payload in scene.workflows.started.values()] == ["user-c"]

    async def test_after_a_failure_the_minute_is_not_taken_for_dispatched(self, scene: Scene) -> None:
        await scene.strategies.save(a_strategy(**LEAVING_AT_0920))
        scene.workflows.failing = {USER}
        step = await begin(scene)
        with pytest.raises(ExceptionGroup):
            await scene.dispatcher.dispatch(step.lease, step.tick, ())
        scene.workflows.failing = set()
        scene.clock.move_to(at("09:20:30"))
        again = await begin(scene)
        assert [tick.hhmm for tick in again.overdue] == ["09:20"]
        await dispatch(scene, again)
        assert scene.workflows.work_of(USER) == [("exit", "spread")]


class TestManyUsers:
    async def test_many_are_started_at_once_but_never_more_than_allowed(self, scene: Scene) -> None:
        users = [f"user-{number:03}" for number in range(3 * MAX_STARTS)]
        for user_id in users:
            await scene.strategies.save(a_strategy(user_id=user_id))
        workflows = SlowWorkflows()
        dispatcher = replace(scene.dispatcher, workflows=workflows)
        step = await begin(scene)
        await dispatcher.dispatch(step.lease, step.tick, ())
        assert sorted(payload["user_id"] for payload in workflows.started.values()) == users
        assert workflows.most_at_once == MAX_STARTS

    async def test_every_part_of_a_user_is_tried_though_one_fails(self, scene: Scene) -> None:
        large = [a_large_strategy(number) for number in range(MANY)]
        parts = len(batches(entries(large)))
        assert parts > 2
        for strategy in large:
            await scene.strategies.save(strategy)
        workflows = FirstPartFails()
        step = await begin(scene)
        with pytest.raises(ExceptionGroup, match="1 of 1 users could not be started"):
            await replace(scene.dispatcher, workflows=workflows).dispatch(step.lease, step.tick, ())
        assert sorted(workflows.started) == [f"20261123T092000-{USER}-{part}" for part in range(1, parts)]

    async def test_the_work_of_a_user_stays_in_the_order_in_which_it_was_found(self) -> None:
        work = entries(a_strategy(name, user_id=user) for name, user in (("bb", "two"), ("cc", "one"), ("aa", "two")))
        groups = by_user(work)
        assert list(groups) == ["one", "two"]
        assert [due.strategy.strategy_id for due in groups["two"]] == ["bb", "aa"]


class TestClosed:
    """The dispatcher asks the calendar itself, whoever sent the tick."""

    async def dispatched_at(self, scene: Scene, text: str, day: str) -> list[tuple[str, str]]:
        """Dispatch that tick for a strategy due on any day then; what was recorded of the day."""
        one = Tick(at(text, day))
        lease = await scene.loop.acquire(one.date, "loop-a", scene.clock.now(), one.instant)
        assert lease is not None
        await scene.dispatcher.dispatch(lease, one, ())
        return [(row["what"], row.get("reason", "")) for row in await scene.loop.ticks(one.date)]

    @pytest.mark.parametrize(
        ("text", "day", "reason"),
        [
            ("09:20", "2026-11-28", "weekend"),
            ("09:20", "2026-11-24", "holiday: Guru Nanak Jayanti"),
            ("09:20", "2027-01-04", "no calendar for 2027: add its file before trading it"),
            ("09:14", "2026-11-23", "regular session"),
            ("15:40", "2026-11-23", "regular session"),
        ],
    )
    async def test_a_tick_in_no_session_starts_nothing_and_is_recorded_as_closed(
        self, text: str, day: str, reason: str
    ) -> None:
        scene = Scene(start=at("08:00"), first_loop=True)
        weekdays = ["MON", "TUE", "WED", "THU", "FRI"]
        schedule = {"weekdays": weekdays, "special_sessions": True, "entry": text, "exit": "23:00"}
        await scene.strategies.save(a_strategy(schedule=schedule))
        expected = f"{Tick(at(text, day))} is in no session: {reason}"
        assert await self.dispatched_at(scene, text, day) == [("closed", expected)]
        assert scene.workflows.started == {}
        assert scene.events.published == []

    async def test_a_closed_tick_keeps_the_exits_that_are_owed_for_the_next_session_of_the_day(self) -> None:
        scene = Scene(start=at("09:13:45"))
        step = await begin(scene)
        lost = (Tick(at("09:10")),)
        following = await scene.dispatcher.dispatch(step.lease, Tick(at("09:14")), lost)
        assert isinstance(following, Wait)
        assert (following.tick.hhmm, following.overdue) == ("09:15", lost)

    async def test_a_day_that_an_operator_closed_starts_nothing(self, scene: Scene) -> None:
        await scene.strategies.save(a_strategy())
        step = await begin(scene)
        outage = DayChange(TICK.date, ChangeKind.HOLIDAY, "Exchange outage")
        await scene.controls.change_day(outage, by="operator", at=at("09:19"))
        ended = await scene.dispatcher.dispatch(step.lease, step.tick, ())
        assert ended == End("nothing to trade: holiday: Exchange outage")
        assert scene.workflows.started == {}


class TestSpecialSessions:
    async def test_a_sunday_session_starts_what_asked_for_special_sessions_and_nothing_else(self) -> None:
        budget_day = at("09:19:45", "2026-02-01")
        scene = Scene(start=budget_day, first_loop=True)
        times = {"weekdays": ["MON"], "entry": "09:20", "exit": "15:15"}
        await scene.strategies.save(a_strategy("weekdays-only", schedule=times))
        await scene.strategies.save(a_strategy("special", schedule={**times, "special_sessions": True}))
        step = await begin(scene)
        await scene.dispatcher.dispatch(step.lease, step.tick, ())
        assert scene.workflows.work_of(USER) == [("entry", "special")]

    async def test_a_monday_that_is_a_special_session_is_no_monday_to_schedules(self, scene: Scene) -> None:
        await scene.strategies.save(a_strategy())
        special = DayChange(TICK.date, ChangeKind.SPECIAL_SESSION, "Test of the other site", time(9, 15), time(10))
        await scene.controls.change_day(special, by="operator", at=at("09:00"))
        await dispatch(scene, await begin(scene))
        assert scene.workflows.started == {}


class TestQueries:
    async def test_a_dispatch_asks_once_what_is_due_and_once_what_is_switched(self, scene: Scene) -> None:
        asked: list[str] = []

        class Strategies(MemoryStrategies):
            async def due_at(self, due_day: str, hhmm: str) -> Sequence[Due]:
                asked.append(f"{due_day} {hhmm}")
                return await super().due_at(due_day, hhmm)

        class Controls(MemoryControls):
            async def control(self) -> Control:
                asked.append("control")
                return await super().control()

        step = await begin(scene)
        scene.strategies, scene.controls = Strategies(), Controls()
        await dispatch(scene, step)
        assert sorted(asked) == ["MON 09:20", "control"]


class TestLate:
    async def test_a_late_minute_is_skipped_and_its_exits_are_made_with_the_next(self, scene: Scene) -> None:
        await scene.strategies.save(a_strategy("enters"))
        await scene.strategies.save(a_strategy("leaves", **LEAVING_AT_0920))
        await scene.strategies.save(a_strategy("next", **ENTERING_AT_0921))
        step = await begin(scene)
        scene.clock.move_to(at("09:20:00"))
        following = await dispatch(scene, step)
        assert scene.workflows.started == {}
        assert (following.tick.hhmm, [tick.hhmm for tick in following.overdue]) == ("09:21", ["09:20"])
        await dispatch(scene, following)
        assert sorted(scene.workflows.work_of(USER)) == [("entry", "next"), ("exit", "leaves")]
        assert [(row["tick"][11:16], row["what"]) for row in await scene.loop.ticks(TICK.date)] == [
            ("09:20", "skipped"),
            ("09:21", "dispatched"),
        ]

    async def test_the_entries_of_a_lost_minute_become_missed_runs_with_an_event(self, scene: Scene) -> None:
        await scene.strategies.save(a_strategy())
        step = await begin(scene)
        scene.clock.move_to(at("09:20:00"))
        await dispatch(scene, await dispatch(scene, step))
        run = await scene.run(a_strategy())
        assert (run.status, run.reason) == (RunStatus.MISSED, "the platform was late: 09:20 was skipped")
        (event,) = scene.events.of("RunMissed")
        assert (event["user_id"], event["run_id"], event["reason"]) == (USER, "spread-20261123", run.reason)

    async def test_a_late_minute_of_a_day_that_was_closed_since_is_told(self, scene: Scene) -> None:
        await scene.strategies.save(a_strategy())
        step = await begin(scene)
        outage = DayChange(TICK.date, ChangeKind.HOLIDAY, "Exchange outage")
        await scene.controls.change_day(outage, by="operator", at=at("09:20:05"))
        scene.clock.move_to(at("09:20:10"))
        ended = await scene.dispatcher.dispatch(step.lease, step.tick, ())
        assert ended == End("nothing to trade: holiday: Exchange outage; not made up for: 09:20", (step.tick,))
        assert (await scene.run(a_strategy())).status is RunStatus.MISSED
        assert scene.events.names == ["RunMissed"]

    async def test_an_entry_that_was_made_is_not_missed_afterwards(self, scene: Scene) -> None:
        await scene.strategies.save(a_strategy())
        await scene.runs.begin_run(a_run(status=RunStatus.OPEN))
        step = await begin(scene)
        scene.clock.move_to(at("09:20:00"))
        await dispatch(scene, await dispatch(scene, step))
        assert (await scene.run(a_strategy())).status is RunStatus.OPEN
        assert scene.events.published == []

    async def test_a_millisecond_before_the_minute_is_in_time(self, scene: Scene) -> None:
        await scene.strategies.save(a_strategy())
        step = await begin(scene)
        scene.clock.move_to(at("09:19:59.999"))
        await dispatch(scene, step)
        assert scene.workflows.work_of(USER) == [("entry", "spread")]


class TestHalts:
    @pytest.mark.parametrize("scope", ["PLATFORM", f"USER#{USER}"])
    async def test_entries_of_a_halted_user_are_missed_and_exits_go_on(self, scene: Scene, scope: str) -> None:
        await scene.strategies.save(a_strategy("enters"))
        await scene.strategies.save(a_strategy("leaves", **LEAVING_AT_0920))
        await scene.controls.halt(scope, "stop", "operator")
        await dispatch(scene, await begin(scene))
        assert scene.workflows.work_of(USER) == [("exit", "leaves")]
        run = await scene.run(a_strategy("enters"))
        assert run.status is RunStatus.MISSED
        assert run.reason.endswith(": stop")
        assert scene.events.names == ["RunMissed"]

    async def test_a_halted_user_stops_nobody_else(self, scene: Scene) -> None:
        for user_id in (USER, "user-two"):
            await scene.strategies.save(a_strategy(user_id=user_id))
        await scene.controls.halt("USER#user-two", "stop", "operator")
        await dispatch(scene, await begin(scene))
        assert [payload["user_id"] for payload in scene.workflows.started.values()] == [USER]


class SlowWorkflows(RecordedWorkflows):
    """Each start gives way to the others, and counts how many are under way."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way = 0
        self.most_at_once = 0

    async def start(self, name: str, payload: dict[str, Any]) -> bool:
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        await asyncio.sleep(0)
        self.under_way -= 1
        return await super().start(name, payload)


class FirstPartFails(RecordedWorkflows):
    """Part 0 of anybody's work cannot be started."""

    async def start(self, name: str, payload: dict[str, Any]) -> bool:
        if name.endswith("-0"):
            raise ConnectionError("the first part could not be started")
        return await super().start(name, payload)


class TestBatches:
    async def test_work_that_fits_stays_together(self) -> None:
        assert [len(batch) for batch in batches(entries([a_strategy("one"), a_strategy("two")]))] == [2]
        assert batches([]) == []

    async def test_large_work_is_cut_without_losing_any(self) -> None:
        work = exits(a_large_strategy(number) for number in range(MANY))
        cut = batches(work)
        assert len(cut) > 1
        assert [item["strategy"]["strategy_id"] for batch in cut for item in batch] == [
            f"large-{number}" for number in range(MANY)
        ]
        assert all(len(str(batch)) <= MAX_PAYLOAD_BYTES for batch in cut)
