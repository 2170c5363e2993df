"""What makes a strategy unusable for its user here and now, beyond its own shape."""

from collections.abc import Collection
from datetime import time

from lambdas.domain.moments import Tick
from lambdas.domain.strategy import Schedule, StrategyDefinition

WEEKEND = frozenset({"SAT", "SUN"})


def problems_of(
    definition: StrategyDefinition,
    *,
    linked_accounts: Collection[str],
    max_lots_per_leg: int,
    hours: tuple[time, time] | None,
) -> list[str]:
    """Every reason why this strategy cannot be saved, each naming its field and what to do.

    `hours` are open and close of an ordinary day (IST); None where the session never closes. A disabled strategy
    may name accounts that are not linked: it must stay possible to switch off what lost its account.
    """
    problems: list[str] = []
    for field, account_id in _named_accounts(definition):
        if definition.enabled and account_id not in linked_accounts:
            linked = ", ".join(sorted(linked_accounts)) or "none yet"
            problems.append(f"{field}: account {account_id!r} is not linked; link it first (linked: {linked})")
    for number, leg in enumerate(definition.legs, 1):
        if leg.lots > max_lots_per_leg:
            problems.append(f"legs[{number}].lots: {leg.lots} is above the limit of {max_lots_per_leg} lots a leg")
    return problems + (_outside(definition.schedule, *hours) if hours else [])


def _outside(schedule: Schedule, opens: time, closes: time) -> list[str]:
    weekend = [day for day in schedule.weekdays if day in WEEKEND]
    problems = [f"schedule.weekdays: {', '.join(weekend)} is no trading weekday"] if weekend else []
    for field, hhmm in (("entry", schedule.entry), ("exit", schedule.exit)):
        if not f"{opens:%H:%M}" <= hhmm < f"{closes:%H:%M}":
            problems.append(
                f"schedule.{field}: {hhmm} is outside the session; choose from {opens:%H:%M} to before {closes:%H:%M}"
            )
    return problems


def problem_with_open_run(schedule: Schedule, tick: Tick) -> str | None:
    """Why a schedule must not be saved at `tick` while a run of today is open: it would take its exit away."""
    if tick.weekday in schedule.weekdays and schedule.exit > tick.hhmm:
        return None
    return (
        f"schedule: today's run is still open and would lose its exit; keep {tick.weekday} and an exit after "
        f"{tick.hhmm} until it is flat"
    )


def _named_accounts(definition: StrategyDefinition) -> list[tuple[str, str]]:
    named = [("allocation", share.account_id) for share in definition.allocation]
    for number, leg in enumerate(definition.legs, 1):
        named += [(f"legs[{number}].allocation", share.account_id) for share in leg.allocation]
    return named
