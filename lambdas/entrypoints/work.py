"""The work of one user at one tick as the workflow carries it."""

from typing import Any

from lambdas.domain.due import Due
from lambdas.domain.intents import Phase
from lambdas.domain.strategy import Strategy


def work_of(event: dict[str, Any]) -> list[Due]:
    """The due entries and exits of an event; none when it carries no work.

    Raises pydantic's ValidationError naming the field when a strategy in it is not one.
    """
    return [Due(Strategy.model_validate(item["strategy"]), Phase(item["phase"])) for item in event.get("work", [])]
