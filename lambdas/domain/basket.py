"""Baskets: strategies that are switched and scaled together."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from lambdas.domain.values import WHOLE, Identifier, Multiplier, Name, Rupees, Switch, Value


class BasketDefinition(Value):
    """What the trader says of a basket; its strategies name it by `basket_id`."""

    name: Name
    enabled: Annotated[Switch, Field(description="off: no strategy of this basket enters; exits go on")] = True
    multiplier: Multiplier = Decimal(1)
    capital: Annotated[
        Rupees | None, Field(description="what it may bind; a preview warns when the margin is above it")
    ] = None


class Basket(Value):
    """A definition as it is stored: whose it is and which version of it."""

    user_id: str
    basket_id: Identifier
    version: Annotated[int, Field(ge=1), WHOLE]
    definition: BasketDefinition
