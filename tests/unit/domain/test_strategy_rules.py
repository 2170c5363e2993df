"""What the fields of a strategy may say to each other: the cases on either side of each rule.

The wording of every refusal is in test_malformed_strategies.py.
"""

from datetime import time
from decimal import Decimal
from typing import Any

import pytest

from lambdas.domain.contradictions import contradictions
from lambdas.domain.moments import Tick
from lambdas.domain.strategy import Schedule
from lambdas.domain.strategy_rules import problem_with_open_run, problems_of, problems_of_lots
from lambdas.domain.trading_calendar import SPECIAL
from tests.doubles.examples import a_definition, otm

LEG: dict[str, Any] = {"right": "CE", "side": "SELL", "lots": 2}
SCHEDULE: dict[str, Any] = {"weekdays": ["MON"], "entry": "09:20", "exit": "15:15"}
POINTS = {"unit": "points", "value": 20}
AGAIN = {"how": "immediate", "count": 1}
WHOLE = {"unit": "percent", "value": 100}
HOURS = (time(9, 15), time(15, 40))


def fields(**changes: Any) -> list[str]:
    """The fields of which something contradicts something."""
    return [problem.split(":")[0] for problem in contradictions(a_definition(**changes))]


def problems(**changes: Any) -> list[str]:
    """What its user is told of a strategy, with an account linked, up to 100 lots, 09:15 to 15:40."""
    rules: dict[str, Any] = {"linked_accounts": {"zerodha-one"}, "max_lots_per_leg": 100, "hours": HOURS}
    rules |= {name: changes.pop(name) for name in (*rules, "basket_multiplier") if name in changes}
    return problems_of(a_definition(**changes), **rules)


class TestHolding:
    @pytest.mark.parametrize(
        "holding",
        [
            {"kind": "next_day"},
            {"kind": "around_expiry", "entry_days_before": 3, "exit_days_before": 0},
        ],
    )
    def test_a_night_needs_nrml_and_may_leave_earlier_in_the_day_than_it_entered(self, holding: Any) -> None:
        schedule = {**SCHEDULE, "entry": "15:10", "exit": "09:30", "holding": holding}
        assert fields(schedule=schedule, product="NRML") == []
        assert fields(schedule=schedule) == ["product"]

    def test_entered_and_left_on_the_same_day_before_the_expiry_is_a_day_trade(self) -> None:
        holding = {"kind": "around_expiry", "entry_days_before": 0, "exit_days_before": 0}
        assert fields(schedule={**SCHEDULE, "holding": holding}) == []
        assert fields(schedule={**SCHEDULE, "exit": "09:10", "holding": holding}) == ["schedule.exit"]

    def test_times_of_single_days_are_times_of_a_day_trade_too(self) -> None:
        days = [{"weekday": "MON", "entry": "11:00", "exit": "10:00"}]
        assert fields(schedule={**SCHEDULE, "days": days}) == ["schedule.days[1].exit"]
        over_night = {**SCHEDULE, "days": days, "holding": {"kind": "next_day"}}
        assert fields(schedule=over_night, product="NRML") == []


class TestSpecialSessions:
    def test_they_need_no_weekday(self) -> None:
        assert fields(schedule={**SCHEDULE, "weekdays": [], "special_sessions": True}) == []

    def test_the_hours_of_ordinary_days_do_not_bind_what_trades_only_then(self) -> None:
        evening = {"weekdays": [], "special_sessions": True, "entry": "18:20", "exit": "19:05"}
        assert problems(schedule=evening) == []
        assert len(problems(schedule={**evening, "weekdays": ["FRI"]})) == 2
        own = [{"weekday": "FRI", "entry": "09:20", "exit": "15:15"}]
        assert problems(schedule={**evening, "weekdays": ["FRI"], "days": own}) == []


class TestHours:
    @pytest.mark.parametrize(("entry", "leave", "field"), [("09:14", "15:00", "entry"), ("09:15", "15:40", "exit")])
    def test_a_time_at_which_nothing_trades_is_named(self, entry: str, leave: str, field: str) -> None:
        schedule = {"weekdays": ["MON"], "entry": entry, "exit": leave}
        (said,) = problems(schedule=schedule)
        assert said.startswith(f"schedule.{field}: ")
        assert said.endswith("is outside the session; choose from 09:15 to before 15:40")
        assert problems(schedule=schedule, hours=None) == []

    def test_the_first_and_the_last_minute_of_the_session_can_be_chosen(self) -> None:
        assert problems(schedule={"weekdays": ["MON"], "entry": "09:15", "exit": "15:39"}) == []


