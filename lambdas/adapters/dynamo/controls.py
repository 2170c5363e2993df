"""Trading switches, changes of the calendar and their audit in the one table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from lambdas.adapters.dynamo.items import Item
from lambdas.adapters.dynamo.table import Table
from lambdas.domain.control import AuditEntry, Control, Halt
from lambdas.domain.day_changes import ChangeKind, DayChange, clock_time
from lambdas.domain.moments import IST
from lambdas.ports.store import Contended
from shared_config.names import TTL_ATTRIBUTE

CONTROL_PARTITION = "CONTROL"
HALT, DAY = "HALT#", "DAY#"
KEPT_AFTER_ITS_DATE = KEPT_AFTER_ITS_RELEASE = timedelta(days=7)
ATTEMPTS = 5


@dataclass(frozen=True)
class DynamoControls:
    """Implements `ControlStore`: one small partition, read whole. Nothing is deleted by hand: what is released
    or withdrawn says so, and expires, as days that are over do."""

    table: Table

    async def control(self) -> Control:
        held = [item for item in await self.table.query(CONTROL_PARTITION) if _holds(item)]
        halts = {item["scope"]: item["reason"] for item in held if item["sk"].startswith(HALT)}
        return Control(halts, tuple(_change_of(item) for item in held if item["sk"].startswith(DAY)))

    async def halts(self) -> Sequence[Halt]:
        items = await self.table.query(CONTROL_PARTITION, HALT)
        return [_halt_of(item) for item in items if _holds(item)]

    async def halt(self, scope: str, reason: str, by: str, *, at: datetime) -> None:
        item = {"sk": f"{HALT}{scope}", "scope": scope, "halted": True, "reason": reason}
        await self._write(item, "halt", by, at)

    async def release(self, scope: str, by: str, *, at: datetime) -> None:
        item = {"sk": f"{HALT}{scope}", "scope": scope, "halted": False, "reason": "released"}
        expires = {TTL_ATTRIBUTE: int((at + KEPT_AFTER_ITS_RELEASE).timestamp())}
        await self._write({**item, **expires}, "release", by, at)

    async def change_day(self, change: DayChange, *, by: str, at: datetime) -> None:
        item = {
            "kind": str(change.kind),
            "name": change.name,
            "opens": _text(change.opens),
            "closes": _text(change.closes),
        }
        await self._write({**_day_item(change.date), **item, "withdrawn": False}, "change", by, at)

    async def withdraw_change(self, day: date, *, by: str, at: datetime) -> bool:
        return await self._write({**_day_item(day), "withdrawn": True}, "withdraw", by, at)

    async def audit(self, month: str) -> Sequence[AuditEntry]:
        return [_entry_of(item) for item in await self.table.query(_audit_pk(month))]

    async def note(self, entry: AuditEntry) -> bool:
        return await self.table.transact([_append(entry)])

    async def _write(self, item: Item, what: str, by: str, at: datetime) -> bool:
        """Put a switch together with its audit entry; False when nothing held before and nothing would now.

        Raises Contended when the same switch changes again and again in the meantime.
        """
        stamp = _stamp(at)
        after = {"pk": CONTROL_PARTITION, **item, "by": by, "changed_at": stamp}
        for _ in range(ATTEMPTS):
            before = await self.table.get(CONTROL_PARTITION, item["sk"])
            entry = AuditEntry(at, item["sk"], what, _words(before), _words(after), by)
            if entry.before is None and entry.after is None:
                return False
            if await self.table.transact([_put_over(before, after), _append(entry)]):
                return True
        raise Contended(item["sk"])


def _put_over(before: Item | None, after: Item) -> dict[str, Any]:
    """Put an item if the one that was read is still there. One put by hand carries no instant."""
    seen = before.get("changed_at") if before else None
    if seen is None:
        return {"Put": {"Item": after, "ConditionExpression": "attribute_not_exists(changed_at)"}}
    return {
        "Put": {
            "Item": after,
            "ConditionExpression": "changed_at = :seen",
            "ExpressionAttributeValues": {":seen": seen},
        }
    }


def _append(entry: AuditEntry) -> dict[str, Any]:
    """Put an audit entry where there is none: entries are never replaced."""
    item = {
        "pk": _audit_pk(f"{entry.at.astimezone(IST):%Y-%m}"),
        "sk": f"{_stamp(entry.at)}#{entry.subject}",
        "at": _stamp(entry.at),
        "subject": entry.subject,
        "what": entry.what,
        "before": entry.before,
        "after": entry.after,
        "by": entry.by,
    }
    return {"Put": {"Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}


def _entry_of(item: Item) -> AuditEntry:
    at = datetime.fromisoformat(item["at"])
    return AuditEntry(at, item["subject"], item["what"], item["before"], item["after"], item["by"])


def _holds(item: Item) -> bool:
    """Whether a switch is on, or a change in force."""
    return bool(item["halted"]) if item["sk"].startswith(HALT) else not item["withdrawn"]


def _halt_of(item: Item) -> Halt:
    since = item.get("changed_at")
    return Halt(item["scope"], item["reason"], item.get("by", ""), datetime.fromisoformat(since) if since else None)


def _words(item: Item | None) -> str | None:
    if item is None or not _holds(item):
        return None
    return str(item["reason"]) if item["sk"].startswith(HALT) else str(_change_of(item))


def _day_item(day: date) -> Item:
    """The key of a date's change, with the second at which the table may forget it."""
    over = datetime.combine(day + timedelta(days=1), time(0), IST) + KEPT_AFTER_ITS_DATE
    return {"sk": f"{DAY}{day.isoformat()}", "date": day.isoformat(), TTL_ATTRIBUTE: int(over.timestamp())}


def _change_of(item: Item) -> DayChange:
    opens, closes = (clock_time(item[end]) if item[end] else None for end in ("opens", "closes"))
    return DayChange(date.fromisoformat(item["date"]), ChangeKind(item["kind"]), item["name"], opens, closes)


def _audit_pk(month: str) -> str:
    return f"AUDIT#{month}"


def _stamp(at: datetime) -> str:
    """An instant so that texts sort as instants do: IST, always with microseconds."""
    return at.astimezone(IST).isoformat(timespec="microseconds")


def _text(hours: time | None) -> str | None:
    return f"{hours:%H:%M}" if hours is not None else None
