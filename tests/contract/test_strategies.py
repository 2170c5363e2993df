"""One contract for every store of strategies: versions, the due index, baskets; in memory as on the table."""

import asyncio
from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdas.adapters.dynamo.table import Table
from lambdas.domain.basket import Basket, BasketDefinition
from lambdas.domain.due import DUE_DAYS, DueSlot, due_slots
from lambdas.domain.intents import Phase
from lambdas.domain.strategy import Strategy, StrategyDefinition
from lambdas.ports.store import BasketMissing, StaleVersion, StrategyStore
from tests.contract.store_fixtures import OpenStores, Stores, dynamo_stores, emulator, open_stores, stores, table
from tests.doubles.definitions import definitions
from tests.doubles.examples import USER, a_strategy

__all__ = ["emulator", "open_stores", "stores", "table"]
pytestmark = pytest.mark.anyio
MONDAY_0920 = ("MON", "09:20")
MONDAY_1515 = ("MON", "15:15")
NOT_MOTO = pytest.mark.parametrize("open_stores", ["memory", "emulator"], indirect=True)
"""For writes from several threads at once, and for megabytes: moto is no database for those."""
ALL_DAYS = ["MON", "TUE", "WED", "THU", "FRI"]
_numbers = count(1)


def a_basket(version: int = 1, *, user_id: str = USER, basket_id: str = "income", **changes: Any) -> Basket:
    definition = BasketDefinition.model_validate({"name": "Income", **changes})
    return Basket(user_id=user_id, basket_id=basket_id, version=version, definition=definition)


async def slots_of(store: StrategyStore, user_id: str, minutes: Sequence[str]) -> list[tuple[DueSlot, Strategy]]:
    """What the due index holds of a user on any day at these minutes."""
    found = [
        (DueSlot(day, hhmm, due.phase), due.strategy)
        for day in sorted(DUE_DAYS)
        for hhmm in minutes
        for due in await store.due_at(day, hhmm)
        if due.strategy.user_id == user_id
    ]
    return sorted(found, key=lambda one: one[0])


class TestVersions:
    async def test_a_strategy_comes_back_as_it_was_saved(self, stores: Stores) -> None:
        strategy = a_strategy(legs=[{"right": "PE", "side": "BUY", "lots": 3}])
        await stores.strategies.save(strategy)
        assert await stores.strategies.strategy(USER, "spread") == strategy
        assert await stores.strategies.strategies(USER) == [strategy]

    async def test_a_version_replaces_only_the_one_before(self, stores: Stores) -> None:
        await stores.strategies.save(a_strategy())
        await stores.strategies.save(a_strategy(version=2, name="Second"))
        for stale in (1, 2, 4):
            with pytest.raises(StaleVersion) as caught:
                await stores.strategies.save(a_strategy(version=stale, name="Stale"))
            assert (caught.value.held, caught.value.stored) == (stale - 1, 2)
        stored = await stores.strategies.strategy(USER, "spread")
        assert stored is not None
        assert (stored.version, stored.definition.name) == (2, "Second")

    async def test_a_change_of_what_is_not_stored_is_stale(self, stores: Stores) -> None:
        with pytest.raises(StaleVersion, match="version none is stored") as caught:
            await stores.strategies.save(a_strategy(version=2))
        assert (caught.value.held, caught.value.stored) == (1, None)

    @NOT_MOTO
    async def test_of_many_that_change_the_same_version_at_once_one_does_and_the_others_are_told(
        self, stores: Stores
    ) -> None:
        schedules = [{"weekdays": ["MON"], "entry": f"09:2{number}", "exit": "15:15"} for number in range(8)]
        await stores.strategies.save(a_strategy())
        saves = [stores.strategies.save(a_strategy(version=2, schedule=schedule)) for schedule in schedules]
        results = await asyncio.gather(*saves, return_exceptions=True)
        assert sorted(type(result).__name__ for result in results) == ["NoneType", *["StaleVersion"] * 7]
        stored = await stores.strategies.strategy(USER, "spread")
        assert stored is not None
        assert stored.definition.schedule.entry == schedules[results.index(None)]["entry"]
        held = await slots_of(stores.strategies, USER, [f"09:2{number}" for number in range(8)] + ["15:15"])
        assert held == [(slot, stored) for slot in sorted(due_slots(stored))]

    @NOT_MOTO
    async def test_of_an_edit_and_a_deletion_at_once_one_happens(self, stores: Stores) -> None:
        await stores.strategies.save(a_strategy())
        results = await asyncio.gather(
            stores.strategies.save(a_strategy(version=2, name="Second")),
            stores.strategies.delete(USER, "spread", 1),
            return_exceptions=True,
        )
        assert sorted(type(result).__name__ for result in results) == ["NoneType", "StaleVersion"]
        stored = await stores.strategies.strategy(USER, "spread")
        assert (stored is None) == (results[1] is None)
        expected = [(slot, stored) for slot in sorted(due_slots(stored))] if stored else []
        assert await slots_of(stores.strategies, USER, ["09:20", "15:15"]) == expected

    async def test_users_do_not_see_each_others_strategies(self, stores: Stores) -> None:
        await stores.strategies.save(a_strategy())
        await stores.strategies.save(a_strategy(user_id="user-two", name="Another's"))
        assert await stores.strategies.strategy("user-three", "spread") is None
        assert await stores.strategies.strategies("user-three") == []
        assert [one.definition.name for one in await stores.strategies.strategies("user-two")] == ["Another's"]

    @NOT_MOTO
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(definition=definitions)
    async def test_every_rule_survives_exactly(self, stores: Stores, definition: StrategyDefinition) -> None:
        strategy = Strategy(user_id=USER, strategy_id=f"drawn-{next(_numbers)}", version=1, definition=definition)
        await stores.strategies.save(strategy)
        stored = await stores.strategies.strategy(USER, strategy.strategy_id)
        assert stored == strategy
        assert stored.model_dump_json() == strategy.model_dump_json()


