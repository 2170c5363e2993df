"""What a user is told of strategies: why each would not trade, and when it runs next."""

import pytest

from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.use_cases.tell_status import StrategyStatus
from tests.doubles.examples import USER, a_strategy, an_account, at
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio


@pytest.fixture
def status(scene: Scene) -> StrategyStatus:
    return StrategyStatus(scene.strategies, scene.accounts, scene.controls, scene.clock, scene.calendar)


async def test_an_enabled_strategy_is_told_with_its_next_run(scene: Scene, status: StrategyStatus) -> None:
    await scene.accounts.save_account(an_account())
    told = await status.of(a_strategy())
    assert told.reasons == []
    assert told.next_run is not None
    assert (told.next_run.entry, told.next_run.exit) == (at("09:20"), at("15:15"))


async def test_the_changes_of_an_operator_move_it(scene: Scene, status: StrategyStatus) -> None:
    closed = DayChange(scene.clock.now().date(), ChangeKind.HOLIDAY, "Election")
    await scene.controls.change_day(closed, by="an operator", at=at("08:00"))
    told = await status.of(a_strategy())
    assert told.next_run is not None
    assert told.next_run.date > closed.date


async def test_what_is_not_enabled_has_no_next_run(scene: Scene, status: StrategyStatus) -> None:
    await scene.strategies.save(a_strategy(enabled=False))
    (told,) = await status.of_all(USER)
    assert (told.reasons[0], told.next_run) == ("it is not enabled", None)
