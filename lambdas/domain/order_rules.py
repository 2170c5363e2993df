"""How orders are sent, and what happens when they do not fill as hoped."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lambdas.domain.values import WHOLE, Move, Seconds, Switch, Value

LONGEST_CHASE = 50
"""Seconds. Whatever follows the orders of a tick has a minute for it, and cancels and looks again after the chase."""


class Chase(Value):
    """Move the limit of a resting order by `step` towards the market every so often, until it is given up."""

    every_seconds: Seconds
    step: Annotated[Move, Field(description="measured from the limit as it is; at least one tick")]
    give_up_after_seconds: Annotated[
        int,
        Field(ge=1, le=LONGEST_CHASE, description="seconds after it was sent; what is not filled then is cancelled"),
        WHOLE,
    ]

    @model_validator(mode="after")
    def _gives_up_after_a_step(self) -> Self:
        if self.give_up_after_seconds <= self.every_seconds:
            raise ValueError(
                f"give_up_after_seconds {self.give_up_after_seconds} must be above every_seconds {self.every_seconds}"
            )
        return self


class OrderRules(Value):
    """How entries are sent: `protected` fill at once within a price protection, `limit` may rest at a price.

    What closes a run, and what mends one, is always protected.
    """

    style: Literal["protected", "limit"] = "protected"
    buffer: Annotated[Move | None, Field(description="how far beyond the far side a limit is set")] = None
    chase: Chase | None = None
    hedges_first: Annotated[Switch, Field(description="sells of an entry wait until its buys are filled")] = True
    hedges_of: Annotated[
        Literal["account", "run"],
        Field(description="the buys that a sell waits for: those of its own account, or of all accounts of the run"),
    ] = "account"

    @model_validator(mode="after")
    def _waits_for_something(self) -> Self:
        if self.hedges_of == "run" and not self.hedges_first:
            raise ValueError("hedges_of: run needs hedges_first: without it no sell waits; switch hedges_first on")
        return self


PROTECTED = OrderRules()
"""What every order is sent with that no strategy says otherwise of."""
PROTECTED_ACROSS = OrderRules(hedges_of="run")
"""What closes or mends a run whose accounts lean on each other."""


class Policies(Value):
    """What happens to a run when something fails. `keep` leaves what filled and says so aloud.

    An order that failed is one that entered nothing; `retry_then_square_off` tries it once more where that can help.
    A broker failed when nobody knows what became of an order. Closing what was entered spares no money, only risk.
    """

    on_refusal: Literal["square_off", "retry_then_square_off", "keep"] = "square_off"
    on_partial_fill: Literal["complete", "unwind", "keep"] = "complete"
    on_broker_failure: Literal["square_off", "keep"] = "square_off"


SAFE = Policies()
"""What applies where nothing else was chosen."""