class TestAccounts:
    def test_without_any_account_it_says_so(self) -> None:
        (said,) = problems(linked_accounts=set())
        assert said.endswith("(linked: none yet)")

    def test_what_lost_its_account_can_be_switched_off(self) -> None:
        assert problems(linked_accounts=set(), enabled=False) == []

    def test_an_account_of_one_leg_is_checked_too(self) -> None:
        leg = {**LEG, "allocation": [{"account_id": "angel-one", "lots": 2}]}
        (said,) = problems(legs=[LEG, leg])
        assert said.startswith("legs[2].allocation: account 'angel-one' is not linked")

    def test_a_rule_for_an_account_that_every_leg_overrides_is_for_nobody(self) -> None:
        own = {**LEG, "allocation": [{"account_id": "angel-one", "lots": 2}]}
        risk = {"accounts": [{"account_id": "zerodha-one", "stop": 500}]}
        assert fields(legs=[own], risk=risk) == ["risk.accounts[1].account_id"]
        assert fields(legs=[own, {**LEG, "right": "PE"}], risk=risk) == []

    def test_an_account_named_three_times_is_told_once(self) -> None:
        assert fields(allocation=[{"account_id": "zerodha-one"}] * 3) == ["allocation"]


class TestLots:
    def test_lots_above_the_limit_name_leg_and_limit(self) -> None:
        (said,) = problems(max_lots_per_leg=1, legs=[{**LEG, "lots": 1}, LEG])
        assert said == "legs[2].lots: 2 is above the limit of 1; lower it"

    def test_the_limit_itself_is_allowed(self) -> None:
        assert problems(max_lots_per_leg=2) == []

    def test_both_multipliers_count_towards_the_limit(self) -> None:
        assert problems(max_lots_per_leg=6, multiplier="1.5", basket_multiplier=Decimal(2)) == []
        (said,) = problems(max_lots_per_leg=5, multiplier="1.5", basket_multiplier=Decimal(2), legs=[LEG])
        assert said == "legs[1].lots: 6 (2 times the multipliers) is above the limit of 5; lower it"

    def test_the_lots_of_a_legs_own_allocation_count_together(self) -> None:
        own = [{"account_id": "aa", "lots": 3}, {"account_id": "bb", "lots": 3}]
        definition = a_definition(legs=[{**LEG, "lots": 6, "allocation": own}])
        assert len(problems_of_lots(definition, Decimal(1), 5)) == 1
        assert problems_of_lots(definition, Decimal(1), 6) == []

    def test_half_a_lot_is_none_and_a_little_more_is_one(self) -> None:
        definition = a_definition(legs=[{**LEG, "lots": 1}])
        assert problems_of_lots(definition, Decimal("0.5"), 5) == [
            "legs[1].lots: 1 times the multipliers is 0.5, no whole lot; raise it"
        ]
        assert problems_of_lots(definition, Decimal("0.5001"), 5) == []


