"""The rate logs of accounts, in the one table."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from boto3.dynamodb.conditions import Attr

from lambdas.adapters.dynamo.item_reads import Item
from lambdas.adapters.dynamo.items import user_pk
from lambdas.adapters.dynamo.table import Table
from lambdas.domain.moments import IST
from lambdas.domain.rate_log import RateLog
from shared_config.names import TTL_ATTRIBUTE

KEPT = timedelta(days=2)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class DynamoRates:
    """Implements `RateStore`: one item for each account, eight bytes for each call."""

    table: Table

    async def rate_log(self, user_id: str, account_id: str) -> RateLog:
        item = await self.table.get(user_pk(user_id), _sk(account_id))
        return RateLog() if item is None else _log_of(item)

    async def save_rate_log(self, user_id: str, account_id: str, log: RateLog) -> bool:
        stored = Attr("version").eq(log.version) if log.version else Attr("pk").not_exists()
        return await self.table.put(_item(user_id, account_id, log.following()), stored)


def _sk(account_id: str) -> str:
    return f"RATE#{account_id}"


def _item(user_id: str, account_id: str, log: RateLog) -> Item:
    latest = max((known[-1] for known in log.instants.values()), default=_EPOCH)
    latest = max(latest, *log.closed.values()) if log.closed else latest
    return {
        "pk": user_pk(user_id),
        "sk": _sk(account_id),
        "user_id": user_id,
        "account_id": account_id,
        "version": log.version,
        "instants": {bucket: _packed(known) for bucket, known in log.instants.items()},
        "of_day": {bucket: [day.isoformat(), calls] for bucket, (day, calls) in log.of_day.items()},
        "closed": {bucket: until.isoformat() for bucket, until in log.closed.items()},
        TTL_ATTRIBUTE: int((latest + KEPT).timestamp()),
    }


def _log_of(item: Item) -> RateLog:
    return RateLog(
        instants={bucket: _unpacked(packed) for bucket, packed in item["instants"].items()},
        of_day={bucket: (date.fromisoformat(day), int(calls)) for bucket, (day, calls) in item["of_day"].items()},
        closed={bucket: datetime.fromisoformat(until) for bucket, until in item["closed"].items()},
        version=int(item["version"]),
    )


def _packed(instants: Sequence[datetime]) -> bytes:
    return array("q", [(instant - _EPOCH) // _MICROSECOND for instant in instants]).tobytes()


def _unpacked(packed: Any) -> tuple[datetime, ...]:
    """`packed` is boto3's Binary or bytes."""
    numbers = array("q")
    numbers.frombytes(bytes(packed))
    return tuple((_EPOCH + number * _MICROSECOND).astimezone(IST) for number in numbers)
