"""The naive model holds the same facts, and needs two more queries for each strategy."""

import asyncio
from typing import Any

from boto3.dynamodb.conditions import ConditionBase

from bench.naive_model import TABLES, NaiveModel, rows
from local.table_examples import example_strategy, example_user

STRATEGIES = [example_strategy(user_id=example_user(number)) for number in range(200)]


class StubClient:
    """Answers queries from the rows, an item a page where `pages` is set."""

    def __init__(self, tables: dict[str, list[dict[str, Any]]], *, pages: bool = False) -> None:
        self.tables, self.pages = tables, pages
        self.asked: list[str] = []

    def query(self, TableName: str, KeyConditionExpression: ConditionBase, **more: Any) -> dict[str, Any]:
        self.asked.append(TableName)
        pk = KeyConditionExpression.get_expression()["values"][1]
        items = [item for item in self.tables[TableName] if item["pk"] == pk]
        first = more.get("ExclusiveStartKey", 0)
        if self.pages and first + 1 < len(items):
            return {"Items": items[first : first + 1], "LastEvaluatedKey": first + 1}
        return {"Items": items[first:]}


def test_two_hundred_strategies_take_401_queries() -> None:
    client = StubClient(rows(STRATEGIES))
    found = asyncio.run(NaiveModel(client).find("MON", "09:20", at_once=8))
    assert len(client.asked) == 401
    assert len(found) == 200
    assert {(due["phase"], len(legs), len(shares)) for due, legs, shares in found} == {("entry", 4, 8)}


def test_every_page_is_followed() -> None:
    client = StubClient(rows(STRATEGIES[:2]), pages=True)
    found = asyncio.run(NaiveModel(client).find("MON", "09:20", at_once=1))
    assert [(len(legs), len(shares)) for _, legs, shares in found] == [(4, 8)] * 2


def test_keys_are_told_apart_in_each_table() -> None:
    tables = rows(STRATEGIES)
    assert tuple(tables) == TABLES
    for items in tables.values():
        assert len({(item["pk"], item["sk"]) for item in items}) == len(items)
