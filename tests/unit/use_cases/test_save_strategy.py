"""Saving strategies: refusals say everything at once, and what is open keeps its exit."""

from datetime import date
from typing import Any

import pytest

from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.domain.runs import RunStatus, Verdict
from lambdas.ports.store import BasketMissing, StaleVersion
from lambdas.use_cases.save_strategy import StrategyRefused
from tests.doubles.examples import USER, a_definition, a_run, a_strategy, an_account, at
from tests.unit.use_cases.desk import Desk
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
OVER_AT_TEN = {"weekdays": ["MON"], "entry": "09:20", "exit": "10:00"}


@pytest.fixture
async def desk(scene: Scene) -> Desk:
    await scene.link()
    return Desk(scene)


async def open_run(desk: Desk) -> None:
    """Today's run of the spread is open at 11:00."""
    await desk.scene.runs.begin_run(a_run(status=RunStatus.OPEN))
    desk.scene.clock.move_to(at("11:00"))


class TestVersions:
    async def test_versions_follow_each_other(self, desk: Desk) -> None:
        assert (await desk.save()).version == 1
        assert (await desk.save(replaces=1, name="Second")).version == 2
        stored = (await desk.strategies())["spread"]
        assert (stored.version, stored.definition.name) == (2, "Second")

    @pytest.mark.parametrize("replaces", [0, 1, 3])
    async def test_a_stale_version_is_told_both_versions(self, desk: Desk, replaces: int) -> None:
        await desk.save()
        await desk.save(replaces=1)
        with pytest.raises(StaleVersion) as caught:
            await desk.save(replaces=replaces, name="Late")
        assert (caught.value.held, caught.value.stored) == (replaces, 2)
        assert (await desk.strategies())["spread"].definition.name == "Morning spread"

    async def test_a_version_of_nothing_cannot_be_replaced(self, desk: Desk) -> None:
        with pytest.raises(StaleVersion) as caught:
            await desk.save(replaces=1)
        assert (caught.value.held, caught.value.stored) == (1, None)

    async def test_a_stale_version_is_told_before_its_problems(self, desk: Desk) -> None:
        """Whoever has to load it again anyway is not sent to correct what is not theirs."""
        await desk.save()
        with pytest.raises(StaleVersion):
            await desk.save(allocation=[{"account_id": "nobody"}])


class TestProblems:
    async def test_every_problem_is_told_at_once_and_nothing_is_stored(self, scene: Scene) -> None:
        desk = Desk(scene, max_strategies_per_user=0)
        legs = [
            {"right": "CE", "side": "BUY", "lots": 11},
            {"right": "CE", "side": "SELL", "lots": 1, "stop": {"unit": "points", "value": 20}},
        ]
        schedule = {"weekdays": ["MON"], "entry": "09:00", "exit": "16:00"}
        with pytest.raises(StrategyRefused) as caught:
            await desk.save(legs=legs, schedule=schedule, basket_id="gone")
        fields = [problem.split(":")[0] for problem in caught.value.problems]
        assert set(fields[:-1]) >= {
            "allocation",
            "legs[1].lots",
            "schedule.entry",
            "schedule.exit",
            "basket_id",
            "legs[2].stop",
        }
        assert caught.value.problems[-1] == "you have 0 strategies, the limit is 0"
        assert await desk.strategies() == {}

    async def test_at_the_limit_a_strategy_can_be_changed_but_not_added(self, scene: Scene) -> None:
        await scene.link()
        desk = Desk(scene, max_strategies_per_user=1)
        await desk.save()
        assert (await desk.save(replaces=1)).version == 2
        with pytest.raises(StrategyRefused, match="you have 1 strategies, the limit is 1"):
            await desk.save("another")

    async def test_the_strategies_of_others_do_not_count(self, scene: Scene) -> None:
        await scene.link()
        await scene.strategies.save(a_strategy("theirs", user_id="user-two"))
        assert (await Desk(scene, max_strategies_per_user=1).save()).version == 1

    async def test_an_account_of_another_user_is_not_linked(self, scene: Scene) -> None:
        await scene.link(an_account(user_id="user-two"))
        with pytest.raises(StrategyRefused, match=r"allocation: account 'zerodha-one' is not linked"):
            await Desk(scene).save()

    async def test_an_unknown_basket_is_named(self, desk: Desk) -> None:
        with pytest.raises(StrategyRefused) as caught:
            await desk.save(basket_id="gone")
        assert caught.value.problems == ["basket_id: you have no basket 'gone'; create it first"]

    async def test_the_lots_are_those_after_the_baskets_multiplier(self, desk: Desk) -> None:
        await desk.keep(multiplier="6")
        with pytest.raises(StrategyRefused) as caught:
            await desk.save(basket_id="basket")
        assert caught.value.problems == [
            f"legs[{leg}].lots: 12 (2 times the multipliers) is above the limit of 10; lower it" for leg in (1, 2)
        ]
        assert (await desk.save(basket_id="basket", multiplier="0.5")).version == 1

    async def test_a_basket_that_vanishes_meanwhile_keeps_the_strategy_from_being_stored(self, desk: Desk) -> None:
        await desk.keep()
        assert await desk.saver.problems(USER, a_definition(basket_id="basket")) == []
        await desk.keeper.delete(USER, "basket", 1)
        with pytest.raises(BasketMissing, match="you have no basket 'basket'"):
            await desk.scene.strategies.save(a_strategy(basket_id="basket"))


