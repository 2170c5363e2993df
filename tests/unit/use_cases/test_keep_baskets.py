"""Baskets: their limits, their switches, their copies, and what keeps them from going."""

from decimal import Decimal
from typing import Any

import pytest

from lambdas.domain.basket import Basket, BasketDefinition
from lambdas.ports.store import StaleVersion
from lambdas.use_cases.keep_baskets import BasketUnknown
from lambdas.use_cases.save_strategy import StrategyRefused
from tests.doubles.examples import USER
from tests.unit.use_cases.desk import Desk
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(scene: Scene) -> Desk:
    await scene.link()
    return Desk(scene)


def of_another() -> Basket:
    """A basket of the same id that belongs to somebody else."""
    return Basket(user_id="user-two", basket_id="basket", version=1, definition=BasketDefinition(name="Theirs"))


class TestSave:
    async def test_versions_follow_each_other(self, desk: Desk) -> None:
        assert (await desk.keep()).version == 1
        second = await desk.keep(replaces=1, name="Second", multiplier="1.5", capital="200000")
        assert await desk.baskets() == {"basket": second}
        assert (second.version, second.definition.multiplier) == (2, Decimal("1.5"))

    @pytest.mark.parametrize("replaces", [0, 1, 3])
    async def test_a_stale_version_is_told_both_versions(self, desk: Desk, replaces: int) -> None:
        await desk.keep()
        await desk.keep(replaces=1)
        with pytest.raises(StaleVersion) as caught:
            await desk.keep(replaces=replaces)
        assert (caught.value.held, caught.value.stored) == (replaces, 2)

    async def test_at_the_limit_a_basket_can_be_changed_but_not_added(self, scene: Scene) -> None:
        desk = Desk(scene, max_baskets_per_user=1)
        await desk.keep()
        assert (await desk.keep(replaces=1)).version == 2
        with pytest.raises(StrategyRefused, match="you have 1 baskets, the limit is 1"):
            await desk.keep("another")

    async def test_a_multiplier_is_refused_for_every_member_that_it_takes_over_the_limit(self, desk: Desk) -> None:
        await desk.keep()
        await desk.save("fits", basket_id="basket", legs=[{"right": "CE", "side": "BUY", "lots": 1}])
        await desk.save("large", basket_id="basket", legs=[{"right": "CE", "side": "BUY", "lots": 4}])
        await desk.save("outside", legs=[{"right": "CE", "side": "BUY", "lots": 10}])
        with pytest.raises(StrategyRefused) as caught:
            await desk.keep(replaces=1, multiplier=3)
        assert caught.value.problems == [
            "multiplier: large: legs[1].lots: 12 (4 times the multipliers) is above the limit of 10; lower it"
        ]
        assert (await desk.baskets())["basket"].version == 1

    async def test_a_multiplier_is_refused_for_a_member_that_it_leaves_without_a_lot(self, desk: Desk) -> None:
        await desk.keep()
        await desk.save("small", basket_id="basket", legs=[{"right": "CE", "side": "BUY", "lots": 1}])
        with pytest.raises(StrategyRefused, match=r"multiplier: small: legs\[1\]\.lots: .* no whole lot; raise it"):
            await desk.keep(replaces=1, multiplier="0.5")


class TestSwitch:
    async def test_each_switch_is_a_version_and_what_changes_nothing_is_none(self, desk: Desk) -> None:
        saved = await desk.keep()
        assert await desk.keeper.switch(USER, "basket", enabled=True, replaces=1) == saved
        off = await desk.keeper.switch(USER, "basket", enabled=False, replaces=1)
        assert (off.version, off.definition.enabled) == (2, False)
        assert await desk.keeper.switch(USER, "basket", enabled=False, replaces=2) == off
        on = await desk.keeper.switch(USER, "basket", enabled=True, replaces=2)
        assert await desk.baskets() == {"basket": on}

    async def test_a_stale_version_is_not_switched(self, desk: Desk) -> None:
        await desk.keep()
        with pytest.raises(StaleVersion):
            await desk.keeper.switch(USER, "basket", enabled=False, replaces=2)

    async def test_what_could_not_be_saved_any_more_can_be_switched_off_but_not_on(self, desk: Desk) -> None:
        await desk.keep(multiplier=4)
        await desk.save(basket_id="basket")
        stricter = Desk(desk.scene, max_lots_per_leg=5)
        assert (await stricter.keeper.switch(USER, "basket", enabled=False, replaces=1)).version == 2
        with pytest.raises(StrategyRefused, match=r"8 .* is above the limit of 5"):
            await stricter.keeper.switch(USER, "basket", enabled=True, replaces=2)

    async def test_the_basket_of_another_does_not_exist(self, desk: Desk) -> None:
        await desk.scene.strategies.save_basket(of_another())
        with pytest.raises(BasketUnknown, match="you have no basket 'basket'"):
            await desk.keeper.switch(USER, "basket", enabled=False, replaces=1)


