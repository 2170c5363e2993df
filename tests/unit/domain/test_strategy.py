"""A strategy that contradicts itself is refused, and the message names the field."""

from datetime import date, time
from typing import Any

import pytest
from pydantic import ValidationError

from lambdas.domain.due import DueSlot, due_slots, shard_of
from lambdas.domain.intents import Phase
from lambdas.domain.moments import Tick
from lambdas.domain.strategy import Schedule, StrategyDefinition
from lambdas.domain.strategy_rules import problem_with_open_run, problems_of
from tests.doubles.examples import a_definition, a_strategy

LEG = {"right": "CE", "side": "SELL", "lots": 2}
SCHEDULE = {"weekdays": ["MON"], "entry": "09:20", "exit": "15:15"}


def problem(**changes: Any) -> tuple[str, str]:
    """The place and the message of the first thing that is wrong (an element too few may follow from it)."""
    with pytest.raises(ValidationError) as caught:
        a_definition(**changes)
    error = caught.value.errors()[0]
    return ".".join(map(str, error["loc"])), error["msg"]


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"name": ""}, "name", "at least 1 character"),
        ({"name": "x" * 61}, "name", "at most 60 characters"),
        ({"underlying": "DOW"}, "underlying", "'NIFTY', 'BANKNIFTY'"),
        ({"product": "CNC"}, "product", "'MIS' or 'NRML'"),
        ({"colour": "red"}, "colour", "Extra inputs"),
        ({"legs": []}, "legs", "at least 1 item"),
        ({"legs": [LEG] * 11}, "legs", "at most 10 items"),
        ({"allocation": []}, "allocation", "at least 1 item"),
        ({"allocation": [{"account_id": "Zerodha One"}]}, "allocation.0.account_id", "match pattern"),
        ({"allocation": [{"account_id": "zerodha-one", "weight": 0}]}, "allocation.0.weight", "greater than or equal"),
        ({"legs": [{**LEG, "lots": 0}]}, "legs.0.lots", "greater than or equal to 1"),
        ({"legs": [{**LEG, "lots": 1.5}]}, "legs.0.lots", "integer"),
        ({"legs": [{**LEG, "right": "FUT"}]}, "legs.0.right", "'CE' or 'PE'"),
        ({"legs": [{**LEG, "side": "HOLD"}]}, "legs.0.side", "'BUY' or 'SELL'"),
        ({"legs": [{**LEG, "strike_offset": 101}]}, "legs.0.strike_offset", "less than or equal to 100"),
        ({"schedule": {**SCHEDULE, "weekdays": []}}, "schedule.weekdays", "at least 1 item"),
        ({"schedule": {**SCHEDULE, "weekdays": ["XXX"]}}, "schedule.weekdays.0", "'MON'"),
        ({"schedule": {**SCHEDULE, "weekdays": ["MON", "MON"]}}, "schedule", "weekdays must not repeat"),
        ({"schedule": {**SCHEDULE, "entry": "9:20"}}, "schedule.entry", "match pattern"),
        ({"schedule": {**SCHEDULE, "exit": "24:00"}}, "schedule.exit", "match pattern"),
        ({"schedule": {**SCHEDULE, "exit": "09:20"}}, "schedule", "exit 09:20 must be later in the day than entry"),
        ({"schedule": {**SCHEDULE, "exit": "09:19"}}, "schedule", "exit 09:19 must be later in the day than entry"),
    ],
)
def test_every_contradiction_names_its_field(changes: dict[str, Any], field: str, message: str) -> None:
    place, said = problem(**changes)
    assert place == field
    assert message in said


def test_an_account_named_twice_is_refused_in_both_places() -> None:
    twice = [{"account_id": "zerodha-one"}, {"account_id": "zerodha-one"}]
    assert "allocation names the account zerodha-one twice" in problem(allocation=twice)[1]
    shares = [{"account_id": "zerodha-one", "lots": 1}, {"account_id": "zerodha-one", "lots": 1}]
    said = problem(legs=[LEG, {**LEG, "allocation": shares}])[1]
    assert "legs[2].allocation names the account zerodha-one twice" in said


@pytest.mark.parametrize("lots", [1, 3])
def test_a_legs_allocation_adds_up_to_its_lots(lots: int) -> None:
    said = problem(legs=[{**LEG, "allocation": [{"account_id": "zerodha-one", "lots": lots}]}])[1]
    assert f"legs[1].allocation adds up to {lots} lots, but the leg has 2" in said


def test_a_definition_survives_json() -> None:
    definition = a_definition()
    assert StrategyDefinition.model_validate_json(definition.model_dump_json()) == definition
    assert StrategyDefinition.model_validate(definition.model_dump(mode="json")) == definition


def test_a_definition_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        a_definition().enabled = False  # type: ignore[misc]


def test_the_default_allocation_divides_by_weight_and_a_legs_own_wins() -> None:
    definition = a_definition(
        allocation=[{"account_id": "aa", "weight": 2}, {"account_id": "bb"}, {"account_id": "cc"}],
        legs=[{**LEG, "lots": 2}, {**LEG, "lots": 2, "allocation": [{"account_id": "dd", "lots": 2}]}],
    )
    assert definition.lots_by_account(definition.legs[0]) == {"aa": 1, "bb": 1}
    assert definition.lots_by_account(definition.legs[1]) == {"dd": 2}
    assert definition.account_ids() == {"aa", "bb", "cc", "dd"}


