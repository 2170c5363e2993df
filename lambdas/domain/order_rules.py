"""How orders are sent, and what happens when they do not fill as hoped."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lambdas.domain.values import Move, Seconds, Switch, Value


class Chase(Value):
    """Move the price of a resting order by `step` every so often, until it is given up."""

    every_seconds: Seconds
    step: Move
    give_up_after_seconds: Seconds

    @model_validator(mode="after")
    def _gives_up_after_a_step(self) -> Self:
        if self.give_up_after_seconds <= self.every_seconds:
            raise ValueError(
                f"give_up_after_seconds {self.give_up_after_seconds} must be above every_seconds {self.every_seconds}"
            )
        return self


class OrderRules(Value):
    """`protected` orders fill at once within the broker's price protection; `limit` orders rest at a price."""

    style: Literal["protected", "limit"] = "protected"
    buffer: Annotated[Move | None, Field(description="how far beyond the far side a limit is set")] = None
    chase: Chase | None = None
    hedges_first: Annotated[Switch, Field(description="buys before sells at entry, the reverse at exit")] = True


class Policies(Value):
    """What happens to a run when something fails. `keep` leaves what filled and says so aloud."""

    on_refusal: Literal["keep", "square_off", "retry_then_square_off"] = "keep"
    on_partial_fill: Literal["keep", "complete", "unwind"] = "keep"
    on_broker_failure: Literal["keep", "square_off"] = "keep"