class TestCopy:
    async def full(self, desk: Desk) -> None:
        """A basket of two strategies, and one strategy beside it."""
        await desk.keep(multiplier=2)
        await desk.save("first", basket_id="basket", name="One")
        await desk.save("second", basket_id="basket", name="Two")
        await desk.save("beside")

    async def test_a_copy_has_disabled_copies_of_its_strategies(self, desk: Desk) -> None:
        await self.full(desk)
        before = await desk.strategies()
        basket, copies = await desk.keeper.copy(USER, "basket", "fresh", None)
        assert (basket.version, basket.definition.name, basket.definition.enabled) == (1, "Mine (copy)", False)
        assert basket.definition.multiplier == 2
        assert [(copy.strategy_id, copy.version) for copy in copies] == [("fresh-1", 1), ("fresh-2", 1)]
        assert [copy.definition.name for copy in copies] == ["One", "Two"]
        assert not any(copy.definition.enabled for copy in copies)
        assert {copy.definition.basket_id for copy in copies} == {"fresh"}
        assert await desk.strategies() == {**before, "fresh-1": copies[0], "fresh-2": copies[1]}
        assert (await desk.baskets())["fresh"] == basket

    async def test_an_id_that_is_taken_is_stale(self, desk: Desk) -> None:
        await self.full(desk)
        await desk.keep("fresh", name="Kept")
        with pytest.raises(StaleVersion):
            await desk.keeper.copy(USER, "basket", "fresh", None)
        assert (await desk.baskets())["fresh"].definition.name == "Kept"

    @pytest.mark.parametrize(
        ("new_id", "limits", "said"),
        [
            ("f" * 39, {}, "choose a shorter one"),
            ("fresh", {"max_strategies_per_user": 4}, "you would have 5 strategies, the limit is 4"),
            ("fresh", {"max_baskets_per_user": 1}, "you have 1 baskets, the limit is 1"),
            ("fresh", {"max_lots_per_leg": 3}, "first: legs[1].lots: 4 (2 times the multipliers) is above"),
            ("be", {}, "new_id: you have a strategy 'be-2' already; choose another"),
        ],
    )
    async def test_a_copy_that_cannot_be_whole_copies_nothing(
        self, desk: Desk, new_id: str, limits: dict[str, Any], said: str
    ) -> None:
        await self.full(desk)
        if new_id == "be":
            await desk.save("be-2")
        before = await desk.strategies(), await desk.baskets()
        with pytest.raises(StrategyRefused) as caught:
            await Desk(desk.scene, **{"max_strategies_per_user": 9, **limits}).keeper.copy(USER, "basket", new_id, None)
        assert any(said in problem for problem in caught.value.problems)
        assert (await desk.strategies(), await desk.baskets()) == before

    async def test_an_empty_basket_can_be_copied_under_a_long_id(self, desk: Desk) -> None:
        await desk.keep()
        basket, copies = await desk.keeper.copy(USER, "basket", "f" * 40, "Named")
        assert (basket.definition.name, copies) == ("Named", [])


class TestDelete:
    async def test_a_basket_that_holds_strategies_stays(self, desk: Desk) -> None:
        await desk.keep()
        await desk.save("first", basket_id="basket")
        await desk.save("second", basket_id="basket")
        with pytest.raises(StrategyRefused, match="it holds first, second; move or delete them first"):
            await desk.keeper.delete(USER, "basket", 1)
        assert "basket" in await desk.baskets()

    async def test_an_empty_basket_goes(self, desk: Desk) -> None:
        await desk.keep()
        await desk.save(basket_id="basket")
        await desk.save(replaces=1)
        await desk.keeper.delete(USER, "basket", 1)
        assert await desk.baskets() == {}

    async def test_a_stale_version_stays(self, desk: Desk) -> None:
        await desk.keep()
        await desk.keep(replaces=1)
        with pytest.raises(StaleVersion) as caught:
            await desk.keeper.delete(USER, "basket", 1)
        assert (caught.value.held, caught.value.stored) == (1, 2)

    async def test_the_basket_of_another_stays(self, desk: Desk) -> None:
        await desk.scene.strategies.save_basket(of_another())
        with pytest.raises(BasketUnknown):
            await desk.keeper.delete(USER, "basket", 1)
