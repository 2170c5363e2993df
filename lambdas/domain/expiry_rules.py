"""How a leg says which expiry it means. Carried out by `lambdas.domain.expiries`."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lambdas.domain.values import WHOLE, Value, Weekday

ExpiryKind = Literal["nearest", "current_week", "next_week", "current_month", "next_month", "days_to_expiry"]


class ExpiryRule(Value):
    """Which listed expiry a leg trades.

    `nearest` is the first that is listed, weekly or monthly. `current_week` and `next_week` are the first and
    second listed expiries of an index with weekly contracts; `current_month` and `next_month` the first and
    second last-of-month expiries; `days_to_expiry` the first that is at least `days` calendar days away.
    """

    kind: ExpiryKind = "nearest"
    days: Annotated[int | None, Field(ge=0, le=365, description="only with days_to_expiry"), WHOLE] = None
    weekday: Annotated[
        Weekday | None, Field(description="the weekday on which you expect it; refused where the exchange has another")
    ] = None

    @model_validator(mode="after")
    def _days_belong_to_days_to_expiry(self) -> Self:
        if (self.kind == "days_to_expiry") != (self.days is not None):
            raise ValueError("days belongs to the kind days_to_expiry, which needs it")
        return self


NEAREST = ExpiryRule()