def test_a_strategy_has_one_run_a_day() -> None:
    assert a_strategy().run_id(date(2026, 11, 23)) == "spread-20261123"


class TestRules:
    def problems(self, **changes: Any) -> list[str]:
        arguments: dict[str, Any] = {
            "linked_accounts": {"zerodha-one"},
            "max_lots_per_leg": 100,
            "hours": (time(9, 15), time(15, 40)),
        }
        rules = {name: changes.pop(name) for name in list(changes) if name in arguments}
        return problems_of(a_definition(**changes), **{**arguments, **rules})

    def test_a_usable_strategy_has_no_problem(self) -> None:
        assert self.problems() == []

    def test_an_account_that_is_not_linked_is_named_with_those_that_are(self) -> None:
        (said,) = self.problems(allocation=[{"account_id": "angel-one"}])
        assert said == "allocation: account 'angel-one' is not linked; link it first (linked: zerodha-one)"

    def test_without_any_account_it_says_so(self) -> None:
        (said,) = self.problems(linked_accounts=set())
        assert said.endswith("(linked: none yet)")

    def test_what_lost_its_account_can_be_switched_off(self) -> None:
        assert self.problems(linked_accounts=set(), enabled=False) == []

    def test_an_account_of_one_leg_is_checked_too(self) -> None:
        leg = {**LEG, "allocation": [{"account_id": "angel-one", "lots": 2}]}
        (said,) = self.problems(legs=[LEG, leg])
        assert said.startswith("legs[2].allocation: account 'angel-one' is not linked")

    def test_lots_above_the_limit_name_leg_and_limit(self) -> None:
        (said,) = self.problems(max_lots_per_leg=1, legs=[{**LEG, "lots": 1}, LEG])
        assert said == "legs[2].lots: 2 is above the limit of 1 lots a leg"

    def test_weekends_are_schedulable_only_where_sessions_never_close(self) -> None:
        schedule = {**SCHEDULE, "weekdays": ["MON", "SUN"]}
        assert self.problems(schedule=schedule) == ["schedule.weekdays: SUN is no trading weekday"]
        assert self.problems(schedule=schedule, hours=None) == []

    @pytest.mark.parametrize(("entry", "leave", "field"), [("09:14", "15:00", "entry"), ("09:15", "15:40", "exit")])
    def test_a_time_at_which_nothing_trades_is_named(self, entry: str, leave: str, field: str) -> None:
        schedule = {"weekdays": ["MON"], "entry": entry, "exit": leave}
        (said,) = self.problems(schedule=schedule)
        assert said.startswith(f"schedule.{field}: ")
        assert said.endswith("is outside the session; choose from 09:15 to before 15:40")
        assert self.problems(schedule=schedule, hours=None) == []

    def test_the_first_and_the_last_minute_of_the_session_can_be_chosen(self) -> None:
        assert self.problems(schedule={"weekdays": ["MON"], "entry": "09:15", "exit": "15:39"}) == []

    def test_the_exit_of_an_open_run_stays(self) -> None:
        tick = Tick.parse("2026-11-23T11:00+05:30")
        later = Schedule(weekdays=("MON",), entry="09:20", exit="11:01")
        assert problem_with_open_run(later, tick) is None
        for weekdays, leave in ((("MON",), "11:00"), (("TUE",), "15:00")):
            said = problem_with_open_run(Schedule(weekdays=weekdays, entry="09:20", exit=leave), tick)
            assert said is not None
            assert "keep MON and an exit after 11:00" in said

    def test_all_problems_are_told_at_once(self) -> None:
        schedule = {**SCHEDULE, "weekdays": ["SAT"]}
        assert len(self.problems(linked_accounts=set(), max_lots_per_leg=1, schedule=schedule)) == 4


class TestDue:
    def test_an_enabled_strategy_is_due_twice_on_each_of_its_weekdays(self) -> None:
        schedule = Schedule(weekdays=("MON", "THU"), entry="09:20", exit="15:15")
        assert due_slots(a_strategy(schedule=schedule)) == [
            DueSlot("MON", "09:20", Phase.ENTRY),
            DueSlot("THU", "09:20", Phase.ENTRY),
            DueSlot("MON", "15:15", Phase.EXIT),
            DueSlot("THU", "15:15", Phase.EXIT),
        ]

    def test_a_disabled_strategy_is_due_for_the_exits_of_what_is_open_and_never_for_an_entry(self) -> None:
        assert due_slots(a_strategy(enabled=False)) == [DueSlot("MON", "15:15", Phase.EXIT)]

    def test_a_users_shard_is_the_same_in_every_process(self) -> None:
        assert [shard_of(f"user-{number}", 4) for number in range(6)] == [2, 0, 2, 0, 3, 1]
        assert shard_of("user-one", 1) == 0

    def test_users_are_spread_over_all_shards(self) -> None:
        assert {shard_of(f"user-{number}", 16) for number in range(200)} == set(range(16))