class TestContracts:
    @pytest.mark.parametrize("kind", ["nearest", "current_month", "next_month"])
    @pytest.mark.parametrize("underlying", ["BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "BANKEX"])
    def test_an_index_without_weekly_options_has_monthly_ones(self, underlying: str, kind: str) -> None:
        assert fields(underlying=underlying, legs=[{**LEG, "expiry": {"kind": kind}}]) == []
        weekly = [{**LEG, "expiry": {"kind": "current_week"}}]
        assert fields(underlying=underlying, legs=weekly) == ["legs[1].expiry.kind"]

    @pytest.mark.parametrize(("underlying", "weekday"), [("NIFTY", "TUE"), ("SENSEX", "THU"), ("BANKNIFTY", "TUE")])
    def test_the_weekday_on_which_it_expires_can_be_expected(self, underlying: str, weekday: str) -> None:
        for expected in ("MON", "TUE", "WED", "THU", "FRI"):
            refused = fields(underlying=underlying, legs=[{**LEG, "expiry": {"weekday": expected}}])
            assert refused == ([] if expected == weekday else ["legs[1].expiry.weekday"])

    def test_a_future_has_neither_a_strike_nor_a_week(self) -> None:
        future = {"right": "FUT", "side": "SELL", "lots": 1}
        assert fields(legs=[future]) == []
        assert fields(legs=[{**future, "expiry": {"kind": "next_month"}}]) == []
        assert fields(legs=[{**future, "strike": otm(1), "expiry": {"kind": "current_week"}}]) == [
            "legs[1].strike",
            "legs[1].expiry.kind",
        ]


class TestOppositeLegs:
    SAME: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
        ("NIFTY", {}, {"strike": {"by": "moneyness"}}),
        ("NIFTY", {}, {"expiry": {"kind": "current_week"}}),
        ("NIFTY", {}, {"expiry": {"kind": "days_to_expiry", "days": 0}}),
        ("NIFTY", {}, {"expiry": {"weekday": "TUE"}}),
        ("NIFTY", {"expiry": {"kind": "next_week"}}, {"expiry": {"kind": "next_week", "weekday": "TUE"}}),
        ("BANKNIFTY", {}, {"expiry": {"kind": "current_month"}}),
        ("NIFTY", {"right": "FUT"}, {"right": "FUT", "expiry": {"kind": "current_month"}}),
        ("NIFTY", {"strike": otm(2)}, {"strike": otm(2)}),
    )
    DIFFERENT: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
        ({}, {"right": "PE"}),
        ({}, {"strike": otm(1)}),
        ({}, {"expiry": {"kind": "next_week"}}),
        ({}, {"expiry": {"kind": "current_month"}}),
        ({"right": "FUT"}, {"right": "FUT", "expiry": {"kind": "next_month"}}),
    )

    @pytest.mark.parametrize(("underlying", "one", "other"), SAME)
    def test_two_ways_to_say_one_contract_undo_each_other(self, underlying: str, one: Any, other: Any) -> None:
        legs = [{**LEG, **one}, {**LEG, **other, "side": "BUY"}]
        assert fields(underlying=underlying, legs=legs) == ["legs[2]"]
        assert fields(underlying=underlying, legs=[{**leg, "side": "BUY"} for leg in legs]) == []

    @pytest.mark.parametrize(("one", "other"), DIFFERENT)
    def test_another_contract_on_the_other_side_is_a_spread(self, one: Any, other: Any) -> None:
        assert fields(legs=[{**LEG, **one}, {**LEG, **other, "side": "BUY"}]) == []


class TestRisk:
    @pytest.mark.parametrize(
        ("right", "side", "of", "falls"),
        [
            ("CE", "BUY", "premium", "stop"),
            ("PE", "BUY", "premium", "stop"),
            ("FUT", "BUY", "premium", "stop"),
            ("CE", "SELL", "premium", "target"),
            ("PE", "SELL", "premium", "target"),
            ("CE", "BUY", "underlying", "stop"),
            ("PE", "BUY", "underlying", "target"),
            ("CE", "SELL", "underlying", "target"),
            ("PE", "SELL", "underlying", "stop"),
        ],
    )
    def test_nothing_falls_by_all_of_itself(self, right: str, side: str, of: str, falls: str) -> None:
        leg = {"right": right, "side": side, "lots": 1}
        rules = {name: {**WHOLE, "of": of} for name in ("stop", "target")}
        assert fields(legs=[leg | rules]) == [f"legs[1].{falls}.value"]
        below = {name: {**rule, "value": "99.99"} for name, rule in rules.items()}
        assert fields(legs=[leg | below]) == []

    def test_points_are_not_percent(self) -> None:
        assert fields(legs=[{**LEG, "side": "BUY", "stop": {"unit": "points", "value": 100}}]) == []

    def test_a_premium_can_double_while_it_is_waited_for(self) -> None:
        for direction, refused in (("up", []), ("down", ["legs[1].wait_and_trade.value"])):
            assert fields(legs=[{**LEG, "wait_and_trade": {**WHOLE, "direction": direction}}]) == refused

    def test_a_trail_moves_a_stop_of_the_premium(self) -> None:
        trail = {"unit": "percent", "every": 10, "by": 5}
        assert fields(legs=[{**LEG, "stop": POINTS, "trail": trail}]) == []
        assert fields(risk={"stop": 5000, "trail": {"every": 500, "by": 250}}) == []

    def test_a_lock_below_the_target_is_kept(self) -> None:
        lock = {"reach": 2000, "keep": 500}
        assert fields(risk={"profit_lock": lock}) == []
        assert fields(risk={"profit_lock": lock, "target": "2000.01"}) == []
        assert fields(risk={"profit_lock": lock, "target": 2000}) == ["risk.profit_lock.reach"]

    def test_stops_move_to_cost_when_two_legs_have_one(self) -> None:
        legs = [{**LEG, "stop": POINTS}, {**LEG, "right": "PE", "stop": POINTS}]
        assert fields(legs=legs, risk={"move_stop_to_cost": True}) == []

    @pytest.mark.parametrize("rule", ["stop", "target"])
    def test_a_stop_or_a_target_of_a_leg_can_close_all(self, rule: str) -> None:
        assert fields(legs=[{**LEG, rule: POINTS}], risk={"square_off": "all"}) == []


