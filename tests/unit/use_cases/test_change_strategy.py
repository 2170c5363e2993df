"""Copying strategies and switching them on and off."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lambdas.domain.due import due_slots
from lambdas.domain.intents import Phase
from lambdas.domain.runs import RunStatus
from lambdas.ports.store import StaleVersion
from lambdas.use_cases.change_strategy import NAME_LENGTH, StrategyUnknown, name_of_copy
from lambdas.use_cases.save_strategy import StrategyRefused
from tests.doubles.examples import USER, a_run, a_strategy, at
from tests.unit.use_cases.desk import Desk
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(scene: Scene) -> Desk:
    await scene.link()
    return Desk(scene)


class TestSwitch:
    async def test_each_switch_is_a_version(self, desk: Desk) -> None:
        await desk.save()
        off = await desk.changer.switch(USER, "spread", enabled=False, replaces=1)
        assert (off.version, off.definition.enabled) == (2, False)
        on = await desk.changer.switch(USER, "spread", enabled=True, replaces=2)
        assert (on.version, on.definition.enabled) == (3, True)
        assert (await desk.strategies())["spread"] == on

    @pytest.mark.parametrize("enabled", [True, False])
    async def test_what_changes_nothing_makes_no_version(self, desk: Desk, enabled: bool) -> None:
        saved = await desk.save(enabled=enabled)
        assert await desk.changer.switch(USER, "spread", enabled=enabled, replaces=1) == saved
        assert (await desk.strategies())["spread"] == saved

    @pytest.mark.parametrize("enabled", [True, False])
    async def test_a_stale_version_is_not_switched(self, desk: Desk, enabled: bool) -> None:
        await desk.save()
        await desk.save(replaces=1)
        with pytest.raises(StaleVersion) as caught:
            await desk.changer.switch(USER, "spread", enabled=enabled, replaces=1)
        assert (caught.value.held, caught.value.stored) == (1, 2)

    async def test_what_could_not_be_saved_any_more_can_be_switched_off_but_not_on(self, desk: Desk) -> None:
        await desk.save(legs=[{"right": "CE", "side": "BUY", "lots": 10}])
        stricter = Desk(desk.scene, max_lots_per_leg=5)
        off = await stricter.changer.switch(USER, "spread", enabled=False, replaces=1)
        assert (off.version, off.definition.enabled) == (2, False)
        with pytest.raises(StrategyRefused, match="10 is above the limit of 5"):
            await stricter.changer.switch(USER, "spread", enabled=True, replaces=2)

    async def test_disabling_an_open_run_late_takes_the_entry_and_leaves_the_exit(self, desk: Desk) -> None:
        """Also after the exit's own time, when the run is open because its exit went wrong."""
        await desk.save()
        await desk.scene.runs.begin_run(a_run(status=RunStatus.OPEN))
        desk.scene.clock.move_to(at("15:20"))
        off = await desk.changer.switch(USER, "spread", enabled=False, replaces=1)
        assert [slot.phase for slot in due_slots(off)] == [Phase.EXIT]

    async def test_the_strategy_of_another_does_not_exist(self, desk: Desk) -> None:
        await desk.scene.strategies.save(a_strategy(user_id="user-two"))
        with pytest.raises(StrategyUnknown, match="you have no strategy 'spread'"):
            await desk.changer.switch(USER, "spread", enabled=False, replaces=1)


class TestCopy:
    async def test_a_copy_is_disabled_and_the_original_stays(self, desk: Desk) -> None:
        saved = await desk.save()
        copy = await desk.changer.copy(USER, "spread", "second", None)
        assert (copy.strategy_id, copy.version) == ("second", 1)
        changed = {"enabled": False, "name": "Morning spread (copy)"}
        assert copy.definition == saved.definition.model_copy(update=changed)
        assert await desk.strategies() == {"spread": saved, "second": copy}

    async def test_a_copy_can_have_a_name_of_its_own(self, desk: Desk) -> None:
        await desk.save()
        assert (await desk.changer.copy(USER, "spread", "second", "Another")).definition.name == "Another"

    async def test_a_copy_stays_in_its_basket(self, desk: Desk) -> None:
        await desk.keep()
        await desk.save(basket_id="basket")
        assert (await desk.changer.copy(USER, "spread", "second", None)).definition.basket_id == "basket"

    @pytest.mark.parametrize("new_id", ["second", "spread"])
    async def test_an_id_that_is_taken_is_stale(self, desk: Desk, new_id: str) -> None:
        await desk.save()
        await desk.save("second", name="Kept")
        with pytest.raises(StaleVersion):
            await desk.changer.copy(USER, "spread", new_id, None)
        assert (await desk.strategies())["second"].definition.name == "Kept"

    async def test_a_copy_counts_for_the_limit(self, scene: Scene) -> None:
        await scene.link()
        desk = Desk(scene, max_strategies_per_user=1)
        await desk.save()
        with pytest.raises(StrategyRefused, match="the limit is 1"):
            await desk.changer.copy(USER, "spread", "second", None)

    async def test_the_strategy_of_another_cannot_be_copied(self, desk: Desk) -> None:
        await desk.scene.strategies.save(a_strategy(user_id="user-two"))
        with pytest.raises(StrategyUnknown):
            await desk.changer.copy(USER, "spread", "second", None)


@given(some.text(min_size=1, max_size=NAME_LENGTH))
def test_the_name_of_a_copy_fits_and_says_that_it_is_one(name: str) -> None:
    copied = name_of_copy(name)
    assert len(copied) <= NAME_LENGTH
    assert copied.endswith(" (copy)")
    assert name.startswith(copied.removesuffix(" (copy)"))
