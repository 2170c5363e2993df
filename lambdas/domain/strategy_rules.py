"""What the fields of a strategy say to each other, and what makes it unusable for its user here and now.

Every function gives all problems that it finds, each as `field: what is wrong; what to do`. Legs are counted
from 1.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import time
from decimal import Decimal

from lambdas.domain.contracts import Right, Side
from lambdas.domain.expiry_calendar import MONTHLY_EXPIRY_WEEKDAY, WEEKLY_EXPIRY_WEEKDAY
from lambdas.domain.moments import WEEKDAYS, Tick
from lambdas.domain.rounding import in_words, lots_of_legs
from lambdas.domain.strategy import Leg, Schedule, StrategyDefinition
from lambdas.domain.strike_rules import AT_THE_MONEY
from lambdas.domain.values import HHMM

WHOLE = Decimal(100)


def contradictions(definition: StrategyDefinition) -> list[str]:
    """What can never be carried out as it is written, whoever the user is."""
    problems = [*_of_schedule(definition), *_of_allocation(definition)]
    for number, leg in enumerate(definition.legs, 1):
        problems += [f"legs[{number}]{problem}" for problem in _of_leg(leg, definition)]
    return [*problems, *_of_opposite_legs(definition), *_of_risk(definition), *_of_the_rest(definition)]


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


def _of_schedule(definition: StrategyDefinition) -> Iterator[str]:
    schedule = definition.schedule
    if not schedule.due_days:
        yield "schedule.weekdays: none is chosen; choose at least one, or special_sessions"
    if len(set(schedule.weekdays)) != len(schedule.weekdays):
        yield "schedule.weekdays: a weekday is named twice; name each once"
    named = [times.weekday for times in schedule.days]
    for number, weekday in enumerate(named, 1):
        if weekday not in schedule.weekdays:
            yield f"schedule.days[{number}].weekday: {weekday} is not among schedule.weekdays; add it there"
        if weekday in named[: number - 1]:
            yield f"schedule.days[{number}].weekday: {weekday} is named twice; name it once"
    yield from _of_holding(definition)


def _of_holding(definition: StrategyDefinition) -> Iterator[str]:
    schedule, holding = definition.schedule, definition.schedule.holding
    entered, left = holding.entry_days_before, holding.exit_days_before
    if holding.kind == "around_expiry":
        if entered is None or left is None:
            yield "schedule.holding: around_expiry needs entry_days_before and exit_days_before; give both"
        elif left > entered:
            yield (
                f"schedule.holding.exit_days_before: {left} days before the expiry is earlier than the entry, "
                f"{entered} days before; choose at most {entered}"
            )
    elif (entered, left) != (None, None):
        yield (
            f"schedule.holding: entry_days_before and exit_days_before belong to around_expiry, not {holding.kind}; "
            "choose it, or take them away"
        )
    if _leaves_the_same_day(schedule):
        yield from _of_times("schedule", schedule.entry, schedule.exit)
        for number, times in enumerate(schedule.days, 1):
            yield from _of_times(f"schedule.days[{number}]", times.entry, times.exit)
    elif definition.product == "MIS":
        yield f"product: brokers close MIS positions the same day; choose NRML to hold {holding.kind}"


def _leaves_the_same_day(schedule: Schedule) -> bool:
    holding = schedule.holding
    if holding.kind == "around_expiry":
        return holding.entry_days_before is not None and holding.entry_days_before == holding.exit_days_before
    return holding.kind == "intraday"


def _of_times(field: str, entry: HHMM, leave: HHMM) -> Iterator[str]:
    if leave <= entry:
        yield f"{field}.exit: {leave} must be later in the day than entry {entry}; choose a later exit"


def _of_allocation(definition: StrategyDefinition) -> Iterator[str]:
    yield from _repeated("allocation", [share.account_id for share in definition.allocation])
    for number, leg in enumerate(definition.legs, 1):
        if leg.allocation:
            field = f"legs[{number}].allocation"
            yield from _repeated(field, [share.account_id for share in leg.allocation])
            total = sum(share.lots for share in leg.allocation)
            if total != leg.lots:
                yield f"{field}: adds up to {total} lots, but the leg has {leg.lots}; make them equal"


def _repeated(field: str, accounts: Sequence[str]) -> Iterator[str]:
    for account in sorted(account for account, times in Counter(accounts).items() if times > 1):
        yield f"{field}: names the account {account} twice; name it once"


def _of_leg(leg: Leg, definition: StrategyDefinition) -> Iterator[str]:
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
        if again and again.not_after and _leaves_the_same_day(definition.schedule):
            yield from _of_moment(f".{field}.not_after", again.not_after, definition.schedule, at_exit=True)


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


def _of_moment(field: str, hhmm: HHMM, schedule: Schedule, *, at_exit: bool) -> Iterator[str]:
    """A moment that is not between entry and exit on one of the days; a longer holding has its exit on another day."""
    same_day = _leaves_the_same_day(schedule)
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


def _of_opposite_legs(definition: StrategyDefinition) -> Iterator[str]:
    contracts = [_contract(leg, definition.underlying) for leg in definition.legs]
    for number, leg in enumerate(definition.legs, 1):
        for earlier, other in enumerate(definition.legs[: number - 1], 1):
            if contracts[number - 1] == contracts[earlier - 1] and leg.side is not other.side:
                yield f"legs[{number}]: undoes legs[{earlier}], the same contract on the other side; take one away"


def _contract(leg: Leg, underlying: str) -> tuple[object, ...]:
    """What decides which contract a leg trades, alike for rules that always choose the same one."""
    expiry: object = (leg.expiry.kind, leg.expiry.days)
    first = "current_week" if underlying in WEEKLY_EXPIRY_WEEKDAY and leg.right is not Right.FUT else "current_month"
    if leg.expiry.kind in ("nearest", first) or leg.expiry.days == 0:
        expiry = "the first"
    return leg.right, expiry, None if leg.right is Right.FUT else leg.strike or AT_THE_MONEY


def _of_risk(definition: StrategyDefinition) -> Iterator[str]:
    risk, legs = definition.risk, definition.legs
    if risk.trail and not risk.stop:
        yield "risk.trail: a trail moves a stop; give the strategy a stop, or take the trail away"
    if risk.profit_lock and risk.target and risk.profit_lock.reach >= risk.target:
        yield f"risk.profit_lock.reach: the target {risk.target} is met before it; choose less"
    if risk.move_stop_to_cost and sum(leg.stop is not None for leg in legs) < 2:
        yield "risk.move_stop_to_cost: needs at least two legs with a stop; add stops, or switch it off"
    if risk.square_off == "all" and not any(leg.stop or leg.target for leg in legs):
        yield "risk.square_off: no leg has a stop or a target that could close all; add one, or choose leg"
    yield from _repeated("risk.accounts", [rule.account_id for rule in risk.accounts])
    trading = {share.account_id for leg in legs for share in leg.allocation or definition.allocation}
    for number, rule in enumerate(risk.accounts, 1):
        if rule.account_id not in trading:
            yield (
                f"risk.accounts[{number}].account_id: {rule.account_id!r} trades no leg of this strategy; "
                "name one that does"
            )


def _of_the_rest(definition: StrategyDefinition) -> Iterator[str]:
    orders, breakout, schedule = definition.orders, definition.conditions.range_breakout, definition.schedule
    if orders.style == "protected" and orders.buffer:
        yield "orders.buffer: belongs to the style limit; choose it, or take the buffer away"
    if orders.style == "protected" and orders.chase:
        yield "orders.chase: protected orders do not rest; choose the style limit, or take the chase away"
    if breakout:
        yield from _of_moment("conditions.range_breakout.until", breakout.until, schedule, at_exit=False)
    if breakout and any(leg.wait_and_trade for leg in definition.legs):
        yield "conditions.range_breakout: legs already wait for their own move; choose one of the two"


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
