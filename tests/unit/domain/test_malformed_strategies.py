"""Everything that can be wrong with a strategy has a message of its own: its field, what is wrong, what to do."""

import re
from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from lambdas.domain.strategy import StrategyDefinition
from lambdas.domain.strategy_rules import problems_of
from lambdas.entrypoints.api_answers import problem_lines

Change = dict[str, Any]
ABSENT = object()
LEGS: list[Change] = [
    {"right": "CE", "side": "SELL", "lots": 2},
    {"right": "CE", "side": "BUY", "lots": 2, "strike": {"by": "moneyness", "moneyness": "OTM", "steps": 4}},
]
SCHEDULE: Change = {"weekdays": ["MON", "TUE"], "entry": "09:20", "exit": "15:15"}
BASE: Change = {
    "name": "Morning spread",
    "underlying": "NIFTY",
    "schedule": SCHEDULE,
    "allocation": [{"account_id": "zerodha-one"}],
    "legs": LEGS,
}
LINKED = ("angel-one", "zerodha-one")
MAX_LOTS = 100
POINTS = {"unit": "points", "value": 20}
STEPS = {"unit": "points", "every": 5, "by": 5}
AGAIN = {"how": "immediate", "count": 1}


def leg(**changes: Any) -> Change:
    """The first leg changed."""
    return {"legs": [without_absent({**LEGS[0], **changes}), LEGS[1]]}


def future(**changes: Any) -> Change:
    """One future and nothing else."""
    return {"legs": [{"right": "FUT", "side": "BUY", "lots": 1, **changes}]}


def strike(by: str, **rule: Any) -> Change:
    """The strike rule of the first leg."""
    return leg(strike={"by": by, **rule})


def schedule(**changes: Any) -> Change:
    """The schedule changed."""
    return {"schedule": without_absent({**SCHEDULE, **changes})}


def held(kind: str, entered: int | None = None, left: int | None = None, product: str = "NRML") -> Change:
    """A strategy that is held like this."""
    days = {"entry_days_before": entered, "exit_days_before": left}
    return {**schedule(holding={"kind": kind, **days}), "product": product}


def without_absent(change: Change) -> Change:
    """The fields that are there."""
    return {name: value for name, value in change.items() if value is not ABSENT}


def lines(change: Change) -> list[str]:
    """All that a trader is told of the strategy with this change."""
    try:
        definition = StrategyDefinition.model_validate(without_absent({**BASE, **change}))
    except ValidationError as error:
        return problem_lines(list(error.errors()))
    hours = (time(9, 15), time(15, 30))
    return problems_of(
        definition,
        linked_accounts=LINKED,
        max_lots_per_leg=MAX_LOTS,
        hours=hours,
        basket_multiplier=Decimal(1),
    )


