"""Every field of a strategy is either acted upon or named when it is used: none is kept in silence."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from lambdas.domain.basket import BasketDefinition
from lambdas.domain.engine_rules import not_carried_out, problems_of_enabling
from lambdas.domain.strategy import StrategyDefinition
from tests.doubles.examples import a_definition, otm

ROOT = Path(__file__).parents[3]
LEG: dict[str, Any] = {"right": "CE", "side": "SELL", "lots": 2}
SCHEDULE: dict[str, Any] = {"weekdays": ["MON"], "entry": "09:20", "exit": "15:15"}

CARRIED_OUT = {
    "name": "use_cases.miss_entry",
    "underlying": "use_cases.read_market",
    "product": "domain.planning",
    "mode": "domain.on_paper",
    "enabled": "domain.due",
    "basket_id": "use_cases.prepare_runs",
    "multiplier": "domain.strategy",
    "schedule.weekdays": "domain.strategy",
    "schedule.special_sessions": "domain.strategy",
    "schedule.entry": "domain.strategy",
    "schedule.exit": "domain.strategy",
    "schedule.days.weekday": "domain.strategy",
    "schedule.days.entry": "domain.strategy",
    "schedule.days.exit": "domain.strategy",
    "allocation.account_id": "domain.strategy",
    "allocation.weight": "domain.strategy",
    "legs.right": "domain.resolving",
    "legs.side": "domain.planning",
    "legs.lots": "domain.strategy",
    "legs.expiry.kind": "domain.expiries",
    "legs.expiry.days": "domain.expiries",
    "legs.expiry.weekday": "domain.strategy_rules",
    "legs.strike<ByMoneyness>.moneyness": "domain.strikes",
    "legs.strike<ByMoneyness>.steps": "domain.strikes",
    "legs.strike<ByStrike>.strike": "domain.strikes",
    "legs.strike<ByPercentOfAtm>.percent": "domain.strikes",
    "legs.strike<ByPremium>.by": "domain.strikes",
    "legs.strike<ByPremium>.premium": "domain.strikes",
    "legs.strike<ByPremiumRange>.low": "domain.strikes",
    "legs.strike<ByPremiumRange>.high": "domain.strikes",
    "legs.strike<ByStraddlePremium>.percent": "domain.strikes",
    "legs.strike<ByStraddleWidth>.times": "domain.strikes",
    "legs.strike<ByDelta>.delta": "domain.strikes",
    "legs.allocation.account_id": "domain.strategy",
    "legs.allocation.lots": "domain.strategy",
    "orders.style": "domain.limit_price",
    "orders.buffer.unit": "domain.limit_price",
    "orders.buffer.value": "domain.limit_price",
    "orders.chase.every_seconds": "domain.chasing",
    "orders.chase.step.unit": "domain.limit_price",
    "orders.chase.step.value": "domain.limit_price",
    "orders.chase.give_up_after_seconds": "domain.chasing",
    "orders.hedges_first": "use_cases.send_orders",
    "orders.hedges_of": "domain.leaning",
    "policies.on_refusal": "domain.mending",
    "policies.on_partial_fill": "domain.mending",
    "policies.on_broker_failure": "domain.mending",
}
"""The fields that something acts on, each with the module of `lambdas` that reads it."""

OF_A_BASKET = {
    "name": "use_cases.keep_baskets",
    "enabled": "use_cases.prepare_runs",
    "multiplier": "use_cases.prepare_runs",
    "capital": "use_cases.preview_strategy",
}


def a_leg(**changes: Any) -> dict[str, Any]:
    return {"legs": [LEG, {**LEG, "right": "PE", **changes}]}


def held(kind: str, **days: int) -> dict[str, Any]:
    return {"schedule": {**SCHEDULE, "holding": {"kind": kind, **days}}, "product": "NRML"}


MOVE = {"unit": "points", "value": 20}
OF_UNDERLYING = {**MOVE, "of": "underlying"}
AGAIN = {"how": "at_cost", "count": 2, "not_after": "14:00"}
AROUND = held("around_expiry", entry_days_before=3, exit_days_before=1)
LOCK = {"risk": {"profit_lock": {"reach": 2000, "keep": 500}}}
OVERALL_TRAIL = {"risk": {"trail": {"every": 500, "by": 250}}}
OF_ACCOUNT = {"risk": {"accounts": [{"account_id": "zerodha-one", "stop": 500, "target": 900}]}}
BREAKOUT = {"conditions": {"range_breakout": {"until": "10:00", "side": "high", "of": "premium"}}}
VIX = {"conditions": {"vix": {"low": 12, "high": 20}}}

NOT_CARRIED_OUT: dict[str, dict[str, Any]] = {
    "schedule.holding.kind": held("next_day"),
    "schedule.holding.entry_days_before": AROUND,
    "schedule.holding.exit_days_before": AROUND,
    **{
        f"legs.{rule}.{field}": a_leg(**{rule: OF_UNDERLYING})
        for rule in ("stop", "target")
        for field in ("unit", "value", "of")
    },
    **{
        f"legs.trail.{field}": a_leg(trail={"unit": "points", "every": 5, "by": 5}) for field in ("unit", "every", "by")
    },
    **{
        f"legs.{rule}.{field}": a_leg(**{rule: AGAIN})
        for rule in ("re_entry_on_stop", "re_entry_on_target")
        for field in ("how", "count", "not_after")
    },
    **{
        f"legs.wait_and_trade.{field}": a_leg(wait_and_trade={**MOVE, "direction": "up"})
        for field in ("unit", "value", "direction")
    },
    "risk.stop": {"risk": {"stop": 5000}},
    "risk.target": {"risk": {"target": 5000}},
    "risk.trail.every": OVERALL_TRAIL,
    "risk.trail.by": OVERALL_TRAIL,
    "risk.profit_lock.reach": LOCK,
    "risk.profit_lock.keep": LOCK,
    "risk.move_stop_to_cost": {"risk": {"move_stop_to_cost": True}},
    "risk.square_off": {"risk": {"square_off": "all"}},
    "risk.accounts.account_id": OF_ACCOUNT,
    "risk.accounts.stop": OF_ACCOUNT,
    "risk.accounts.target": OF_ACCOUNT,
    "conditions.range_breakout.until": BREAKOUT,
    "conditions.range_breakout.side": BREAKOUT,
    "conditions.range_breakout.of": BREAKOUT,
    "conditions.vix.low": VIX,
    "conditions.vix.high": VIX,
    "conditions.evaluate_on": {"conditions": {"evaluate_on": "candle_close"}},
}
"""The fields that nothing acts on yet, each with a change that uses it."""

EVERYTHING_CARRIED_OUT: dict[str, Any] = {
    "name": "All of it",
    "product": "NRML",
    "mode": "paper",
    "enabled": False,
    "basket_id": "expiry-day",
    "multiplier": "1.5",
    "schedule": {
        **SCHEDULE,
        "special_sessions": True,
        "days": [{"weekday": "MON", "entry": "10:00", "exit": "11:00"}],
    },
    "allocation": [{"account_id": "zerodha-one", "weight": 2}, {"account_id": "angel-one"}],
    "legs": [
        {**LEG, "expiry": {"kind": "days_to_expiry", "days": 7, "weekday": "TUE"}, "strike": otm(1)},
        {**LEG, "strike": {"by": "strike", "strike": 24500}, "allocation": [{"account_id": "angel-one", "lots": 2}]},
        {**LEG, "strike": {"by": "percent_of_atm", "percent": -2}},
        {**LEG, "strike": {"by": "closest_premium", "premium": 50}},
        {**LEG, "strike": {"by": "premium_range", "low": 50, "high": 80}},
        {**LEG, "strike": {"by": "percent_of_straddle_premium", "percent": 40}},
        {**LEG, "strike": {"by": "straddle_width", "times": 1}},
        {**LEG, "strike": {"by": "delta", "delta": "0.3"}},
        {"right": "FUT", "side": "BUY", "lots": 1, "expiry": {"kind": "next_month"}},
    ],
    "orders": {
        "style": "limit",
        "buffer": {"unit": "percent", "value": 2},
        "chase": {"every_seconds": 3, "step": {"unit": "points", "value": "0.5"}, "give_up_after_seconds": 9},
        "hedges_first": False,
    },
    "policies": {"on_refusal": "retry_then_square_off", "on_partial_fill": "unwind", "on_broker_failure": "keep"},
}


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """The models that a field may hold, through lists, unions and annotations."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) is Literal:
        return []
    return [model for part in get_args(annotation) if part is not NoneType for model in models_in(part)]