class TestDeletion:
    async def test_a_deleted_strategy_is_gone_with_all_its_slots(self, stores: Stores) -> None:
        schedule = {"weekdays": ALL_DAYS, "special_sessions": True, "entry": "09:20", "exit": "15:15"}
        await stores.strategies.save(a_strategy(schedule=schedule))
        await stores.strategies.save(a_strategy("other", schedule=schedule))
        assert len(await slots_of(stores.strategies, USER, ["09:20", "15:15"])) == 2 * 2 * 6
        await stores.strategies.delete(USER, "spread", 1)
        assert await stores.strategies.strategy(USER, "spread") is None
        left = await slots_of(stores.strategies, USER, ["09:20", "15:15"])
        assert [strategy.strategy_id for _, strategy in left] == ["other"] * 12

    async def test_only_the_present_version_can_be_deleted(self, stores: Stores) -> None:
        await stores.strategies.save(a_strategy())
        await stores.strategies.save(a_strategy(version=2))
        for stale in (1, 3):
            with pytest.raises(StaleVersion) as caught:
                await stores.strategies.delete(USER, "spread", stale)
            assert (caught.value.held, caught.value.stored) == (stale, 2)
        assert len(await stores.strategies.due_at(*MONDAY_0920)) == 1

    async def test_what_does_not_exist_cannot_be_deleted(self, stores: Stores) -> None:
        with pytest.raises(StaleVersion) as caught:
            await stores.strategies.delete(USER, "spread", 1)
        assert caught.value.stored is None

    async def test_nobody_deletes_the_strategy_of_another_user(self, stores: Stores) -> None:
        await stores.strategies.save(a_strategy())
        with pytest.raises(StaleVersion):
            await stores.strategies.delete("user-two", "spread", 1)
        assert await stores.strategies.strategy(USER, "spread") == a_strategy()

    async def test_a_name_can_be_used_again_after_a_deletion(self, stores: Stores) -> None:
        await stores.strategies.save(a_strategy())
        await stores.strategies.delete(USER, "spread", 1)
        await stores.strategies.save(a_strategy(name="Anew"))
        assert [due.strategy.definition.name for due in await stores.strategies.due_at(*MONDAY_0920)] == ["Anew"]


