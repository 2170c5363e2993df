"""How a leg says which strike it means. Each rule is carried out by `lambdas.domain.strikes`."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lambdas.domain.values import SHORT, WHOLE, Percent, Premium, SignedPercent, Value


class ByMoneyness(Value):
    """So many listed strikes in or out of the money, counted from the one nearest to the spot."""

    by: Literal["moneyness"] = "moneyness"
    moneyness: Literal["ATM", "ITM", "OTM"] = "ATM"
    steps: Annotated[int, Field(ge=0, le=100), WHOLE] = 0

    @model_validator(mode="after")
    def _steps_belong_to_in_and_out(self) -> Self:
        if (self.moneyness == "ATM") != (self.steps == 0):
            raise ValueError("ATM has 0 steps; ITM and OTM have at least 1")
        return self


class ByStrike(Value):
    """Exactly this strike; refused at entry when it is not listed."""

    by: Literal["strike"]
    strike: Annotated[Decimal, Field(gt=0, le=1_000_000, max_digits=9, decimal_places=2, description="rupees"), SHORT]


class ByPercentOfAtm(Value):
    """The listed strike nearest to so many percent above (below) the strike at the money."""

    by: Literal["percent_of_atm"]
    percent: SignedPercent


class ByPremium(Value):
    """By the option's own premium: the one closest to it, the least that is not below, the most that is not above."""

    by: Literal["closest_premium", "premium_at_least", "premium_at_most"]
    premium: Premium


class ByPremiumRange(Value):
    """The premium that lies within both bounds and nearest to their middle."""

    by: Literal["premium_range"]
    low: Premium
    high: Premium

    @model_validator(mode="after")
    def _bounds_are_ordered(self) -> Self:
        if self.high <= self.low:
            raise ValueError(f"high {self.high} must be above low {self.low}")
        return self


class ByStraddlePremium(Value):
    """The premium closest to so many percent of the premium of the straddle at the money."""

    by: Literal["percent_of_straddle_premium"]
    percent: Percent


class ByStraddleWidth(Value):
    """The listed strike nearest to the one at the money plus so many times the straddle's premium."""

    by: Literal["straddle_width"]
    times: Annotated[
        Decimal, Field(ge=-10, le=10, max_digits=6, decimal_places=2, description="below zero is downwards"), SHORT
    ]


class ByDelta(Value):
    """The absolute delta (0 to 1) closest to this one; Black-76 on the forward that the straddle implies."""

    by: Literal["delta"]
    delta: Annotated[Decimal, Field(gt=0, lt=1, max_digits=4, decimal_places=3), SHORT]


StrikeRule = Annotated[
    ByMoneyness
    | ByStrike
    | ByPercentOfAtm
    | ByPremium
    | ByPremiumRange
    | ByStraddlePremium
    | ByStraddleWidth
    | ByDelta,
    Field(discriminator="by"),
]
AT_THE_MONEY = ByMoneyness()
