"""The risk limits of users, in the one table."""

from dataclasses import dataclass

from boto3.dynamodb.conditions import Attr
from pydantic import ValidationError

from lambdas.adapters.dynamo.item_reads import Item
from lambdas.adapters.dynamo.items import user_pk
from lambdas.adapters.dynamo.table import Table
from lambdas.domain.risk_limits import Limits, LimitsOf
from lambdas.ports.limits import LimitsUnreadable, StaleLimits

SORT_KEY_OF_LIMITS = "LIMITS"


@dataclass(frozen=True)
class DynamoLimits:
    """Implements `LimitStore`: one item for each user."""

    table: Table

    async def limits(self, user_id: str) -> Limits:
        item = await self.table.get(user_pk(user_id), SORT_KEY_OF_LIMITS)
        return Limits(user_id=user_id, version=0, definition=LimitsOf()) if item is None else _limits_of(item)

    async def save_limits(self, limits: Limits) -> None:
        held = limits.version - 1
        if not await self.table.put(_item(limits), Attr("version").eq(held) if held else Attr("pk").not_exists()):
            stored = await self.table.get(user_pk(limits.user_id), SORT_KEY_OF_LIMITS)
            raise StaleLimits(held, int(stored["version"]) if stored else 0)


def _item(limits: Limits) -> Item:
    return {
        "pk": user_pk(limits.user_id),
        "sk": SORT_KEY_OF_LIMITS,
        "user_id": limits.user_id,
        "version": limits.version,
        "definition": limits.definition.model_dump_json(exclude_none=True),
    }


def _limits_of(item: Item) -> Limits:
    try:
        definition = LimitsOf.model_validate_json(item["definition"])
    except ValidationError as error:
        raise LimitsUnreadable(int(item["version"])) from error
    return Limits(user_id=item["user_id"], version=int(item["version"]), definition=definition)
