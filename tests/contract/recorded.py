"""Everything that the stores wrote and asked during the contract suite, held against the declared layout."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from boto3.dynamodb.conditions import ConditionBase

from lambdas.adapters.dynamo.layout import KINDS, fits, kinds_of, patterns_of
from lambdas.adapters.dynamo.table import Table

OF_TESTS = frozenset({"large"})
"""Partitions that tests write by themselves, to see what the table does."""


@dataclass
class Recorded:
    """The kinds and questions that were met, and what is of none or of several; `tests` are those that ran."""

    kinds: Counter[str] = field(default_factory=Counter)
    questions: Counter[str] = field(default_factory=Counter)
    undeclared: list[str] = field(default_factory=list)
    tests: set[str] = field(default_factory=set)

    @contextmanager
    def writes_to(self, table: Table) -> Iterator[None]:
        """Record every request to a table before it is made, and at the end each item: updates have changed them."""
        table.client.meta.events.register("provide-client-params.dynamodb", self._request)
        yield
        for page in table.client.get_paginator("scan").paginate(TableName=table.name):
            for item in page["Items"]:
                self._item(item)

    def _request(self, params: dict[str, Any], model: Any, **_: object) -> None:
        if model.name == "PutItem":
            self._item(params["Item"])
        elif model.name == "UpdateItem":
            self._key(params["Key"])
        elif model.name == "TransactWriteItems":
            for operation in params["TransactItems"]:
                ((kind, request),) = operation.items()
                self._item(request["Item"]) if kind == "Put" else self._key(request["Key"])
        elif model.name == "GetItem":
            self._question("get", None, params["Key"]["pk"], params["Key"]["sk"])
        elif model.name == "BatchGetItem":
            for keys in params["RequestItems"].values():
                for key in keys["Keys"]:
                    self._question("get", None, key["pk"], key["sk"])
        elif model.name == "Query":
            self._question("query", params.get("IndexName"), *_keys_of(params["KeyConditionExpression"]))

    def _item(self, item: dict[str, Any]) -> None:
        self._count(self.kinds, [kind.name for kind in kinds_of(item)], str(item), item["pk"])

    def _key(self, key: dict[str, str]) -> None:
        names = [kind.name for kind in KINDS if fits(kind.pk, key["pk"]) and fits(kind.sk, key["sk"])]
        self._count(self.kinds, names, str(key), key["pk"])

    def _question(self, operation: str, index: str | None, pk: str, sk: str) -> None:
        names = [pattern.question for pattern in patterns_of(operation, index, pk, sk)]
        self._count(self.questions, names, f"{operation} {index} {pk} {sk}", pk)

    def _count(self, counter: Counter[str], names: list[str], what: str, pk: str) -> None:
        if len(names) == 1:
            counter[names[0]] += 1
        elif pk not in OF_TESTS:
            self.undeclared.append(f"{what} is of {names or 'no declared kind'}")


def _keys_of(condition: ConditionBase) -> tuple[str, str]:
    """The partition and the sort prefix of a key condition, as `Table.query` makes it."""
    expression = condition.get_expression()
    if expression["operator"] == "AND":
        return _keys_of(expression["values"][0])[0], _keys_of(expression["values"][1])[0]
    return expression["values"][1], ""


RECORDED = Recorded()
