"""Choosing an expiry among those that are listed."""

from collections.abc import Sequence
from datetime import date

from lambdas.domain.expiry_rules import ExpiryRule


def choose_expiry(rule: ExpiryRule, listed: Sequence[date], day: date) -> date:
    """The listed expiry that a rule means on a trading day.

    `listed` are the expiries of the leg's kind of contract (options and futures have their own). Raises
    ValueError saying what is missing.
    """
    coming = sorted({expiry for expiry in listed if expiry >= day})
    if not coming:
        raise ValueError(f"no listed expiry on or after {day}: is the instrument master of that day loaded?")
    if rule.kind == "days_to_expiry":
        coming = [expiry for expiry in coming if (expiry - day).days >= (rule.days or 0)]
    elif rule.kind in ("current_month", "next_month"):
        coming = last_of_months(coming)
    position = 1 if rule.kind in ("next_week", "next_month") else 0
    if position >= len(coming):
        raise ValueError(f"no {describe(rule)} is listed: the last one is {max(listed)}")
    return coming[position]


def last_of_months(expiries: Sequence[date]) -> list[date]:
    """The monthly expiries: the last listed one of each month, in order."""
    last: dict[tuple[int, int], date] = {}
    for expiry in sorted(expiries):
        last[expiry.year, expiry.month] = expiry
    return list(last.values())


def describe(rule: ExpiryRule) -> str:
    """The rule in words: `next_month expiry`, `expiry at least 7 days away`."""
    return f"expiry at least {rule.days} days away" if rule.kind == "days_to_expiry" else f"{rule.kind} expiry"
