"""What the fields of a strategy say to each other: what can never be carried out as it is written.

Every function gives all problems that it finds, each as `field: what is wrong; what to do`. Legs are counted
from 1.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from lambdas.domain.contracts import Right
from lambdas.domain.expiry_calendar import WEEKLY_EXPIRY_WEEKDAY
from lambdas.domain.leg_contradictions import contradictions_of_leg, problems_of_moment
from lambdas.domain.strategy import Leg, StrategyDefinition
from lambdas.domain.strike_rules import AT_THE_MONEY
from lambdas.domain.values import HHMM


def contradictions(definition: StrategyDefinition) -> list[str]:
    """What can never be carried out as it is written, whoever the user is."""
    problems = [*_of_schedule(definition), *_of_allocation(definition)]
    for number, leg in enumerate(definition.legs, 1):
        problems += [f"legs[{number}]{problem}" for problem in contradictions_of_leg(leg, definition)]
    return [*problems, *_of_opposite_legs(definition), *_of_risk(definition), *_of_the_rest(definition)]


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
    if schedule.leaves_the_same_day:
        yield from _of_times("schedule", schedule.entry, schedule.exit)
        for number, times in enumerate(schedule.days, 1):
            yield from _of_times(f"schedule.days[{number}]", times.entry, times.exit)
    elif definition.product == "MIS":
        yield f"product: brokers close MIS positions the same day; choose NRML to hold {holding.kind}"


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
        yield from problems_of_moment("conditions.range_breakout.until", breakout.until, schedule, at_exit=False)
    if breakout and any(leg.wait_and_trade for leg in definition.legs):
        yield "conditions.range_breakout: legs already wait for their own move; choose one of the two"
