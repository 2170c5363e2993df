"""Stops, targets, trails and re-entries, of a leg and of the whole strategy."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lambdas.domain.values import HHMM, WHOLE, Amount, Identifier, Move, Rupees, Switch, Value


class Threshold(Move):
    """How far a price may go: the leg's own premium, or the underlying."""

    of: Literal["premium", "underlying"] = "premium"


class Trail(Value):
    """Each time the price moves `every` in favour, the stop moves `by` with it."""

    unit: Literal["points", "percent"]
    every: Amount
    by: Amount


class ReEntry(Value):
    """Enter a leg again after it was closed by its stop or target."""

    how: Literal["immediate", "at_cost", "reversed", "re_execute"]
    count: Annotated[int, Field(ge=1, le=20), WHOLE]
    not_after: HHMM | None = None


class WaitAndTrade(Move):
    """Enter a leg only when its premium has moved so far from where it was at the entry time."""

    direction: Literal["up", "down"]


class OverallTrail(Value):
    """Each time the profit grows by `every` rupees, the overall stop rises by `by` rupees."""

    every: Rupees
    by: Rupees


class ProfitLock(Value):
    """Once the profit has reached `reach` rupees, leave when it falls back to `keep` rupees."""

    reach: Rupees
    keep: Rupees

    @model_validator(mode="after")
    def _keeps_less_than_it_reaches(self) -> Self:
        if self.keep >= self.reach:
            raise ValueError(f"keep {self.keep} must be below reach {self.reach}")
        return self


class AccountRisk(Value):
    """Stop and target of what one account holds of the strategy."""

    account_id: Identifier
    stop: Rupees | None = None
    target: Rupees | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.stop is None and self.target is None:
            raise ValueError("needs a stop or a target")
        return self


class OverallRisk(Value):
    """Rules on the profit of the whole strategy, in rupees."""

    stop: Rupees | None = None
    target: Rupees | None = None
    trail: OverallTrail | None = None
    profit_lock: ProfitLock | None = None
    move_stop_to_cost: Annotated[
        Switch, Field(description="when one leg is stopped, the stops of the others move to their entry prices")
    ] = False
    square_off: Annotated[Literal["leg", "all"], Field(description="what a leg's stop or target closes")] = "leg"
    accounts: Annotated[tuple[AccountRisk, ...], Field(max_length=20)] = ()


class RangeBreakout(Value):
    """Enter when the price leaves the range that it made from the entry time until `until`."""

    until: HHMM
    side: Literal["high", "low"]
    of: Literal["premium", "underlying"] = "underlying"


class VixRange(Value):
    """Enter only while India VIX is within both bounds."""

    low: Amount
    high: Amount

    @model_validator(mode="after")
    def _bounds_are_ordered(self) -> Self:
        if self.high <= self.low:
            raise ValueError(f"high {self.high} must be above low {self.low}")
        return self


class Conditions(Value):
    """What must hold for an entry, and on which prices rules are evaluated."""

    range_breakout: RangeBreakout | None = None
    vix: VixRange | None = None
    evaluate_on: Literal["tick", "candle_close"] = "tick"
