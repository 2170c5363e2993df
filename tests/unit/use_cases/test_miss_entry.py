"""Entries that were not made are told before they are written down, so that nobody's death keeps them silent."""

from collections.abc import Sequence

import pytest

from lambdas.domain.runs import Run, RunStatus
from lambdas.ports.events import Event
from lambdas.use_cases.miss_entry import Missed, miss_entries
from tests.doubles.events import RecordedEvents
from tests.doubles.examples import TICK, USER, a_run, a_strategy
from tests.doubles.runs import MemoryRuns
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
HALTED = Missed(a_strategy(), TICK, "halted (user): stop")


class SilentBus(RecordedEvents):
    """A bus that takes nothing."""

    async def publish(self, events: Sequence[Event]) -> None:
        raise ConnectionError("the bus did not answer")


async def test_what_could_not_be_told_is_not_written(scene: Scene) -> None:
    with pytest.raises(ConnectionError):
        await miss_entries([HALTED], runs=scene.runs, events=SilentBus())
    assert await scene.runs.run(USER, TICK.date, "spread-20261123") is None


class Forgetful(MemoryRuns):
    """A ledger that does not take new runs."""

    async def begin_run(self, run: Run) -> bool:
        raise ConnectionError("the table did not answer")


async def test_what_could_not_be_written_is_told_again(scene: Scene) -> None:
    with pytest.raises(ConnectionError):
        await miss_entries([HALTED], runs=Forgetful(), events=scene.events)
    assert await miss_entries([HALTED], runs=scene.runs, events=scene.events) == 1
    assert [event["reason"] for event in scene.events.of("RunMissed")] == ["halted (user): stop"] * 2


@pytest.mark.parametrize(
    "status", [RunStatus.MISSED, RunStatus.PREPARING, RunStatus.OPEN, RunStatus.REFUSED, RunStatus.FLAT]
)
async def test_what_has_a_run_is_left_alone(scene: Scene, status: RunStatus) -> None:
    await scene.runs.begin_run(a_run(status=status))
    assert await miss_entries([HALTED], runs=scene.runs, events=scene.events) == 0
    assert (await scene.run(a_strategy())).status is status
    assert scene.events.published == []