SHAPE: list[tuple[str, Change, str]] = [
    ("no-name", {"name": ABSENT}, "name: is missing; add it"),
    ("empty-name", {"name": ""}, "name: is too short; at least 1 needed"),
    ("blank-name", {"name": "  "}, "name: is blank or has control characters; write plain text on one line"),
    ("long-name", {"name": "x" * 61}, "name: is too long; keep at most 60 characters"),
    ("name-that-is-no-text", {"name": 5}, "name: is not text; write it in quotes"),
    ("name-that-is-not-readable", {"name": "\ud800"}, "name: is not readable text; write it anew"),
    ("no-underlying", {"underlying": ABSENT}, "underlying: is missing; add it"),
    (
        "unknown-underlying",
        {"underlying": "DOW"},
        "underlying: is not known; choose 'NIFTY', 'BANKNIFTY', 'FINNIFTY', 'MIDCPNIFTY', 'SENSEX' or 'BANKEX'",
    ),
    ("unknown-product", {"product": "CNC"}, "product: is not known; choose 'MIS' or 'NRML'"),
    ("unknown-mode", {"mode": "dry"}, "mode: is not known; choose 'live' or 'paper'"),
    ("enabled-that-is-no-switch", {"enabled": "perhaps"}, "enabled: is neither true nor false; choose one of them"),
    ("unknown-field", {"stoploss": 5}, "stoploss: is not a field here; remove it"),
    ("unknown-field-of-two-lines", {"stop\nloss: 5": 5}, "stop\\nloss: 5: is not a field here; remove it"),
    (
        "basket-id-with-a-blank",
        {"basket_id": "my basket"},
        "basket_id: is no id; use 2 to 40 lower-case letters, digits and dashes, the first no dash",
    ),
    ("multiplier-0", {"multiplier": 0}, "multiplier: is too small; choose more than 0"),
    ("multiplier-beyond-all-bounds", {"multiplier": 1001}, "multiplier: is too large; choose at most 1000"),
    ("multiplier-nan", {"multiplier": float("nan")}, "multiplier: is not finite; choose a number"),
    (
        "weight-infinite",
        {"allocation": [{"account_id": "zerodha-one", "weight": float("inf")}]},
        "allocation[1].weight: is not finite; choose a number",
    ),
    ("multiplier-of-many-digits", {"multiplier": 10**40}, "multiplier: has too many digits; keep at most 8"),
    ("multiplier-of-many-places", {"multiplier": 0.33333}, "multiplier: has too many decimal places; keep at most 4"),
    ("multiplier-that-is-a-word", {"multiplier": "double"}, "multiplier: is not a number; write one like 1.5"),
    ("no-schedule", {"schedule": ABSENT}, "schedule: is missing; add it"),
    ("schedule-that-is-no-object", {"schedule": "09:20"}, "schedule: is not an object; write it in { }"),
    ("no-entry", schedule(entry=ABSENT), "schedule.entry: is missing; add it"),
    ("entry-without-its-zero", schedule(entry="9:20"), "schedule.entry: is no time of day; write it like 09:20"),
    ("exit-at-24", schedule(exit="24:00"), "schedule.exit: is no time of day; write it like 09:20"),
    (
        "saturday",
        schedule(weekdays=["SAT"]),
        "schedule.weekdays[1]: is not known; choose 'MON', 'TUE', 'WED', 'THU' or 'FRI'",
    ),
    (
        "sunday-second",
        schedule(weekdays=["MON", "SUN"]),
        "schedule.weekdays[2]: is not known; choose 'MON', 'TUE', 'WED', 'THU' or 'FRI'",
    ),
    ("six-weekdays", schedule(weekdays=["MON"] * 6), "schedule.weekdays: has too many entries; keep at most 5"),
    ("weekdays-that-are-no-list", schedule(weekdays="MON"), "schedule.weekdays: is not a list; write it in [ ]"),
    (
        "own-times-without-an-exit",
        schedule(days=[{"weekday": "MON", "entry": "10:00"}]),
        "schedule.days[1].exit: is missing; add it",
    ),
    (
        "days-before-below-0",
        held("around_expiry", -1, 0),
        "schedule.holding.entry_days_before: is too small; choose at least 0",
    ),
    (
        "unknown-holding",
        held("for_ever"),
        "schedule.holding.kind: is not known; choose 'intraday', 'next_day' or 'around_expiry'",
    ),
    ("no-allocation", {"allocation": []}, "allocation: has too few entries; give at least 1"),
    (
        "account-id-in-capitals",
        {"allocation": [{"account_id": "Zerodha"}]},
        "allocation[1].account_id: is no id; use 2 to 40 lower-case letters, digits and dashes, the first no dash",
    ),
    (
        "weight-0",
        {"allocation": [{"account_id": "zerodha-one", "weight": 0}]},
        "allocation[1].weight: is too small; choose at least 1",
    ),
    (
        "21-accounts",
        {"allocation": [{"account_id": f"account-{number}"} for number in range(21)]},
        "allocation: has too many entries; keep at most 20",
    ),
    ("no-legs", {"legs": []}, "legs: has too few entries; give at least 1"),
    ("11-legs", {"legs": LEGS[:1] * 11}, "legs: has too many entries; keep at most 10"),
    ("leg-that-is-no-object", {"legs": ["CE"]}, "legs[1]: is not an object; write it in { }"),
    ("no-lots", leg(lots=ABSENT), "legs[1].lots: is missing; add it"),
    (
        "weight-that-is-true",
        {"allocation": [{"account_id": "zerodha-one", "weight": True}]},
        "allocation[1].weight: is not a whole number; write one like 2",
    ),
    (
        "days-entry-in-another-script",
        schedule(days=[{"weekday": "MON", "entry": "0९:20", "exit": "15:00"}]),
        "schedule.days[1].entry: is no time of day; write it like 09:20",
    ),
    ("stop-that-is-true", {"risk": {"stop": True}}, "risk.stop: is not a number; write one like 1.5"),
    ("0-lots", leg(lots=0), "legs[1].lots: is too small; choose at least 1"),
    ("half-lots", leg(lots=1.5), "legs[1].lots: is not a whole number; write one like 2"),
    ("10001-lots", leg(lots=10_001), "legs[1].lots: is too large; choose at most 10000"),
    ("unknown-right", leg(right="CALL"), "legs[1].right: is not known; choose 'CE', 'PE' or 'FUT'"),
    ("unknown-side", leg(side="HOLD"), "legs[1].side: is not known; choose 'BUY' or 'SELL'"),
    (
        "unknown-expiry",
        leg(expiry={"kind": "far"}),
        "legs[1].expiry.kind: is not known; choose 'nearest', 'current_week', 'next_week', 'current_month', "
        "'next_month' or 'days_to_expiry'",
    ),
    (
        "days-without-days-to-expiry",
        leg(expiry={"kind": "nearest", "days": 3}),
        "legs[1].expiry: days belongs to the kind days_to_expiry, which needs it",
    ),
    (
        "expiry-on-a-sunday",
        leg(expiry={"weekday": "SUN"}),
        "legs[1].expiry.weekday: is not known; choose 'MON', 'TUE', 'WED', 'THU' or 'FRI'",
    ),
    (
        "unknown-strike-rule",
        strike("guess"),
        "legs[1].strike.by: is not known; choose one of 'moneyness', 'strike', 'percent_of_atm', "
        "'closest_premium', 'premium_at_least', 'premium_at_most', 'premium_range', "
        "'percent_of_straddle_premium', 'straddle_width', 'delta'",
    ),
    (
        "strike-rule-without-its-kind",
        leg(strike={"moneyness": "OTM", "steps": 1}),
        "legs[1].strike.by: is missing; add it",
    ),
    ("strike-rule-that-is-a-word", leg(strike="ATM"), "legs[1].strike: is not an object; write it in { }"),
    (
        "atm-with-steps",
        strike("moneyness", moneyness="ATM", steps=2),
        "legs[1].strike: ATM has 0 steps; ITM and OTM have at least 1",
    ),
    (
        "101-steps",
        strike("moneyness", moneyness="OTM", steps=101),
        "legs[1].strike.steps: is too large; choose at most 100",
    ),
    ("strike-0", strike("strike", strike=0), "legs[1].strike.strike: is too small; choose more than 0"),
    ("premium-missing", strike("closest_premium"), "legs[1].strike.premium: is missing; add it"),
    (
        "premium-of-paise-and-less",
        strike("premium_at_least", premium="99.995"),
        "legs[1].strike.premium: has too many decimal places; keep at most 2",
    ),
    (
        "premium-range-reversed",
        strike("premium_range", low=120, high=80),
        "legs[1].strike: high 80 must be above low 120",
    ),
    (
        "percent-of-atm-below-minus-90",
        strike("percent_of_atm", percent=-91),
        "legs[1].strike.percent: is too small; choose at least -90",
    ),
    ("delta-of-1", strike("delta", delta=1), "legs[1].strike.delta: is too large; choose less than 1"),
    (
        "straddle-width-with-a-premium",
        strike("straddle_width", times=1, premium=5),
        "legs[1].strike.premium: is not a field here; remove it",
    ),
    ("stop-without-a-unit", leg(stop={"value": 20}), "legs[1].stop.unit: is missing; add it"),
    ("stop-0", leg(stop={"unit": "points", "value": 0}), "legs[1].stop.value: is too small; choose more than 0"),
    (
        "21-re-entries",
        leg(stop=POINTS, re_entry_on_stop={**AGAIN, "count": 21}),
        "legs[1].re_entry_on_stop.count: is too large; choose at most 20",
    ),
    (
        "profit-lock-that-keeps-all",
        {"risk": {"profit_lock": {"reach": 100, "keep": 100}}},
        "risk.profit_lock: keep 100 must be below reach 100",
    ),
    (
        "account-risk-of-nothing",
        {"risk": {"accounts": [{"account_id": "zerodha-one"}]}},
        "risk.accounts[1]: needs a stop or a target",
    ),
    ("vix-reversed", {"conditions": {"vix": {"low": 20, "high": 12}}}, "conditions.vix: high 12 must be above low 20"),
    (
        "chase-given-up-before-its-first-step",
        {"orders": {"style": "limit", "chase": {"every_seconds": 9, "step": POINTS, "give_up_after_seconds": 9}}},
        "orders.chase: give_up_after_seconds 9 must be above every_seconds 9",
    ),
    (
        "chase-longer-than-orders-are-followed",
        {"orders": {"style": "limit", "chase": {"every_seconds": 9, "step": POINTS, "give_up_after_seconds": 51}}},
        "orders.chase.give_up_after_seconds: is too large; choose at most 50",
    ),
    (
        "unknown-policy",
        {"policies": {"on_refusal": "panic"}},
        "policies.on_refusal: is not known; choose 'square_off', 'retry_then_square_off' or 'keep'",
    ),
]