def fields_of(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, str, list[type[BaseModel]]]]:
    """Path, name and models of each field that can say something; the tag of a union says what its models say."""
    for name, field in model.model_fields.items():
        is_tag = get_origin(field.annotation) is Literal and len(get_args(field.annotation)) == 1
        if not is_tag:
            yield f"{path}{name}", name, models_in(field.annotation)


def inside(path: str, models: list[type[BaseModel]], model: type[BaseModel]) -> str:
    """The path to the fields of one of the models that a field may hold."""
    return f"{path}<{model.__name__}>." if len(models) > 1 else f"{path}."


def leaves(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """Every field that holds no further model."""
    for here, _, models in fields_of(model, path):
        if not models:
            yield here
        for one in models:
            yield from leaves(one, inside(here, models, one))


def used(value: BaseModel, path: str = "") -> Iterator[str]:
    """Every leaf that a value gives another meaning than its default."""
    for here, name, models in fields_of(type(value), path):
        held, field = getattr(value, name), type(value).model_fields[name]
        if not models and (field.is_required() or held != field.get_default()):
            yield here
        for one in held if isinstance(held, tuple) else (held,):
            if isinstance(one, BaseModel):
                yield from used(one, inside(here, models, type(one)))


def test_every_field_is_in_exactly_one_of_the_two_lists() -> None:
    found = list(leaves(StrategyDefinition))
    assert len(set(found)) == len(found)
    assert set(CARRIED_OUT) & set(NOT_CARRIED_OUT) == set()
    assert set(CARRIED_OUT) | set(NOT_CARRIED_OUT) == set(found)


def test_every_field_of_a_basket_is_acted_upon() -> None:
    assert list(leaves(BasketDefinition)) == list(OF_A_BASKET)


def test_a_field_that_is_new_anywhere_in_the_model_is_found() -> None:
    class OneStop(BaseModel):
        value: int
        fresh: int = 0

    class OneLeg(BaseModel):
        stop: OneStop | None = None
        legs: "tuple[OneStop | LegPremium, ...]" = ()

    class LegPremium(BaseModel):
        kind: Literal["only"] = "only"
        many: Literal["a", "b"] = "a"

    OneLeg.model_rebuild(_types_namespace={"OneStop": OneStop, "LegPremium": LegPremium})
    assert list(leaves(OneLeg)) == [
        "stop.value",
        "stop.fresh",
        "legs<OneStop>.value",
        "legs<OneStop>.fresh",
        "legs<LegPremium>.many",
    ]


@pytest.mark.parametrize(("field", "reader"), [*CARRIED_OUT.items(), *OF_A_BASKET.items()])
def test_what_is_carried_out_is_read_by_the_module_that_is_named(field: str, reader: str) -> None:
    module = ROOT / "lambdas" / f"{reader.replace('.', '/')}.py"
    name = field.rsplit(".", 1)[-1]
    assert re.search(rf"(\.{name}\b)|(\b{name}=)", module.read_text("utf-8")), f"{module} does not read {name}"


def test_what_is_carried_out_can_be_used_without_a_word() -> None:
    everything = a_definition(**EVERYTHING_CARRIED_OUT)
    leaning = a_definition(orders={"hedges_of": "run"})
    for definition in (everything, leaning):
        assert not_carried_out(definition) == problems_of_enabling(definition) == []
    assert set(CARRIED_OUT) <= {*used(everything), *used(leaning)}


@pytest.mark.parametrize("field", NOT_CARRIED_OUT)
def test_what_is_not_carried_out_is_named_when_it_is_used(field: str) -> None:
    definition = a_definition(**NOT_CARRIED_OUT[field])
    assert field in set(used(definition)), f"the change does not use {field}"
    (named,) = not_carried_out(definition)
    rule = re.sub(r"\[\d+\]| \(.*\)$", "", named)
    assert field == rule or field.startswith(f"{rule}.")


def test_a_plain_strategy_uses_nothing_that_is_not_carried_out() -> None:
    assert set(used(a_definition())) <= set(CARRIED_OUT)
    assert not_carried_out(a_definition()) == []


def test_each_leg_is_named_and_counted_from_one() -> None:
    legs = [{**LEG, "stop": MOVE}, {**LEG, "right": "PE", "stop": MOVE, "target": MOVE}]
    assert not_carried_out(a_definition(legs=legs)) == ["legs[1].stop", "legs[2].stop", "legs[2].target"]


def test_enabling_says_what_to_do_about_each() -> None:
    assert problems_of_enabling(a_definition(risk={"square_off": "all", "move_stop_to_cost": True})) == [
        "risk.move_stop_to_cost: is kept, but not carried out yet; take it away, or save the strategy disabled",
        "risk.square_off (all): is kept, but not carried out yet; take it away, or save the strategy disabled",
    ]
