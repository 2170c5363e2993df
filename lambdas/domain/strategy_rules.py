"""What makes a strategy unusable for its user here and now.

Every function gives all problems that it finds, each as `field: what is wrong; what to do`. Legs are counted
from 1.
"""

from collections.abc import Collection
from datetime import time
from decimal import Decimal

from lambdas.domain.contradictions import contradictions
from lambdas.domain.moments import Tick
from lambdas.domain.rounding import in_words, lots_of_legs
from lambdas.domain.strategy import Schedule, StrategyDefinition


def problems_of(
    definition: StrategyDefinition,
    *,
    linked_accounts: Collection[str],
    max_lots_per_leg: int,
    hours: tuple[time, time] | None,
    basket_multiplier: Decimal = Decimal(1),
) -> list[str]:
    """Every reason why this strategy cannot be saved.

    `hours` are open and close of an ordinary day (IST); None where the session never closes. A disabled strategy
    may name accounts that are not linked: it must stay possible to switch off what lost its account.
    """
    problems = contradictions(definition)
    for field, account_id in dict.fromkeys(_named_accounts(definition)):
        if definition.enabled and account_id not in linked_accounts:
            linked = ", ".join(sorted(linked_accounts)) or "none yet"
            problems.append(f"{field}: account {account_id!r} is not linked; link it first (linked: {linked})")
    problems += problems_of_lots(definition, basket_multiplier, max_lots_per_leg)
    return problems + (_outside(definition.schedule, *hours) if hours else [])


def problems_of_lots(definition: StrategyDefinition, basket_multiplier: Decimal, limit: int) -> list[str]:
    """Legs that trade more lots than allowed, or none, after all multipliers."""
    problems: list[str] = []
    for leg in lots_of_legs(definition, basket_multiplier):
        asked = definition.legs[leg.number - 1].lots
        if leg.lots > limit:
            times = f" ({asked} times the multipliers)" if leg.lots != asked else ""
            problems.append(f"legs[{leg.number}].lots: {leg.lots}{times} is above the limit of {limit}; lower it")
        if leg.lots == 0:
            exact = in_words(leg.exact)
            problems.append(
                f"legs[{leg.number}].lots: {asked} times the multipliers is {exact}, no whole lot; raise it"
            )
    return problems


def problem_with_open_run(schedule: Schedule, tick: Tick, due_day: str | None) -> str | None:
    """Why a schedule must not be saved at `tick` while a run of today is open: it would take its exit away."""
    if due_day in schedule.due_days and schedule.times_on(due_day)[1] > tick.hhmm:
        return None
    if due_day is None:
        return "schedule: today's run is still open, but today has no session any more; change it when the run is flat"
    return (
        f"schedule: today's run is still open and would lose its exit; keep {due_day} and an exit after "
        f"{tick.hhmm} until it is flat"
    )


def _outside(schedule: Schedule, opens: time, closes: time) -> list[str]:
    """Times at which an ordinary day has no session. A special session has its own hours, known when it is near."""
    problems = []
    own = {times.weekday for times in schedule.days}
    moments = [("schedule", schedule.entry, schedule.exit)] if {*schedule.weekdays} - own else []
    moments += [(f"schedule.days[{n}]", times.entry, times.exit) for n, times in enumerate(schedule.days, 1)]
    for field, entry, leave in moments:
        for word, hhmm in (("entry", entry), ("exit", leave)):
            if not f"{opens:%H:%M}" <= hhmm < f"{closes:%H:%M}":
                problems.append(
                    f"{field}.{word}: {hhmm} is outside the session; choose from {opens:%H:%M} to before {closes:%H:%M}"
                )
    return problems


def _named_accounts(definition: StrategyDefinition) -> list[tuple[str, str]]:
    named = [("allocation", share.account_id) for share in definition.allocation]
    for number, leg in enumerate(definition.legs, 1):
        named += [(f"legs[{number}].allocation", share.account_id) for share in leg.allocation]
    return named
