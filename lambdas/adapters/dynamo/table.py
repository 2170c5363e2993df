"""The one table over the wire: the few operations that the stores need, each complete in itself."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from boto3.dynamodb.conditions import ConditionBase, Key
from botocore.config import Config
from botocore.exceptions import ClientError

from lambdas.adapters.dynamo.item_reads import Item, ItemReads
from shared_config.names import PARTITION_KEY, SORT_KEY, index_key

PAUSES_OF_CONFLICTS = (0.02, 0.05, 0.15)
"""Seconds before a transaction that met another one on the same item is tried again."""
CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "max_attempts": 4},
    max_pool_connections=40,
)


def connect() -> Any:
    """A DynamoDB client that speaks Python values; safe to share between threads."""
    return boto3.resource("dynamodb", config=CONFIG).meta.client


@dataclass(frozen=True)
class Table:
    """Awaitable operations on one table. Conditional writes answer whether they happened."""

    client: Any
    name: str

    @cached_property
    def _reads(self) -> ItemReads:
        return ItemReads(self.client, self.name)

    async def get(self, pk: str, sk: str) -> Item | None:
        """One item, read strongly; those that are asked for at the same moment are read in one request."""
        return await self._reads.get(pk, sk)

    async def put(self, item: Item, condition: ConditionBase | None = None) -> bool:
        """Write an item; False when the condition does not hold."""
        extra = {"ConditionExpression": condition} if condition is not None else {}
        return await self._write("put_item", Item=item, **extra) is not None

    async def update(
        self,
        pk: str,
        sk: str,
        *,
        sets: Mapping[str, Any],
        removes: Sequence[str] = (),
        adds: Mapping[str, int] | None = None,
        condition: str = "attribute_exists(#pk)",
        values: Mapping[str, Any] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> Item | None:
        """Change attributes when `condition` holds; the whole new item, or None when it does not.

        `names` and `values` are the placeholders (`#n`, `:v`) of the condition.
        """
        placeholders = {f"#s{n}": key for n, key in enumerate([*sets, *removes, *(adds or {})])}
        of = {key: placeholder for placeholder, key in placeholders.items()}
        bound = {f":s{n}": value for n, value in enumerate([*sets.values(), *(adds or {}).values()])}
        slots = iter(bound)
        expression = "SET " + ", ".join(f"{of[key]} = {next(slots)}" for key in sets) if sets else ""
        if removes:
            expression += " REMOVE " + ", ".join(of[key] for key in removes)
        if adds:
            expression += " ADD " + ", ".join(f"{of[key]} {next(slots)}" for key in adds)
        answer = await self._write(
            "update_item",
            Key={PARTITION_KEY: pk, SORT_KEY: sk},
            UpdateExpression=expression,
            ConditionExpression=condition,
            ExpressionAttributeNames={
                **placeholders,
                **({"#pk": PARTITION_KEY} if "#pk" in condition else {}),
                **(names or {}),
            },
            ExpressionAttributeValues={**bound, **(values or {})},
            ReturnValues="ALL_NEW",
        )
        return None if answer is None else answer["Attributes"]

    async def query(self, pk: str, sk_prefix: str = "", *, index: str | None = None) -> list[Item]:
        """Every item of a partition (and sort prefix), page by page; strongly read unless from an index."""
        pk_name, sk_name = index_key(index) if index else (PARTITION_KEY, SORT_KEY)
        condition: ConditionBase = Key(pk_name).eq(pk)
        if sk_prefix:
            condition = condition & Key(sk_name).begins_with(sk_prefix)
        where: dict[str, Any] = {"IndexName": index} if index else {"ConsistentRead": True}
        items: list[Item] = []
        while True:
            answer = await self._call("query", KeyConditionExpression=condition, **where)
            items += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return items
            where["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    async def transact(self, operations: Sequence[dict[str, Any]]) -> bool:
        """Up to 100 writes, all or none; False when a condition of one does not hold."""
        for operation in operations:
            for request in operation.values():
                request["TableName"] = self.name
        for pause in (*PAUSES_OF_CONFLICTS, None):
            try:
                await asyncio.to_thread(self.client.transact_write_items, TransactItems=list(operations))
            except ClientError as error:
                codes = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}
                if "ConditionalCheckFailed" in codes:
                    return False
                if pause is None or "TransactionConflict" not in codes:
                    raise
                await asyncio.sleep(pause)
            else:
                break
        return True

    async def _write(self, operation: str, **arguments: Any) -> dict[str, Any] | None:
        try:
            return await self._call(operation, **arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return None
            raise

    async def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await asyncio.to_thread(
            getattr(self.client, operation), TableName=self.name, **arguments
        )
        return answer
