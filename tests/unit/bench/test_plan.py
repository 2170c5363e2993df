from datetime import datetime, timedelta

import pytest

from bench.plan import Plan, first_minute, start_after
from lambdas.domain.moments import IST, Tick
from lambdas.domain.strategy import StrategyDefinition

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=IST)


def test_every_minute_has_orders_and_each_strategy_leaves_a_minute_after_it_entered() -> None:
    plan = Plan.beginning(Tick(NOON), 4)
    times = [(d["schedule"]["entry"], d["schedule"]["exit"]) for _, d in plan.strategies()]
    assert times == [("12:00", "12:01"), ("12:01", "12:02"), ("12:02", "12:03")]
    assert plan.orders == 24


def test_the_strategies_are_ones_that_can_be_saved() -> None:
    for _, definition in Plan.beginning(Tick(NOON), 3).strategies():
        StrategyDefinition.model_validate(definition)


def test_the_first_minute_leaves_time_to_store_before_its_lead() -> None:
    lead = timedelta(seconds=15)
    first = first_minute(NOON, lead, 60)
    assert first.instant - lead - NOON >= timedelta(seconds=50)


@pytest.mark.parametrize(
    ("now", "later"),
    [
        ("12:00:00", None),
        ("23:40:00", "2026-11-24 00:00:05"),
        ("23:30:00", None),
        ("05:50:00", "2026-11-23 06:00:05"),
        ("06:00:00", None),
        ("00:00:05", None),
    ],
)
def test_no_cut_of_the_day_falls_into_a_run_of_20_minutes(now: str, later: str | None) -> None:
    found = start_after(datetime.fromisoformat(f"2026-11-23T{now}+05:30"), 20)
    assert found == (None if later is None else datetime.fromisoformat(f"{later}+05:30"))
