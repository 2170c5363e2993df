"""Strategy definitions with every rule that the model has, drawn at random."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, get_args

from hypothesis import strategies as st

from lambdas.domain.strategy import StrategyDefinition, Underlying
from lambdas.domain.values import Weekday

Draw = Callable[[st.SearchStrategy[Any]], Any]
Fields = st.SearchStrategy[dict[str, Any]]


def some(values: Fields | st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One of these, or nothing."""
    return st.none() | values


def decimals(low: str, high: str, places: int = 2) -> st.SearchStrategy[Decimal]:
    """Decimals within both bounds, trailing zeros included."""
    return st.decimals(Decimal(low), Decimal(high), places=places)


amounts = decimals("0.01", "99999.99")
rupees = decimals("0.01", "999999999.99")
percents = decimals("0.01", "999.99")
minutes = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
weekdays = st.sampled_from(get_args(Weekday))
account_ids = st.sampled_from(["my-zerodha", "my-angel-one", "third"])
names = st.text(min_size=1, max_size=60).filter(lambda text: text.strip() and text.isprintable())
units = st.sampled_from(["points", "percent"])
moves: Fields = st.fixed_dictionaries({"unit": units, "value": amounts})
prices = st.sampled_from(["premium", "underlying"])


@st.composite
def pairs(draw: Draw, values: st.SearchStrategy[Decimal], low: str, high: str) -> dict[str, Decimal]:
    """Two different values under these names, in order."""
    first, second = draw(st.lists(values, min_size=2, max_size=2, unique=True))
    return {low: min(first, second), high: max(first, second)}


expiries: Fields = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["nearest", "current_week", "next_week", "current_month", "next_month"]),
            "weekday": some(weekdays),
        }
    ),
    st.fixed_dictionaries({"kind": st.just("days_to_expiry"), "days": st.integers(0, 365)}),
)
by_premium = st.sampled_from(["closest_premium", "premium_at_least", "premium_at_most"])
strikes: Fields = st.one_of(
    st.just({"by": "moneyness", "moneyness": "ATM"}),
    st.fixed_dictionaries(
        {"by": st.just("moneyness"), "moneyness": st.sampled_from(["ITM", "OTM"]), "steps": st.integers(1, 100)}
    ),
    st.fixed_dictionaries({"by": st.just("strike"), "strike": decimals("0.01", "999999.99")}),
    st.fixed_dictionaries({"by": st.just("percent_of_atm"), "percent": decimals("-90", "90")}),
    st.fixed_dictionaries({"by": by_premium, "premium": amounts}),
    pairs(amounts, "low", "high").map(lambda range_: {"by": "premium_range", **range_}),
    st.fixed_dictionaries({"by": st.just("percent_of_straddle_premium"), "percent": percents}),
    st.fixed_dictionaries({"by": st.just("straddle_width"), "times": decimals("-10", "10")}),
    st.fixed_dictionaries({"by": st.just("delta"), "delta": decimals("0.001", "0.999", places=3)}),
)
thresholds: Fields = st.fixed_dictionaries({"unit": units, "value": amounts, "of": prices})
trails: Fields = st.fixed_dictionaries({"unit": units, "every": amounts, "by": amounts})
re_entries: Fields = st.fixed_dictionaries(
    {
        "how": st.sampled_from(["immediate", "at_cost", "reversed", "re_execute"]),
        "count": st.integers(1, 20),
        "not_after": some(minutes),
    }
)
waits: Fields = st.fixed_dictionaries({"unit": units, "value": amounts, "direction": st.sampled_from(["up", "down"])})
lots = st.integers(1, 10_000)
legs: Fields = st.fixed_dictionaries(
    {
        "right": st.sampled_from(["CE", "PE", "FUT"]),
        "side": st.sampled_from(["BUY", "SELL"]),
        "lots": lots,
        "expiry": expiries,
        "strike": some(strikes),
        "allocation": st.lists(st.fixed_dictionaries({"account_id": account_ids, "lots": lots}), max_size=3),
        "stop": some(thresholds),
        "target": some(thresholds),
        "trail": some(trails),
        "re_entry_on_stop": some(re_entries),
        "re_entry_on_target": some(re_entries),
        "wait_and_trade": some(waits),
    }
)
schedules: Fields = st.fixed_dictionaries(
    {
        "weekdays": st.lists(weekdays, unique=True),
        "special_sessions": st.booleans(),
        "entry": minutes,
        "exit": minutes,
        "days": st.lists(
            st.fixed_dictionaries({"weekday": weekdays, "entry": minutes, "exit": minutes}),
            unique_by=lambda times: times["weekday"],
        ),
        "holding": st.one_of(
            st.sampled_from([{"kind": "intraday"}, {"kind": "next_day"}]),
            st.fixed_dictionaries(
                {
                    "kind": st.just("around_expiry"),
                    "entry_days_before": st.integers(0, 60),
                    "exit_days_before": st.integers(0, 60),
                }
            ),
        ),
    }
)
account_risks: Fields = st.fixed_dictionaries({"account_id": account_ids, "stop": rupees, "target": some(rupees)})
risks: Fields = st.fixed_dictionaries(
    {
        "stop": some(rupees),
        "target": some(rupees),
        "trail": some(st.fixed_dictionaries({"every": rupees, "by": rupees})),
        "profit_lock": some(pairs(rupees, "keep", "reach")),
        "move_stop_to_cost": st.booleans(),
        "square_off": st.sampled_from(["leg", "all"]),
        "accounts": st.lists(account_risks, max_size=3),
    }
)
conditions: Fields = st.fixed_dictionaries(
    {
        "range_breakout": some(
            st.fixed_dictionaries({"until": minutes, "side": st.sampled_from(["high", "low"]), "of": prices})
        ),
        "vix": some(pairs(amounts, "low", "high")),
        "evaluate_on": st.sampled_from(["tick", "candle_close"]),
    }
)
chases: Fields = st.fixed_dictionaries(
    {"every_seconds": st.integers(1, 24), "step": moves, "give_up_after_seconds": st.integers(25, 50)}
)
order_rules: Fields = st.fixed_dictionaries(
    {
        "style": st.sampled_from(["protected", "limit"]),
        "buffer": some(moves),
        "chase": some(chases),
        "hedges_first": st.booleans(),
    }
)
policies: Fields = st.fixed_dictionaries(
    {
        "on_refusal": st.sampled_from(["keep", "square_off", "retry_then_square_off"]),
        "on_partial_fill": st.sampled_from(["keep", "complete", "unwind"]),
        "on_broker_failure": st.sampled_from(["keep", "square_off"]),
    }
)
shares: Fields = st.fixed_dictionaries({"account_id": account_ids, "weight": st.integers(1, 1000)})
definitions: st.SearchStrategy[StrategyDefinition] = st.fixed_dictionaries(
    {
        "name": names,
        "underlying": st.sampled_from(get_args(Underlying)),
        "product": st.sampled_from(["MIS", "NRML"]),
        "mode": st.sampled_from(["live", "paper"]),
        "enabled": st.booleans(),
        "multiplier": decimals("0.0001", "999.9999", places=4),
        "schedule": schedules,
        "allocation": st.lists(shares, min_size=1, max_size=3),
        "legs": st.lists(legs, min_size=1, max_size=4),
        "risk": risks,
        "conditions": conditions,
        "orders": order_rules,
        "policies": policies,
    }
).map(StrategyDefinition.model_validate)
"""Each is a definition that the model takes; the rules between its fields need not hold."""
