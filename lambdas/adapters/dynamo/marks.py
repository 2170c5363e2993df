"""Marks and the profit of days in the one table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from boto3.dynamodb.conditions import Attr

from lambdas.adapters.dynamo.items import MARKS_SK, Item, day_pk, marks_item
from lambdas.adapters.dynamo.table import Table
from lambdas.domain.marks import Marks, ProfitPoint
from lambdas.domain.moments import IST
from shared_config.names import PARTITION_KEY, TTL_ATTRIBUTE

KEPT = timedelta(days=400)


@dataclass(frozen=True)
class DynamoMarks:
    """Implements `MarkStore`. All marks of a day are one item beside its runs and orders; the points of its series
    lie in a partition of their own, which nobody reads who asks for the day."""

    table: Table

    async def save_marks(self, user_id: str, day: date, marks: Marks, *, at: datetime) -> bool:
        instant = _text(at)
        item = {"pk": day_pk(user_id, day), "sk": MARKS_SK, "at": instant, "marks": marks_item(marks)}
        return await self.table.put(item, Attr(PARTITION_KEY).not_exists() | Attr("at").lt(instant))

    async def add_point(self, user_id: str, day: date, point: ProfitPoint) -> bool:
        return await self.table.put(_point_item(user_id, day, point), Attr(PARTITION_KEY).not_exists())

    async def points(self, user_id: str, day: date) -> Sequence[ProfitPoint]:
        items = await self.table.query(_profit_pk(user_id, day))
        return [ProfitPoint(datetime.fromisoformat(item["at"]), item["money"], item["paper"]) for item in items]


def _profit_pk(user_id: str, day: date) -> str:
    return f"USER#{user_id}#PROFIT#{day.isoformat()}"


def _point_item(user_id: str, day: date, point: ProfitPoint) -> Item:
    return {
        "pk": _profit_pk(user_id, day),
        "sk": f"{point.at.astimezone(IST):%H:%M}",
        "at": _text(point.at),
        "money": point.money,
        "paper": point.paper,
        TTL_ATTRIBUTE: int((point.at + KEPT).timestamp()),
    }


def _text(instant: datetime) -> str:
    """In IST and of one length, so that texts compare as their instants do."""
    return instant.astimezone(IST).isoformat(timespec="microseconds")