CONTRADICTIONS: list[tuple[str, Change, str]] = [
    (
        "no-day-at-all",
        schedule(weekdays=[]),
        "schedule.weekdays: none is chosen; choose at least one, or special_sessions",
    ),
    (
        "weekday-twice",
        schedule(weekdays=["MON", "TUE", "MON"]),
        "schedule.weekdays: a weekday is named twice; name each once",
    ),
    (
        "exit-before-entry",
        schedule(entry="10:00", exit="09:30"),
        "schedule.exit: 09:30 must be later in the day than entry 10:00; choose a later exit",
    ),
    (
        "exit-at-entry",
        schedule(entry="10:01", exit="10:01"),
        "schedule.exit: 10:01 must be later in the day than entry 10:01; choose a later exit",
    ),
    (
        "own-times-of-a-day-off",
        schedule(days=[{"weekday": "FRI", "entry": "10:00", "exit": "11:00"}]),
        "schedule.days[1].weekday: FRI is not among schedule.weekdays; add it there",
    ),
    (
        "own-times-twice",
        schedule(days=[{"weekday": "MON", "entry": "10:00", "exit": "11:00"}] * 2),
        "schedule.days[2].weekday: MON is named twice; name it once",
    ),
    (
        "own-times-reversed",
        schedule(days=[{"weekday": "MON", "entry": "11:00", "exit": "10:00"}]),
        "schedule.days[1].exit: 10:00 must be later in the day than entry 11:00; choose a later exit",
    ),
    (
        "entry-before-the-open",
        schedule(entry="09:14"),
        "schedule.entry: 09:14 is outside the session; choose from 09:15 to before 15:30",
    ),
    (
        "exit-at-the-close",
        schedule(exit="15:30"),
        "schedule.exit: 15:30 is outside the session; choose from 09:15 to before 15:30",
    ),
    (
        "own-entry-before-the-open",
        schedule(days=[{"weekday": "MON", "entry": "09:00", "exit": "11:00"}]),
        "schedule.days[1].entry: 09:00 is outside the session; choose from 09:15 to before 15:30",
    ),
    (
        "mis-over-night",
        held("next_day", product="MIS"),
        "product: brokers close MIS positions the same day; choose NRML to hold next_day",
    ),
    (
        "mis-until-the-expiry",
        held("around_expiry", 3, 0, product="MIS"),
        "product: brokers close MIS positions the same day; choose NRML to hold around_expiry",
    ),
    (
        "around-expiry-without-days",
        held("around_expiry"),
        "schedule.holding: around_expiry needs entry_days_before and exit_days_before; give both",
    ),
    (
        "around-expiry-left-before-entered",
        held("around_expiry", 1, 2),
        "schedule.holding.exit_days_before: 2 days before the expiry is earlier than the entry, 1 days before; "
        "choose at most 1",
    ),
    (
        "days-before-of-a-day-trade",
        held("intraday", 1, 0),
        "schedule.holding: entry_days_before and exit_days_before belong to around_expiry, not intraday; choose "
        "it, or take them away",
    ),
    (
        "days-before-of-a-night",
        held("next_day", 1, 0),
        "schedule.holding: entry_days_before and exit_days_before belong to around_expiry, not next_day; choose "
        "it, or take them away",
    ),
    (
        "account-twice",
        {"allocation": [{"account_id": "zerodha-one"}] * 2},
        "allocation: names the account zerodha-one twice; name it once",
    ),
    (
        "account-of-a-leg-twice",
        leg(allocation=[{"account_id": "angel-one", "lots": 1}] * 2),
        "legs[1].allocation: names the account angel-one twice; name it once",
    ),
    (
        "account-that-is-not-linked",
        {"allocation": [{"account_id": "dhan-one"}]},
        "allocation: account 'dhan-one' is not linked; link it first (linked: angel-one, zerodha-one)",
    ),
    (
        "account-of-a-leg-that-is-not-linked",
        leg(allocation=[{"account_id": "dhan-one", "lots": 2}]),
        "legs[1].allocation: account 'dhan-one' is not linked; link it first (linked: angel-one, zerodha-one)",
    ),
    (
        "allocation-of-a-leg-too-small",
        leg(allocation=[{"account_id": "angel-one", "lots": 1}]),
        "legs[1].allocation: adds up to 1 lots, but the leg has 2; make them equal",
    ),
    (
        "allocation-of-a-leg-too-large",
        leg(allocation=[{"account_id": "angel-one", "lots": 3}]),
        "legs[1].allocation: adds up to 3 lots, but the leg has 2; make them equal",
    ),
    ("lots-beyond-the-limit", leg(lots=101), "legs[1].lots: 101 is above the limit of 100; lower it"),
    (
        "lots-beyond-the-limit-after-the-multiplier",
        {"multiplier": "2.5", **leg(lots=50)},
        "legs[1].lots: 125 (50 times the multipliers) is above the limit of 100; lower it",
    ),
    (
        "leg-that-rounds-to-nothing",
        {"multiplier": "0.5", "legs": [{**LEGS[0], "lots": 1}, LEGS[1]]},
        "legs[1].lots: 1 times the multipliers is 0.5, no whole lot; raise it",
    ),
    (
        "bank-nifty-by-week",
        {"underlying": "BANKNIFTY", **leg(expiry={"kind": "current_week"})},
        "legs[1].expiry.kind: BANKNIFTY has no weekly options; choose nearest, current_month or next_month",
    ),
    (
        "bankex-next-week",
        {"underlying": "BANKEX", **leg(expiry={"kind": "next_week"})},
        "legs[1].expiry.kind: BANKEX has no weekly options; choose nearest, current_month or next_month",
    ),
    (
        "sensex-on-a-tuesday",
        {"underlying": "SENSEX", **leg(expiry={"kind": "current_week", "weekday": "TUE"})},
        "legs[1].expiry.weekday: SENSEX contracts expire on THU, not on TUE; choose THU",
    ),
    (
        "nifty-on-a-thursday",
        leg(expiry={"weekday": "THU"}),
        "legs[1].expiry.weekday: NIFTY contracts expire on TUE, not on THU; choose TUE",
    ),
    (
        "future-with-a-strike",
        future(strike={"by": "strike", "strike": 24500}),
        "legs[1].strike: a future has no strike; take the rule away",
    ),
    (
        "future-by-week",
        future(expiry={"kind": "current_week"}),
        "legs[1].expiry.kind: futures have monthly expiries only, not current_week; choose current_month",
    ),
    (
        "future-by-next-week",
        future(expiry={"kind": "next_week"}),
        "legs[1].expiry.kind: futures have monthly expiries only, not next_week; choose current_month",
    ),
    (
        "trail-without-a-stop",
        leg(trail=STEPS),
        "legs[1].trail: a trail moves a stop; give the leg a stop, or take the trail away",
    ),
    (
        "trail-of-a-stop-on-the-underlying",
        leg(stop={**POINTS, "of": "underlying"}, trail=STEPS),
        "legs[1].trail: it follows the premium, but the stop is of the underlying; choose a stop of the premium",
    ),
    (
        "re-entry-without-a-stop",
        leg(re_entry_on_stop=AGAIN),
        "legs[1].re_entry_on_stop: the leg has no stop; give it one, or take the re-entry away",
    ),
    (
        "re-entry-without-a-target",
        leg(re_entry_on_target=AGAIN),
        "legs[1].re_entry_on_target: the leg has no target; give it one, or take the re-entry away",
    ),
    (
        "re-entry-after-the-exit",
        leg(stop=POINTS, re_entry_on_stop={**AGAIN, "not_after": "15:16"}),
        "legs[1].re_entry_on_stop.not_after: 15:16 is not between entry 09:20 and exit 15:15; choose such a time",
    ),
    (
        "re-entry-before-the-entry",
        leg(target=POINTS, re_entry_on_target={**AGAIN, "not_after": "09:20"}),
        "legs[1].re_entry_on_target.not_after: 09:20 is not between entry 09:20 and exit 15:15; choose such a time",
    ),
    (
        "target-of-all-that-a-sold-leg-has",
        leg(target={"unit": "percent", "value": 100}),
        "legs[1].target.value: the premium cannot fall by 100 %; choose less than 100",
    ),
    (
        "stop-of-all-that-a-bought-leg-has",
        leg(side="BUY", stop={"unit": "percent", "value": 100}),
        "legs[1].stop.value: the premium cannot fall by 100 %; choose less than 100",
    ),
    (
        "stop-at-an-index-of-nothing",
        leg(side="BUY", stop={"unit": "percent", "value": 100, "of": "underlying"}),
        "legs[1].stop.value: the underlying cannot fall by 100 %; choose less than 100",
    ),
    (
        "wait-for-a-premium-of-nothing",
        leg(wait_and_trade={"unit": "percent", "value": 120, "direction": "down"}),
        "legs[1].wait_and_trade.value: the premium cannot fall by 120 %; choose less than 100",
    ),
    (
        "opposite-legs",
        {"legs": [LEGS[0], {**LEGS[0], "side": "BUY"}]},
        "legs[2]: undoes legs[1], the same contract on the other side; take one away",
    ),
    (
        "opposite-legs-one-of-them-says-atm",
        {"legs": [*LEGS, {**LEGS[0], "side": "BUY", "strike": {"by": "moneyness"}}]},
        "legs[3]: undoes legs[1], the same contract on the other side; take one away",
    ),
    (
        "overall-trail-without-a-stop",
        {"risk": {"trail": {"every": 500, "by": 250}}},
        "risk.trail: a trail moves a stop; give the strategy a stop, or take the trail away",
    ),
    (
        "profit-lock-above-the-target",
        {"risk": {"target": 2000, "profit_lock": {"reach": 2500, "keep": 500}}},
        "risk.profit_lock.reach: the target 2000 is met before it; choose less",
    ),
    (
        "stops-to-cost-with-one-stop",
        {"risk": {"move_stop_to_cost": True}, **leg(stop=POINTS)},
        "risk.move_stop_to_cost: needs at least two legs with a stop; add stops, or switch it off",
    ),
    (
        "all-out-without-a-stop",
        {"risk": {"square_off": "all"}},
        "risk.square_off: no leg has a stop or a target that could close all; add one, or choose leg",
    ),
    (
        "account-risk-twice",
        {"risk": {"accounts": [{"account_id": "zerodha-one", "stop": 500}] * 2}},
        "risk.accounts: names the account zerodha-one twice; name it once",
    ),
    (
        "account-risk-of-another",
        {"risk": {"accounts": [{"account_id": "angel-one", "stop": 500}]}},
        "risk.accounts[1].account_id: 'angel-one' trades no leg of this strategy; name one that does",
    ),
    (
        "buffer-of-protected-orders",
        {"orders": {"buffer": POINTS}},
        "orders.buffer: belongs to the style limit; choose it, or take the buffer away",
    ),
    (
        "chase-of-protected-orders",
        {"orders": {"chase": {"every_seconds": 3, "step": POINTS, "give_up_after_seconds": 9}}},
        "orders.chase: protected orders do not rest; choose the style limit, or take the chase away",
    ),
    (
        "range-until-after-the-exit",
        {"conditions": {"range_breakout": {"until": "15:20", "side": "high"}}},
        "conditions.range_breakout.until: 15:20 is not between entry 09:20 and exit 15:15; choose such a time",
    ),
    (
        "range-until-after-the-exit-of-one-day",
        {
            "conditions": {"range_breakout": {"until": "10:30", "side": "high"}},
            **schedule(days=[{"weekday": "TUE", "entry": "09:30", "exit": "10:00"}]),
        },
        "conditions.range_breakout.until: 10:30 is not between entry 09:30 and exit 10:00; choose such a time",
    ),
    (
        "range-and-wait",
        {
            "conditions": {"range_breakout": {"until": "10:30", "side": "high"}},
            **leg(wait_and_trade={**POINTS, "direction": "up"}),
        },
        "conditions.range_breakout: legs already wait for their own move; choose one of the two",
    ),
]


