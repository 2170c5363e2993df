"""Everything due at a minute is started once for each user, and nothing is lost in silence."""

from typing import Any

import pytest

from lambdas.domain.moments import Tick
from lambdas.domain.runs import RunStatus
from lambdas.use_cases.dispatch_tick import MAX_PAYLOAD_BYTES, batches
from lambdas.use_cases.trading_day import End, Wait
from tests.doubles.examples import TICK, USER, a_run, a_strategy, at
from tests.unit.use_cases.scene import Scene, entries, exits

pytestmark = pytest.mark.anyio
LEAVING_AT_0920: dict[str, Any] = {"schedule": {"weekdays": ["MON"], "entry": "09:16", "exit": "09:20"}}
ENTERING_AT_0921: dict[str, Any] = {"schedule": {"weekdays": ["MON"], "entry": "09:21", "exit": "15:15"}}


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
        strategy = a_strategy().model_dump(mode="json")
        assert payload == {"user_id": USER, "tick": str(TICK), "work": [{"phase": "entry", "strategy": strategy}]}

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


class TestBatches:
    async def test_work_that_fits_stays_together(self) -> None:
        assert [len(batch) for batch in batches(entries([a_strategy("one"), a_strategy("two")]))] == [2]
        assert batches([]) == []

    async def test_large_work_is_cut_without_losing_any(self) -> None:
        shares = [{"account_id": f"account-with-a-rather-long-name-{number:04}", "lots": 1} for number in range(100)]
        legs = [{"right": "CE", "side": "BUY", "lots": 100, "allocation": shares}] * 10
        work = exits(a_strategy(f"large-{number}", legs=legs) for number in range(7))
        cut = batches(work)
        assert len(cut) > 1
        assert [item["strategy"]["strategy_id"] for batch in cut for item in batch] == [
            f"large-{number}" for number in range(7)
        ]
        assert all(len(str(batch)) <= MAX_PAYLOAD_BYTES for batch in cut)
