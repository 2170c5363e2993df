"""A definition keeps what the trader wrote, and knows its days, its times and its lots."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from lambdas.domain.contracts import Right, Side
from lambdas.domain.strategy import MAX_ACCOUNTS, MAX_LEGS, Schedule, StrategyDefinition
from lambdas.domain.trading_calendar import SPECIAL
from tests.doubles.examples import a_definition, a_strategy, otm

LEG = {"right": "CE", "side": "SELL", "lots": 2}
SCHEDULE = {"weekdays": ["MON"], "entry": "09:20", "exit": "15:15"}
STRIKES: list[dict[str, Any]] = [
    {"by": "moneyness"},
    otm(1),
    {"by": "moneyness", "moneyness": "ITM", "steps": 100},
    {"by": "strike", "strike": "24550.50"},
    {"by": "percent_of_atm", "percent": "-2.5"},
    {"by": "closest_premium", "premium": "0.05"},
    {"by": "premium_at_least", "premium": 100},
    {"by": "premium_at_most", "premium": 100000},
    {"by": "premium_range", "low": 80, "high": "80.01"},
    {"by": "percent_of_straddle_premium", "percent": 50},
    {"by": "straddle_width", "times": "-1.25"},
    {"by": "delta", "delta": "0.3"},
]


def test_a_definition_survives_json() -> None:
    definition = a_definition(legs=[{**LEG, "strike": rule} for rule in STRIKES[:MAX_LEGS]], multiplier="0.3333")
    assert StrategyDefinition.model_validate_json(definition.model_dump_json()) == definition
    assert StrategyDefinition.model_validate(definition.model_dump(mode="json")) == definition
    assert StrategyDefinition.model_validate(definition.model_dump(mode="json", exclude_none=True)) == definition


@pytest.mark.parametrize("rule", STRIKES, ids=[f"{number}-{rule['by']}" for number, rule in enumerate(STRIKES)])
def test_every_strike_rule_is_read_as_its_own_kind(rule: dict[str, Any]) -> None:
    (leg,) = a_definition(legs=[{**LEG, "strike": rule}]).legs
    assert leg.strike is not None
    assert leg.strike.by == rule["by"]


def test_a_definition_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        a_definition().enabled = False  # type: ignore[misc]


def test_what_is_not_said_is_the_plain_intraday_strategy() -> None:
    definition = a_definition()
    assert (definition.product, definition.mode, definition.enabled) == ("MIS", "live", True)
    assert definition.multiplier == 1
    assert definition.basket_id is None
    assert definition.schedule.holding.kind == "intraday"
    assert (definition.legs[0].expiry.kind, definition.legs[0].strike) == ("nearest", None)
    assert (definition.orders.style, definition.orders.hedges_first) == ("protected", True)


def test_calls_puts_and_futures_are_bought_and_sold() -> None:
    legs = [{"right": right, "side": side, "lots": 1} for right in Right for side in Side]
    definition = a_definition(legs=legs)
    assert [(leg.right, leg.side) for leg in definition.legs] == [(right, side) for right in Right for side in Side]


def test_ten_legs_and_twenty_accounts_fit_and_no_more() -> None:
    accounts = [{"account_id": f"account-{number}"} for number in range(MAX_ACCOUNTS + 1)]
    assert len(a_definition(legs=[LEG] * MAX_LEGS, allocation=accounts[:-1]).legs) == 10
    with pytest.raises(ValidationError, match="at most 10"):
        a_definition(legs=[LEG] * (MAX_LEGS + 1))
    with pytest.raises(ValidationError, match="at most 20"):
        a_definition(allocation=accounts)


def test_a_multiplier_keeps_its_decimals_exactly() -> None:
    for written in ("0.3333", 0.3333, Decimal("0.3333")):
        assert a_definition(multiplier=written).multiplier == Decimal("0.3333")


def test_the_default_allocation_divides_by_weight_and_a_legs_own_wins() -> None:
    definition = a_definition(
        allocation=[{"account_id": "aa", "weight": 2}, {"account_id": "bb"}, {"account_id": "cc"}],
        legs=[LEG, {**LEG, "allocation": [{"account_id": "dd", "lots": 2}]}],
    )
    assert definition.lots_by_account(definition.legs[0]) == {"aa": 1, "bb": 1}
    assert definition.lots_by_account(definition.legs[1]) == {"dd": 2}
    assert definition.account_ids() == {"aa", "bb", "cc", "dd"}


def test_both_multipliers_are_applied_to_a_default_and_to_a_legs_own_allocation() -> None:
    own = [{"account_id": "aa", "lots": 1}, {"account_id": "bb", "lots": 2}]
    definition = a_definition(
        multiplier="1.5",
        allocation=[{"account_id": "aa"}, {"account_id": "bb", "weight": 3}],
        legs=[{**LEG, "lots": 4}, {**LEG, "lots": 3, "allocation": own}],
    )
    first, second = definition.legs
    assert definition.shares_of(first, Decimal("0.5")) == {"aa": Fraction(3, 4), "bb": Fraction(9, 4)}
    assert definition.shares_of(second, Decimal("0.5")) == {"aa": Fraction(3, 4), "bb": Fraction(3, 2)}
    assert definition.lots_by_account(first, Decimal(2)) == {"aa": 3, "bb": 9}
    assert definition.lots_by_account(second, Decimal(2)) == {"aa": 3, "bb": 6}


def test_an_account_without_a_lot_does_not_trade() -> None:
    accounts = [{"account_id": "aa", "weight": 9}, {"account_id": "bb"}]
    definition = a_definition(allocation=accounts)
    assert definition.lots_by_account(definition.legs[0]) == {"aa": 2}


def test_a_strategy_has_one_run_a_day() -> None:
    assert a_strategy().run_id(date(2026, 11, 23)) == "spread-20261123"


class TestSchedule:
    def test_a_weekday_without_times_of_its_own_has_the_schedules(self) -> None:
        own = [{"weekday": "TUE", "entry": "10:00", "exit": "11:00"}]
        schedule = Schedule.model_validate({**SCHEDULE, "weekdays": ["MON", "TUE"], "days": own})
        assert schedule.times_on("MON") == ("09:20", "15:15")
        assert schedule.times_on("TUE") == ("10:00", "11:00")
        assert schedule.times_on(SPECIAL) == ("09:20", "15:15")

    def test_special_sessions_are_due_only_when_asked_for(self) -> None:
        assert Schedule.model_validate(SCHEDULE).due_days == ("MON",)
        assert Schedule.model_validate({**SCHEDULE, "special_sessions": True}).due_days == ("MON", SPECIAL)
        only = Schedule.model_validate({**SCHEDULE, "weekdays": [], "special_sessions": True})
        assert only.due_days == (SPECIAL,)
