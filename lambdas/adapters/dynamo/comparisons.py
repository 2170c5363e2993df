"""The last comparisons of accounts with their brokers, in the one table."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from boto3.dynamodb.conditions import Attr

from lambdas.adapters.dynamo.items import Item, user_pk
from lambdas.adapters.dynamo.table import Table
from lambdas.domain.compared import Compared, Remembered
from lambdas.domain.comparison import Difference, DifferenceKind, Stranger, StrangerKind
from lambdas.domain.earlier import Leftover
from shared_config.names import TTL_ATTRIBUTE

KEPT_FOR = timedelta(days=7)


@dataclass(frozen=True)
class DynamoComparisons:
    """Implements `ComparisonStore`: one item for each account, with all differences, so that one write says who tells
    of them."""

    table: Table

    async def comparison(self, user_id: str, account_id: str) -> Compared | None:
        item = await self.table.get(user_pk(user_id), _sk(account_id))
        return _compared_of(item) if item else None

    async def save_comparison(self, compared: Compared) -> bool:
        held = compared.version - 1
        return await self.table.put(_item(compared), Attr("version").eq(held) if held else Attr("pk").not_exists())


def _sk(account_id: str) -> str:
    return f"COMPARISON#{account_id}"


def _item(compared: Compared) -> Item:
    return {
        "pk": user_pk(compared.user_id),
        "sk": _sk(compared.account_id),
        "user_id": compared.user_id,
        "account_id": compared.account_id,
        "version": compared.version,
        "tried_at": _text(compared.tried_at),
        "at": _text(compared.at),
        "unreadable": compared.unreadable,
        "differences": [_difference_item(one) for one in compared.differences],
        "strangers": [
            {"kind": str(one.kind), "symbol": one.symbol, "quantity": one.quantity, "reference": one.reference}
            for one in compared.strangers
        ],
        "earlier": [_leftover_item(one) for one in compared.earlier],
        TTL_ATTRIBUTE: int((compared.tried_at + KEPT_FOR).timestamp()),
    }


def _difference_item(one: Remembered) -> Item:
    return {
        "kind": str(one.difference.kind),
        "subject": one.difference.subject,
        "what": one.difference.what,
        "first_seen": _text(one.first_seen),
        "last_seen": _text(one.last_seen),
        "told": one.told,
    }


def _compared_of(item: Item) -> Compared:
    return Compared(
        user_id=item["user_id"],
        account_id=item["account_id"],
        version=int(item["version"]),
        tried_at=datetime.fromisoformat(item["tried_at"]),
        at=datetime.fromisoformat(item["at"]) if item["at"] else None,
        unreadable=item["unreadable"],
        differences=tuple(_remembered_of(one) for one in item["differences"]),
        strangers=tuple(
            Stranger(StrangerKind(one["kind"]), one["symbol"], int(one["quantity"]), one["reference"])
            for one in item["strangers"]
        ),
        earlier=tuple(_leftover_of(one) for one in item.get("earlier", [])),
    )


def _remembered_of(item: Item) -> Remembered:
    return Remembered(
        Difference(DifferenceKind(item["kind"]), item["subject"], item["what"]),
        first_seen=datetime.fromisoformat(item["first_seen"]),
        last_seen=datetime.fromisoformat(item["last_seen"]),
        told=item["told"],
    )


def _leftover_item(one: Leftover) -> Item:
    return {
        "run_id": one.run_id,
        "day": one.day.isoformat(),
        "symbol": one.symbol,
        "product": one.product,
        "net": one.net,
        "held": one.held,
        "gone_since": _text(one.gone_since),
        "told": one.told,
    }


def _leftover_of(item: Item) -> Leftover:
    return Leftover(
        item["run_id"],
        date.fromisoformat(item["day"]),
        item["symbol"],
        item["product"],
        int(item["net"]),
        int(item["held"]),
        gone_since=datetime.fromisoformat(item["gone_since"]) if item["gone_since"] else None,
        told=item["told"],
    )


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat(timespec="microseconds") if instant else None
