"""What the rules of one leg say to each other and to its strategy."""

from collections.abc import Iterator
from decimal import Decimal

from lambdas.domain.contracts import Right, Side
from lambdas.domain.expiry_calendar import MONTHLY_EXPIRY_WEEKDAY, WEEKLY_EXPIRY_WEEKDAY
from lambdas.domain.moments import WEEKDAYS
from lambdas.domain.strategy import Leg, Schedule, StrategyDefinition
from lambdas.domain.values import HHMM

WHOLE = Decimal(100)


def contradictions_of_leg(leg: Leg, definition: StrategyDefinition) -> Iterator[str]:
    """Problems that begin with the field after `legs[n]`."""
    yield from _of_contract(leg, definition.underlying)
    if leg.trail and not leg.stop:
        yield ".trail: a trail moves a stop; give the leg a stop, or take the trail away"
    if leg.trail and leg.stop and leg.stop.of == "underlying":
        yield ".trail: it follows the premium, but the stop is of the underlying; choose a stop of the premium"
    if leg.re_entry_on_stop and not leg.stop:
        yield ".re_entry_on_stop: the leg has no stop; give it one, or take the re-entry away"
    if leg.re_entry_on_target and not leg.target:
        yield ".re_entry_on_target: the leg has no target; give it one, or take the re-entry away"
    yield from _of_falls(leg)
    for field, again in (("re_entry_on_stop", leg.re_entry_on_stop), ("re_entry_on_target", leg.re_entry_on_target)):
        if again and again.not_after and definition.schedule.leaves_the_same_day:
            yield from problems_of_moment(f".{field}.not_after", again.not_after, definition.schedule, at_exit=True)


def _of_falls(leg: Leg) -> Iterator[str]:
    """Percentages by which nothing can fall."""
    for field, rule in (("stop", leg.stop), ("target", leg.target)):
        if rule and rule.unit == "percent" and rule.value >= WHOLE:
            gains_from_a_fall = (leg.side is Side.SELL) != (rule.of == "underlying" and leg.right is Right.PE)
            if gains_from_a_fall == (field == "target"):
                yield f".{field}.value: the {rule.of} cannot fall by {rule.value} %; choose less than 100"
    wait = leg.wait_and_trade
    if wait and wait.unit == "percent" and wait.direction == "down" and wait.value >= WHOLE:
        yield f".wait_and_trade.value: the premium cannot fall by {wait.value} %; choose less than 100"


def problems_of_moment(field: str, hhmm: HHMM, schedule: Schedule, *, at_exit: bool) -> Iterator[str]:
    """A moment that is not between entry and exit on one of the days; a longer holding has its exit on another day."""
    same_day = schedule.leaves_the_same_day
    for entry, leave in dict.fromkeys(schedule.times_on(due_day) for due_day in schedule.due_days or ("",)):
        if hhmm <= entry or (same_day and (hhmm > leave or (hhmm == leave and not at_exit))):
            where = f"between entry {entry} and exit {leave}" if same_day else f"after entry {entry}"
            yield f"{field}: {hhmm} is not {where}; choose such a time"


def _of_contract(leg: Leg, underlying: str) -> Iterator[str]:
    weekly = underlying in WEEKLY_EXPIRY_WEEKDAY
    if leg.right is Right.FUT and leg.strike is not None:
        yield ".strike: a future has no strike; take the rule away"
    if leg.expiry.kind in ("current_week", "next_week"):
        if leg.right is Right.FUT:
            yield f".expiry.kind: futures have monthly expiries only, not {leg.expiry.kind}; choose current_month"
        elif not weekly:
            yield f".expiry.kind: {underlying} has no weekly options; choose nearest, current_month or next_month"
    expires_on = WEEKDAYS[MONTHLY_EXPIRY_WEEKDAY[underlying]]
    if leg.expiry.weekday is not None and leg.expiry.weekday != expires_on:
        expected = leg.expiry.weekday
        yield f".expiry.weekday: {underlying} contracts expire on {expires_on}, not on {expected}; choose {expires_on}"