class TestDue:
    @pytest.mark.parametrize("shards", [1, 4])
    async def test_exactly_what_is_due_is_found(self, open_stores: OpenStores, shards: int) -> None:
        strategies = open_stores(shards).strategies
        for number in range(8):
            await strategies.save(a_strategy(user_id=f"user-{number}"))
        other_minute = {"weekdays": ["MON"], "entry": "09:21", "exit": "09:22"}
        other_day = {"weekdays": ["TUE"], "entry": "09:20", "exit": "15:15"}
        leaving = {"weekdays": ["MON", "WED"], "entry": "09:16", "exit": "09:20"}
        await strategies.save(a_strategy("minute", schedule=other_minute))
        await strategies.save(a_strategy("weekday", schedule=other_day))
        await strategies.save(a_strategy("disabled", enabled=False))
        await strategies.save(a_strategy("leaving", schedule=leaving))
        due = await strategies.due_at(*MONDAY_0920)
        assert sorted((one.strategy.user_id, one.strategy.strategy_id, one.phase) for one in due) == sorted(
            [(f"user-{number}", "spread", Phase.ENTRY) for number in range(8)] + [(USER, "leaving", Phase.EXIT)]
        )
        assert await strategies.due_at("MON", "09:19") == []

    async def test_more_shards_lose_nothing_that_was_saved_with_fewer(self, table: Table) -> None:
        users = [f"user-{number}" for number in range(8)]
        fewer, more = (dynamo_stores(table, shards).strategies for shards in (1, 4))
        for user_id in users:
            await fewer.save(a_strategy(user_id=user_id))
        for version in (1, 2):
            found = await more.due_at(*MONDAY_0920)
            assert sorted((due.strategy.user_id, due.strategy.version) for due in found) == [
                (user_id, version) for user_id in users
            ]
            for user_id in users if version == 1 else ():
                await more.save(a_strategy(user_id=user_id, version=2))

    @pytest.mark.parametrize("day", ["SAT", "SUN", "mon", "", "HOLIDAY"])
    async def test_nothing_is_due_by_a_day_that_is_none(self, stores: Stores, day: str) -> None:
        with pytest.raises(ValueError, match="is no day of the due index"):
            await stores.strategies.due_at(day, "09:20")

    async def test_a_disabled_strategy_keeps_its_exits_due(self, stores: Stores) -> None:
        await stores.strategies.save(a_strategy())
        await stores.strategies.save(a_strategy(version=2, enabled=False))
        assert await stores.strategies.due_at(*MONDAY_0920) == []
        (due,) = await stores.strategies.due_at(*MONDAY_1515)
        assert (due.phase, due.strategy.version) == (Phase.EXIT, 2)

    async def test_what_is_due_carries_the_whole_definition(self, stores: Stores) -> None:
        await stores.strategies.save(a_strategy())
        (due,) = await stores.strategies.due_at(*MONDAY_0920)
        assert due.strategy == a_strategy()

    async def test_a_new_version_is_what_is_due(self, stores: Stores) -> None:
        await stores.strategies.save(a_strategy())
        await stores.strategies.save(a_strategy(version=2, name="Second"))
        (due,) = await stores.strategies.due_at(*MONDAY_0920)
        assert (due.strategy.version, due.strategy.definition.name) == (2, "Second")

    async def test_a_weekday_with_times_of_its_own_is_due_at_those_only(self, stores: Stores) -> None:
        own = [{"weekday": "TUE", "entry": "10:00", "exit": "14:00"}]
        schedule = {"weekdays": ["MON", "TUE"], "entry": "09:20", "exit": "15:15", "days": own}
        await stores.strategies.save(a_strategy(schedule=schedule))
        held = await slots_of(stores.strategies, USER, ["09:20", "10:00", "14:00", "15:15"])
        assert [slot for slot, _ in held] == [
            DueSlot("MON", "09:20", Phase.ENTRY),
            DueSlot("MON", "15:15", Phase.EXIT),
            DueSlot("TUE", "10:00", Phase.ENTRY),
            DueSlot("TUE", "14:00", Phase.EXIT),
        ]

    async def test_special_sessions_are_a_day_of_their_own_and_only_for_those_who_want_them(
        self, stores: Stores
    ) -> None:
        schedule = {"weekdays": ["MON"], "special_sessions": True, "entry": "18:20", "exit": "18:50"}
        await stores.strategies.save(a_strategy("diwali", schedule=schedule))
        await stores.strategies.save(a_strategy("weekdays", schedule={**schedule, "special_sessions": False}))
        for minute, phase in (("18:20", Phase.ENTRY), ("18:50", Phase.EXIT)):
            due = await stores.strategies.due_at("SPECIAL", minute)
            assert [(one.strategy.strategy_id, one.phase) for one in due] == [("diwali", phase)]

    async def test_a_strategy_that_enters_and_leaves_in_one_minute_on_two_days_is_found_for_both(
        self, stores: Stores
    ) -> None:
        own = [{"weekday": "TUE", "entry": "09:15", "exit": "09:20"}]
        schedule = {"weekdays": ["MON", "TUE"], "entry": "09:20", "exit": "15:15", "days": own}
        await stores.strategies.save(a_strategy(schedule=schedule))
        held = [(slot.due_day, slot.phase) for slot, _ in await slots_of(stores.strategies, USER, ["09:20"])]
        assert held == [("MON", Phase.ENTRY), ("TUE", Phase.EXIT)]

    @NOT_MOTO
    async def test_more_than_a_page_of_due_work_is_found_whole(self, stores: Stores) -> None:
        users = [f"user-{number:02}" for number in range(75)]
        for user_id in users:
            await stores.strategies.save(a_large_strategy(user_id))
        due = await stores.strategies.due_at(*MONDAY_0920)
        assert sorted(one.strategy.user_id for one in due) == users


