"""The lease of the trading day and the record of its ticks, in the one table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from boto3.dynamodb.conditions import Attr

from lambdas.adapters.dynamo.table import Table
from lambdas.domain.control import Lease
from lambdas.domain.moments import IST, Tick
from shared_config.names import PARTITION_KEY

LEASES = "LEASE#trading-day"


@dataclass(frozen=True)
class DynamoLoop:
    """Implements `LoopStore`. Instants are compared as numbers: seconds since the epoch."""

    table: Table

    async def acquire(self, day: date, holder: str, now: datetime, valid_until: datetime) -> Lease | None:
        item = await self.table.update(
            LEASES,
            day.isoformat(),
            sets={"holder": holder, "valid_until": _seconds(valid_until)},
            adds={"lease_token": 1},
            condition="attribute_not_exists(#pk) OR #until < :now OR #holder = :holder",
            names={"#until": "valid_until", "#holder": "holder"},
            values={":now": _seconds(now), ":holder": holder},
        )
        return _lease_of(item) if item else None

    async def renew(self, day: date, lease: Lease) -> bool:
        changed = await self.table.update(
            LEASES,
            day.isoformat(),
            sets={"valid_until": _seconds(lease.valid_until), "next_tick": lease.next_tick},
            condition="#token = :token",
            names={"#token": "lease_token"},
            values={":token": lease.token},
        )
        return changed is not None

    async def lease(self, day: date) -> Lease | None:
        item = await self.table.get(LEASES, day.isoformat())
        return _lease_of(item) if item else None

    async def record_tick(self, tick: Tick, what: str, detail: dict[str, Any]) -> bool:
        item = {
            "pk": f"TICK#{tick.date.isoformat()}",
            "sk": tick.hhmm,
            "tick": str(tick),
            "what": what,
            **detail,
        }
        return await self.table.put(item, Attr(PARTITION_KEY).not_exists())

    async def ticks(self, day: date) -> Sequence[dict[str, Any]]:
        return await self.table.query(f"TICK#{day.isoformat()}")


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())


def _lease_of(item: dict[str, Any]) -> Lease:
    valid_until = datetime.fromtimestamp(int(item["valid_until"]), IST)
    return Lease(item["holder"], int(item["lease_token"]), valid_until, item.get("next_tick"))
