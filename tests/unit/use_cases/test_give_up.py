"""Minutes that nobody makes up for any more become missed runs, aloud."""

import pytest

from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.domain.runs import RunStatus
from lambdas.use_cases.give_up import LostMinutes
from tests.doubles.examples import TICK, a_run, a_strategy, at
from tests.unit.use_cases.scene import CALENDAR, Scene

pytestmark = pytest.mark.anyio


def lost_minutes(scene: Scene) -> LostMinutes:
    return LostMinutes(scene.strategies, scene.controls, scene.runs, scene.events, CALENDAR)


async def test_an_entry_of_a_lost_minute_is_a_missed_run(scene: Scene) -> None:
    await scene.strategies.save(a_strategy())
    assert await lost_minutes(scene).give_up([TICK]) == 1
    run = await scene.run(a_strategy())
    assert run.status is RunStatus.MISSED
    assert run.reason == "the platform was late: 09:20 was skipped, and the sessions are over"
    assert scene.events.names == ["RunMissed"]


async def test_a_day_that_was_closed_since_owes_what_it_owed_by_the_files(scene: Scene) -> None:
    await scene.strategies.save(a_strategy())
    outage = DayChange(TICK.date, ChangeKind.HOLIDAY, "Exchange outage")
    await scene.controls.change_day(outage, by="operator", at=at("09:21"))
    assert await lost_minutes(scene).give_up([TICK]) == 1
    told = "the platform was late: 09:20 was skipped, and it is in no session any more (holiday: Exchange outage)"
    assert [event["reason"] for event in scene.events.of("RunMissed")] == [told]


async def test_an_entry_that_was_made_after_all_is_left_alone(scene: Scene) -> None:
    await scene.strategies.save(a_strategy())
    await scene.runs.begin_run(a_run(status=RunStatus.OPEN))
    assert await lost_minutes(scene).give_up([TICK]) == 0
    assert (await scene.run(a_strategy())).status is RunStatus.OPEN
    assert scene.events.names == []


async def test_what_was_told_is_not_told_again(scene: Scene) -> None:
    await scene.strategies.save(a_strategy())
    assert [await lost_minutes(scene).give_up([TICK]) for _ in range(2)] == [1, 0]
    assert scene.events.names == ["RunMissed"]


async def test_exits_are_left_to_the_reconciler(scene: Scene) -> None:
    await scene.strategies.save(a_strategy())
    assert await lost_minutes(scene).give_up([type(TICK)(at("15:15"))]) == 0


async def test_nothing_lost_reads_nothing(scene: Scene) -> None:
    assert await lost_minutes(scene).give_up([]) == 0
    assert scene.events.names == []