MINUTES = ("09:20", "09:25", "15:10", "15:15")
times = st.sampled_from(MINUTES)
own_times = st.lists(
    st.fixed_dictionaries({"weekday": st.sampled_from(ALL_DAYS), "entry": times, "exit": times}),
    max_size=2,
    unique_by=lambda own: own["weekday"],
)
schedules = st.fixed_dictionaries(
    {
        "weekdays": st.lists(st.sampled_from(ALL_DAYS), unique=True),
        "special_sessions": st.booleans(),
        "entry": times,
        "exit": times,
        "days": own_times,
    }
)
steps = st.lists(st.one_of(schedules, st.sampled_from(["enable", "disable", "delete"])), min_size=1, max_size=6)


class TestNothingOldIsDue:
    @NOT_MOTO
    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(steps=steps)
    async def test_after_any_changes_the_index_holds_the_slots_of_what_is_stored(
        self, stores: Stores, steps: list[Any]
    ) -> None:
        user_id = f"user-{next(_numbers)}"
        for step in steps:
            await change(stores.strategies, user_id, step)
        stored = await stores.strategies.strategy(user_id, "spread")
        expected = [(slot, stored) for slot in sorted(due_slots(stored))] if stored else []
        assert await slots_of(stores.strategies, user_id, MINUTES) == expected


async def change(store: StrategyStore, user_id: str, step: Any) -> None:
    """Delete, enable, disable, or edit the schedule; what is not there is created."""
    stored = await store.strategy(user_id, "spread")
    if step == "delete":
        if stored:
            await store.delete(user_id, "spread", stored.version)
        return
    before = stored or a_strategy(user_id=user_id)
    fields = before.definition.model_dump(exclude_none=True)
    fields |= {"enabled": step == "enable"} if isinstance(step, str) else {"schedule": step}
    definition = StrategyDefinition.model_validate(fields)
    version = stored.version + 1 if stored else 1
    await store.save(Strategy(user_id=user_id, strategy_id="spread", version=version, definition=definition))


