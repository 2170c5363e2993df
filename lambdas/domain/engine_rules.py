"""Which rules of the model the engine does not carry out yet.

A strategy that uses one can be written, checked, previewed and kept, but not enabled: a stop that nobody
watches is worse than none.
"""

from collections.abc import Iterator

from lambdas.domain.risk_rules import Conditions, OverallRisk
from lambdas.domain.strategy import Leg, StrategyDefinition

RULES_OF_A_LEG = ("stop", "target", "trail", "re_entry_on_stop", "re_entry_on_target", "wait_and_trade")


def not_carried_out(definition: StrategyDefinition) -> list[str]:
    """The rules in use that nothing acts on, each by its field and name."""
    legs = [f"legs[{number}].{rule}" for number, leg in enumerate(definition.legs, 1) for rule in _of_leg(leg)]
    return [*legs, *_of_strategy(definition)]


def problems_of_enabling(definition: StrategyDefinition) -> list[str]:
    """Why this strategy cannot be enabled; nothing when all its rules are carried out."""
    return [
        f"{rule}: is kept, but not carried out yet; take it away, or save the strategy disabled"
        for rule in not_carried_out(definition)
    ]


def _of_leg(leg: Leg) -> Iterator[str]:
    for rule in RULES_OF_A_LEG:
        if getattr(leg, rule) is not None:
            yield rule


def _of_strategy(definition: StrategyDefinition) -> Iterator[str]:
    if definition.schedule.holding.kind != "intraday":
        yield f"schedule.holding ({definition.schedule.holding.kind})"
    yield from _of_risk(definition.risk)
    yield from _of_conditions(definition.conditions)


def _of_risk(risk: OverallRisk) -> Iterator[str]:
    for rule in ("stop", "target", "trail", "profit_lock"):
        if getattr(risk, rule) is not None:
            yield f"risk.{rule}"
    if risk.move_stop_to_cost:
        yield "risk.move_stop_to_cost"
    if risk.square_off != "leg":
        yield f"risk.square_off ({risk.square_off})"
    if risk.accounts:
        yield "risk.accounts"


def _of_conditions(conditions: Conditions) -> Iterator[str]:
    if conditions.range_breakout is not None:
        yield "conditions.range_breakout"
    if conditions.vix is not None:
        yield "conditions.vix"
    if conditions.evaluate_on != "tick":
        yield f"conditions.evaluate_on ({conditions.evaluate_on})"
