"""What makes a strategy unusable for its user here and now, beyond its own shape."""

from collections.abc import Collection

from lambdas.domain.strategy import StrategyDefinition
from lambdas.domain.trading_calendar import SessionRule

WEEKEND = frozenset({"SAT", "SUN"})


def problems_of(
    definition: StrategyDefinition,
    *,
    linked_accounts: Collection[str],
    max_lots_per_leg: int,
    sessions: SessionRule,
) -> list[str]:
    """Every reason why this strategy cannot be saved, each naming its field and what to do."""
    problems: list[str] = []
    for field, account_id in _named_accounts(definition):
        if account_id not in linked_accounts:
            linked = ", ".join(sorted(linked_accounts)) or "none yet"
            problems.append(f"{field}: account {account_id!r} is not linked; link it first (linked: {linked})")
    for number, leg in enumerate(definition.legs, 1):
        if leg.lots > max_lots_per_leg:
            problems.append(f"legs[{number}].lots: {leg.lots} is above the limit of {max_lots_per_leg} lots a leg")
    weekend = [day for day in definition.schedule.weekdays if day in WEEKEND]
    if weekend and sessions is SessionRule.EXCHANGE:
        problems.append(
            f"schedule.weekdays: {', '.join(weekend)} is no trading weekday; special weekend sessions are "
            "traded through the calendar, not through the schedule"
        )
    return problems


def _named_accounts(definition: StrategyDefinition) -> list[tuple[str, str]]:
    named = [("allocation", share.account_id) for share in definition.allocation]
    for number, leg in enumerate(definition.legs, 1):
        named += [(f"legs[{number}].allocation", share.account_id) for share in leg.allocation]
    return named