@pytest.mark.parametrize(("change", "said"), [row[1:] for row in SHAPE], ids=[row[0] for row in SHAPE])
def test_a_shape_that_does_not_fit_is_refused_in_one_line(change: Change, said: str) -> None:
    with pytest.raises(ValidationError):
        StrategyDefinition.model_validate(without_absent({**BASE, **change}))
    assert lines(change) == [said]


@pytest.mark.parametrize(
    ("change", "said"), [row[1:] for row in CONTRADICTIONS], ids=[row[0] for row in CONTRADICTIONS]
)
def test_a_contradiction_is_refused_in_one_line(change: Change, said: str) -> None:
    StrategyDefinition.model_validate(without_absent({**BASE, **change}))
    assert lines(change) == [said]


def test_the_definition_that_all_of_them_change_is_good() -> None:
    assert lines({}) == []


def test_no_two_mistakes_are_told_alike() -> None:
    said = [row[2] for row in SHAPE + CONTRADICTIONS]
    assert len(said) >= 50
    assert [line for line in said if said.count(line) > 1] == []
    ids = [row[0] for row in SHAPE + CONTRADICTIONS]
    assert len(set(ids)) == len(ids)


def test_every_line_names_a_field_and_says_what_to_do() -> None:
    field = re.compile(r"^[^:]*[a-z_]+(\[\d+\])?(\.[a-z_]+(\[\d+\])?)*: ")
    for name, _, said in SHAPE + CONTRADICTIONS:
        assert field.match(said), name
        assert "; " in said or re.search(r"\b(must|needs)\b", said), name
        assert said.isprintable(), name


def test_legs_are_counted_from_one() -> None:
    third = {**LEGS[0], "lots": 0}
    assert lines({"legs": [*LEGS, third]}) == ["legs[3].lots: is too small; choose at least 1"]


def test_every_mistake_is_told_at_once() -> None:
    wrong = {"name": "", "underlying": "DOW", **schedule(entry="9:20", exit="25:00")}
    assert [line.split(":")[0] for line in lines(wrong)] == ["name", "underlying", "schedule.entry", "schedule.exit"]
    contradicting = {**schedule(weekdays=[], entry="08:00", exit="07:00"), **leg(lots=101, trail=STEPS)}
    assert [line.split(":")[0] for line in lines(contradicting)] == [
        "schedule.weekdays",
        "schedule.exit",
        "legs[1].trail",
        "legs[1].lots",
    ]