class TestRulesThatAreNotCarriedOut:
    LEG: dict[str, Any] = {"right": "CE", "side": "SELL", "lots": 1}  # noqa: RUF012 - never changed

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"legs": [{**LEG, "stop": {"unit": "percent", "value": 25}}]}, "legs[1].stop"),
            ({"risk": {"stop": 5000}}, "risk.stop"),
            ({"conditions": {"vix": {"low": 10, "high": 20}}}, "conditions.vix"),
            (
                {
                    "product": "NRML",
                    "schedule": {
                        "weekdays": ["MON"],
                        "entry": "15:00",
                        "exit": "09:30",
                        "holding": {"kind": "next_day"},
                    },
                },
                "schedule.holding (next_day)",
            ),
        ],
    )
    async def test_the_strategy_is_kept_disabled_but_not_enabled(
        self, desk: Desk, changes: dict[str, Any], rule: str
    ) -> None:
        said = f"{rule}: is kept, but not carried out yet; take it away, or save the strategy disabled"
        with pytest.raises(StrategyRefused) as caught:
            await desk.save(**changes)
        assert caught.value.problems == [said]
        assert (await desk.save(**changes, enabled=False)).version == 1
        with pytest.raises(StrategyRefused) as later:
            await desk.changer.switch(USER, "spread", enabled=True, replaces=1)
        assert later.value.problems == [said]
        assert not (await desk.strategies())["spread"].definition.enabled


class TestOpenRuns:
    async def test_an_edit_cannot_take_the_exit_of_an_open_run_away(self, desk: Desk) -> None:
        await desk.save()
        await open_run(desk)
        with pytest.raises(StrategyRefused, match="today's run is still open and would lose its exit"):
            await desk.save(replaces=1, schedule=OVER_AT_TEN)
        await desk.scene.runs.conclude(a_run(), Verdict(RunStatus.FLAT, "closed"))
        assert (await desk.save(replaces=1, schedule=OVER_AT_TEN)).version == 2

    async def test_an_exit_at_another_time_that_is_still_to_come_is_allowed(self, desk: Desk) -> None:
        await desk.save()
        await open_run(desk)
        later = {"weekdays": ["MON", "TUE"], "entry": "09:20", "exit": "11:02"}
        assert (await desk.save(replaces=1, schedule=later)).version == 2

    async def test_a_day_that_an_operator_closed_keeps_the_schedule_as_it_is(self, desk: Desk) -> None:
        await desk.save()
        await open_run(desk)
        holiday = DayChange(date(2026, 11, 23), ChangeKind.HOLIDAY, "Mourning")
        await desk.scene.controls.change_day(holiday, by="an operator", at=at("10:30"))
        with pytest.raises(StrategyRefused, match="today has no session any more"):
            await desk.save(replaces=1)

    @pytest.mark.parametrize("status", [RunStatus.PREPARING, RunStatus.ENTERING, RunStatus.OPEN])
    async def test_a_strategy_is_not_deleted_while_its_run_of_today_is_open(
        self, desk: Desk, status: RunStatus
    ) -> None:
        await desk.save()
        await desk.scene.runs.begin_run(a_run(status=status))
        with pytest.raises(StrategyRefused, match="would lose its exit; delete it when it is flat"):
            await desk.saver.delete(USER, "spread", 1)
        assert "spread" in await desk.strategies()
        await desk.scene.runs.conclude(a_run(), Verdict(RunStatus.FLAT, "closed"))
        await desk.saver.delete(USER, "spread", 1)
        assert await desk.strategies() == {}

    async def test_a_stale_version_is_not_deleted(self, desk: Desk) -> None:
        await desk.save()
        await desk.save(replaces=1)
        for version, stored in ((1, 2), (3, 2)):
            with pytest.raises(StaleVersion) as caught:
                await desk.saver.delete(USER, "spread", version)
            assert (caught.value.held, caught.value.stored) == (version, stored)
        assert "spread" in await desk.strategies()

    async def test_the_strategy_of_another_is_not_deleted(self, desk: Desk) -> None:
        await desk.scene.strategies.save(a_strategy(user_id="user-two"))
        with pytest.raises(StaleVersion):
            await desk.saver.delete(USER, "spread", 1)
        assert await desk.scene.strategies.strategy("user-two", "spread") is not None
