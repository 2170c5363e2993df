"""The work of one user at one tick as the workflow carries it."""

from collections.abc import Mapping, Sequence
from typing import Any

from lambdas.domain.due import Due
from lambdas.domain.intents import Phase
from lambdas.domain.strategy import Strategy


def work_of(event: dict[str, Any]) -> list[Due]:
    """The due entries and exits of an event; none when it carries no work.

    Raises pydantic's ValidationError naming the field when a strategy in it is not one.
    """
    return [Due(Strategy.model_validate(item["strategy"]), Phase(item["phase"])) for item in event.get("work", [])]


def each_account(common: Mapping[str, Any], intent_ids: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """The input of the workers: one for each account, with the orders that it sends."""
    return [{**common, "account_id": account_id, "intent_ids": ids} for account_id, ids in intent_ids.items()]