class TestBaskets:
    async def test_a_basket_comes_back_as_it_was_saved(self, stores: Stores) -> None:
        basket = a_basket(multiplier="1.50", capital="250000.00", enabled=False)
        await stores.strategies.save_basket(basket)
        stored = await stores.strategies.basket(USER, "income")
        assert stored == basket
        assert stored.model_dump_json() == basket.model_dump_json()

    async def test_a_users_baskets_are_listed_by_name_and_are_no_strategies(self, stores: Stores) -> None:
        for basket_id in ("two", "one"):
            await stores.strategies.save_basket(a_basket(basket_id=basket_id))
        await stores.strategies.save_basket(a_basket(user_id="user-two", basket_id="three"))
        assert [basket.basket_id for basket in await stores.strategies.baskets(USER)] == ["one", "two"]
        assert await stores.strategies.strategies(USER) == []
        assert await stores.strategies.basket(USER, "three") is None

    async def test_a_version_of_a_basket_replaces_only_the_one_before(self, stores: Stores) -> None:
        await stores.strategies.save_basket(a_basket())
        await stores.strategies.save_basket(a_basket(2, enabled=False))
        for stale in (1, 2, 4):
            with pytest.raises(StaleVersion) as caught:
                await stores.strategies.save_basket(a_basket(stale))
            assert (caught.value.held, caught.value.stored) == (stale - 1, 2)
        assert await stores.strategies.basket(USER, "income") == a_basket(2, enabled=False)

    async def test_only_the_present_version_of_a_basket_can_be_deleted(self, stores: Stores) -> None:
        await stores.strategies.save_basket(a_basket())
        await stores.strategies.save_basket(a_basket(2))
        with pytest.raises(StaleVersion) as caught:
            await stores.strategies.delete_basket(USER, "income", 1)
        assert (caught.value.held, caught.value.stored) == (1, 2)
        await stores.strategies.delete_basket(USER, "income", 2)
        assert await stores.strategies.basket(USER, "income") is None
        with pytest.raises(StaleVersion) as caught:
            await stores.strategies.delete_basket(USER, "income", 2)
        assert caught.value.stored is None

    async def test_a_strategy_whose_basket_is_missing_is_not_saved_nor_due(self, stores: Stores) -> None:
        await stores.strategies.save_basket(a_basket(user_id="user-two"))
        with pytest.raises(BasketMissing) as caught:
            await stores.strategies.save(a_strategy(basket_id="income"))
        assert caught.value.basket_id == "income"
        assert await stores.strategies.strategy(USER, "spread") is None
        assert await stores.strategies.due_at(*MONDAY_0920) == []

    async def test_a_strategy_moves_only_into_a_basket_that_exists(self, stores: Stores) -> None:
        await stores.strategies.save_basket(a_basket())
        await stores.strategies.save(a_strategy(basket_id="income"))
        await stores.strategies.delete_basket(USER, "income", 1)
        with pytest.raises(BasketMissing):
            await stores.strategies.save(a_strategy(version=2, basket_id="income"))
        await stores.strategies.save(a_strategy(version=2))
        stored = await stores.strategies.strategy(USER, "spread")
        assert stored == a_strategy(version=2)

    async def test_a_stale_version_is_told_before_a_missing_basket(self, stores: Stores) -> None:
        await stores.strategies.save(a_strategy())
        with pytest.raises(StaleVersion):
            await stores.strategies.save(a_strategy(basket_id="income"))

    @NOT_MOTO
    async def test_of_many_that_change_a_basket_at_once_one_does(self, stores: Stores) -> None:
        await stores.strategies.save_basket(a_basket())
        saves = [stores.strategies.save_basket(a_basket(2, name=f"Name {number}")) for number in range(8)]
        results = await asyncio.gather(*saves, return_exceptions=True)
        assert sorted(type(result).__name__ for result in results) == ["NoneType", *["StaleVersion"] * 7]


def a_large_strategy(user_id: str) -> Strategy:
    """Ten legs over twenty accounts each: an item of 14 kB, of which 75 need two pages."""
    shares = [{"account_id": f"account-with-a-rather-long-name-{number:04}", "lots": 1} for number in range(20)]
    leg = {"right": "CE", "side": "BUY", "lots": 20, "allocation": shares}
    return a_strategy(user_id=user_id, legs=[leg] * 10)
