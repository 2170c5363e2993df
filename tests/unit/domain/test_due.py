"""What is due when, and where it is looked for."""

from collections import Counter
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.domain.due import DUE_DAYS, DueSlot, check_due_day, due_slots, shard_of
from lambdas.domain.intents import Phase
from lambdas.domain.trading_calendar import SPECIAL
from tests.doubles.examples import a_strategy

TIMES = {"entry": "09:20", "exit": "15:15"}
WEEKDAYS = st.lists(st.sampled_from(["MON", "TUE", "WED", "THU", "FRI"]), unique=True, max_size=5)


def slots(*, enabled: bool = True, **schedule: Any) -> list[DueSlot]:
    return due_slots(a_strategy(enabled=enabled, schedule={**TIMES, **schedule}))


class TestSlots:
    def test_an_enabled_strategy_is_due_twice_on_each_of_its_weekdays(self) -> None:
        assert slots(weekdays=["MON", "THU"]) == [
            DueSlot("MON", "09:20", Phase.ENTRY),
            DueSlot("MON", "15:15", Phase.EXIT),
            DueSlot("THU", "09:20", Phase.ENTRY),
            DueSlot("THU", "15:15", Phase.EXIT),
        ]

    def test_a_weekday_with_times_of_its_own_is_due_at_those(self) -> None:
        own = [{"weekday": "THU", "entry": "10:00", "exit": "11:30"}]
        assert slots(weekdays=["MON", "THU"], days=own) == [
            DueSlot("MON", "09:20", Phase.ENTRY),
            DueSlot("MON", "15:15", Phase.EXIT),
            DueSlot("THU", "10:00", Phase.ENTRY),
            DueSlot("THU", "11:30", Phase.EXIT),
        ]

    def test_special_sessions_are_due_at_the_schedules_own_times(self) -> None:
        own = [{"weekday": "FRI", "entry": "10:00", "exit": "11:30"}]
        assert slots(weekdays=["FRI"], days=own, special_sessions=True)[2:] == [
            DueSlot(SPECIAL, "09:20", Phase.ENTRY),
            DueSlot(SPECIAL, "15:15", Phase.EXIT),
        ]
        assert {slot.due_day for slot in slots(weekdays=[], special_sessions=True)} == {SPECIAL}

    @given(WEEKDAYS, st.booleans())
    def test_a_disabled_strategy_keeps_every_exit_and_has_no_entry(self, weekdays: list[str], special: bool) -> None:
        schedule: dict[str, Any] = {"weekdays": weekdays, "special_sessions": special}
        exits = [slot for slot in slots(**schedule) if slot.phase is Phase.EXIT]
        assert slots(enabled=False, **schedule) == exits
        assert len(exits) == len(weekdays) + special

    @given(WEEKDAYS, st.booleans())
    def test_no_slot_is_there_twice(self, weekdays: list[str], special: bool) -> None:
        found = slots(weekdays=weekdays, special_sessions=special)
        assert len(set(found)) == len(found) == 2 * (len(weekdays) + special)


class TestDueDays:
    def test_they_are_the_five_weekdays_and_special_sessions(self) -> None:
        assert {"MON", "TUE", "WED", "THU", "FRI", SPECIAL} == DUE_DAYS
        for due_day in DUE_DAYS:
            check_due_day(due_day)
            assert DueSlot(due_day, "09:20", Phase.ENTRY).due_day == due_day

    @pytest.mark.parametrize("due_day", ["SAT", "SUN", "mon", "Monday", "", " MON", "CLOSED"])
    def test_no_slot_is_made_for_any_other_day(self, due_day: str) -> None:
        with pytest.raises(ValueError, match="is no day of the due index; there are FRI, MON,"):
            check_due_day(due_day)
        with pytest.raises(ValueError, match="is no day of the due index"):
            DueSlot(due_day, "09:20", Phase.EXIT)


class TestShards:
    def test_a_users_shard_is_the_same_in_every_process(self) -> None:
        assert [shard_of(f"user-{number}", 4) for number in range(6)] == [2, 0, 2, 0, 3, 1]
        check_value_of_crc32 = 0xCBF43926
        for shards in range(1, 17):
            assert shard_of("123456789", shards) == check_value_of_crc32 % shards

    @given(st.text(), st.integers(1, 16))
    def test_every_user_has_one_shard_among_those_there_are(self, user_id: str, shards: int) -> None:
        assert 0 <= shard_of(user_id, shards) < shards
        assert shard_of(user_id, shards) == shard_of(user_id, shards)
        assert shard_of(user_id, 1) == 0

    @settings(max_examples=20, deadline=None)
    @given(st.integers(0, 2**32), st.integers(2, 8))
    def test_ten_thousand_users_are_spread_evenly(self, seed: int, shards: int) -> None:
        random = Random(seed)
        users = (str(UUID(int=random.getrandbits(128), version=4)) for _ in range(10_000))
        found = Counter(shard_of(user_id, shards) for user_id in users)
        even = 10_000 / shards
        assert all(0.8 * even <= found[shard] <= 1.2 * even for shard in range(shards))

    def test_users_numbered_one_after_another_are_spread_too(self) -> None:
        assert {shard_of(f"user-{number}", 16) for number in range(200)} == set(range(16))
