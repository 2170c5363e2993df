"""The small values of which definitions are made, each with the bounds that its field must keep."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticKnownError

LONGEST_NUMBER = 40
"""Characters of a number that comes as text. `1.000…` has one digit that counts, and could still fill a table."""


def _of_bearable_length(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticKnownError("decimal_type")
    if isinstance(value, str) and len(value) > LONGEST_NUMBER:
        raise ValueError(f"has more than {LONGEST_NUMBER} characters; write a shorter number")
    return value


def _of_numbers_only(value: Any) -> Any:
    if isinstance(value, bool | str):
        raise PydanticKnownError("int_type")
    return value


SHORT = BeforeValidator(_of_bearable_length)
WHOLE = BeforeValidator(_of_numbers_only)
"""For a whole number that was written as one: neither `true` nor `"2"`."""
Switch = Annotated[bool, Field(strict=True)]
"""True or false, and nothing that only sounds like it."""

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$", description="lower case, digits, dashes")]
ThingId = Annotated[
    str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,48}$", description="of an account, a strategy, or a run with its date")
]
HHMM = Annotated[
    str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="time of day, IST", examples=["09:20"])
]
Weekday = Literal["MON", "TUE", "WED", "THU", "FRI"]
Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=60,
        pattern=r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
        description="no control characters, and something that shows",
    ),
]
HeaderText = Annotated[
    str,
    Field(
        max_length=50,
        pattern=r"^([!-~]([ -~]*[!-~])?)?$",
        description="printable ASCII that an HTTP header can carry, or nothing",
    ),
]
Lots = Annotated[int, Field(ge=1, le=10_000), WHOLE]
Multiplier = Annotated[
    Decimal,
    Field(gt=0, le=1000, max_digits=8, decimal_places=4, description="lots are multiplied by it exactly"),
    SHORT,
]
Rupees = Annotated[Decimal, Field(gt=0, le=1_000_000_000, max_digits=12, decimal_places=2, description="rupees"), SHORT]
Premium = Annotated[
    Decimal, Field(gt=0, le=100_000, max_digits=8, decimal_places=2, description="rupees a unit"), SHORT
]
Amount = Annotated[Decimal, Field(gt=0, le=100_000, max_digits=8, decimal_places=2), SHORT]
Percent = Annotated[Decimal, Field(gt=0, le=1000, max_digits=6, decimal_places=2, description="percent"), SHORT]
SignedPercent = Annotated[
    Decimal,
    Field(ge=-90, le=90, max_digits=6, decimal_places=2, description="percent; below zero is downwards"),
    SHORT,
]
Seconds = Annotated[int, Field(ge=1, le=600, description="seconds"), WHOLE]


def rupees_text(amount: Decimal) -> str:
    """Rupees in digits, as they are told outside: without an exponent, and without zeros behind the second decimal.
    Other digits stay, as those of the average price of several fills."""
    text = f"{amount:f}"
    rupees, _, decimals = text.partition(".")
    return text.rstrip("0") if decimals[2:].strip("0") else text[: len(rupees) + len(".00")]


class Value(BaseModel):
    """A frozen value that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Move(Value):
    """A distance of a price: so many points, or so many percent of the price from which it is measured."""

    unit: Literal["points", "percent"]
    value: Amount