class TestMoments:
    def re_entry(self, not_after: str, **schedule: Any) -> list[str]:
        leg = {**LEG, "stop": POINTS, "re_entry_on_stop": {**AGAIN, "not_after": not_after}}
        return fields(legs=[leg], schedule={**SCHEDULE, **schedule}, product="NRML")

    def breakout(self, until: str, **schedule: Any) -> list[str]:
        conditions = {"range_breakout": {"until": until, "side": "high"}}
        return fields(conditions=conditions, schedule={**SCHEDULE, **schedule}, product="NRML")

    def test_a_re_entry_ends_after_the_entry_and_by_the_exit(self) -> None:
        refused = ["legs[1].re_entry_on_stop.not_after"]
        assert [self.re_entry(moment) for moment in ("09:20", "09:21", "15:15", "15:16")] == [refused, [], [], refused]

    def test_a_range_ends_between_entry_and_exit(self) -> None:
        refused = ["conditions.range_breakout.until"]
        assert [self.breakout(moment) for moment in ("09:20", "09:21", "15:14", "15:15")] == [refused, [], [], refused]

    def test_each_days_own_times_count(self) -> None:
        days = [{"weekday": "MON", "entry": "12:00", "exit": "13:00"}]
        assert self.breakout("12:30", days=days) == []
        assert self.breakout("12:30", days=days, weekdays=["MON", "TUE"]) == []
        assert self.breakout("10:30", days=days, weekdays=["MON", "TUE"]) == ["conditions.range_breakout.until"]
        assert self.re_entry("10:30", days=days) == ["legs[1].re_entry_on_stop.not_after"]
        assert self.breakout("10:30", days=days, special_sessions=True) == ["conditions.range_breakout.until"]

    def test_over_night_only_the_entry_is_on_the_day_of_the_range(self) -> None:
        over_night = {"entry": "15:00", "exit": "09:30", "holding": {"kind": "next_day"}}
        assert self.breakout("15:10", **over_night) == []
        assert self.breakout("14:50", **over_night) == ["conditions.range_breakout.until"]
        assert self.re_entry("15:10", **over_night) == self.re_entry("10:00", **over_night) == []


class TestOrders:
    def test_limit_orders_may_have_a_buffer_and_a_chase(self) -> None:
        chase = {"every_seconds": 3, "step": POINTS, "give_up_after_seconds": 9}
        assert fields(orders={"style": "limit", "buffer": POINTS, "chase": chase}) == []


class TestOpenRun:
    TICK = Tick.parse("2026-11-23T11:00+05:30")

    def schedule(self, leave: str = "15:15", **changes: Any) -> Schedule:
        return Schedule.model_validate({**SCHEDULE, "exit": leave, **changes})

    def test_an_exit_that_is_still_to_come_may_be_moved(self) -> None:
        assert problem_with_open_run(self.schedule("11:01"), self.TICK, "MON") is None

    @pytest.mark.parametrize(
        "changes",
        [{"leave": "11:00"}, {"leave": "10:00"}, {"weekdays": ["TUE"]}, {"weekdays": [], "special_sessions": True}],
    )
    def test_the_exit_of_an_open_run_stays(self, changes: Any) -> None:
        assert problem_with_open_run(self.schedule(**changes), self.TICK, "MON") == (
            "schedule: today's run is still open and would lose its exit; "
            "keep MON and an exit after 11:00 until it is flat"
        )

    def test_todays_own_times_are_what_counts(self) -> None:
        days = [{"weekday": "MON", "entry": "09:20", "exit": "11:00"}]
        assert problem_with_open_run(self.schedule(days=days), self.TICK, "MON") is not None
        days = [{"weekday": "MON", "entry": "09:20", "exit": "11:30"}]
        assert problem_with_open_run(self.schedule("10:00", days=days), self.TICK, "MON") is None

    def test_in_a_special_session_the_weekday_does_not_keep_the_exit(self) -> None:
        assert problem_with_open_run(self.schedule(), self.TICK, SPECIAL) is not None
        assert problem_with_open_run(self.schedule(special_sessions=True), self.TICK, SPECIAL) is None

    def test_without_a_session_there_is_no_exit_to_keep_and_the_run_must_be_flat_first(self) -> None:
        said = problem_with_open_run(self.schedule(special_sessions=True), self.TICK, None)
        assert said is not None
        assert said.endswith("today has no session any more; change it when the run is flat")
