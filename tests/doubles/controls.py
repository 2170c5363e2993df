"""Trading switches, changes of the calendar and their audit in memory."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from lambdas.domain.control import AuditEntry, Control, Halt
from lambdas.domain.day_changes import DayChange
from lambdas.domain.moments import IST
from lambdas.ports.store import Contended

SOME_TIME_AGO = datetime(2026, 1, 1, tzinfo=IST)


class MemoryControls:
    """Implements `ControlStore`. Tests that do not look at the audit need not say when they halt."""

    def __init__(self) -> None:
        self._halts: dict[str, Halt] = {}
        self._changes: dict[date, DayChange] = {}
        self._audit: dict[tuple[datetime, str], AuditEntry] = {}

    async def control(self) -> Control:
        changes = tuple(self._changes[day] for day in sorted(self._changes))
        return Control({halt.scope: halt.reason for halt in await self.halts()}, changes)

    async def halts(self) -> Sequence[Halt]:
        return [self._halts[scope] for scope in sorted(self._halts)]

    async def halt(self, scope: str, reason: str, by: str, *, at: datetime | None = None) -> None:
        before = self._halts.get(scope)
        self._record(at, f"HALT#{scope}", "halt", before.reason if before else None, reason, by)
        self._halts[scope] = Halt(scope, reason, by, at)

    async def release(self, scope: str, by: str, *, at: datetime | None = None) -> None:
        if scope in self._halts:
            self._record(at, f"HALT#{scope}", "release", self._halts[scope].reason, None, by)
            del self._halts[scope]

    async def change_day(self, change: DayChange, *, by: str, at: datetime) -> None:
        before = self._changes.get(change.date)
        self._record(at, f"DAY#{change.date}", "change", str(before) if before else None, str(change), by)
        self._changes[change.date] = change

    async def withdraw_change(self, day: date, *, by: str, at: datetime) -> bool:
        if day not in self._changes:
            return False
        self._record(at, f"DAY#{day}", "withdraw", str(self._changes[day]), None, by)
        del self._changes[day]
        return True

    async def audit(self, month: str) -> Sequence[AuditEntry]:
        return [self._audit[key] for key in sorted(self._audit) if f"{key[0].astimezone(IST):%Y-%m}" == month]

    async def note(self, entry: AuditEntry) -> bool:
        if (entry.at, entry.subject) in self._audit:
            return False
        self._audit[entry.at, entry.subject] = entry
        return True

    def _record(
        self, at: datetime | None, subject: str, what: str, before: str | None, after: str | None, by: str
    ) -> None:
        at = at or SOME_TIME_AGO + len(self._audit) * timedelta(microseconds=1)
        if (at, subject) in self._audit:
            raise Contended(subject)
        self._audit[at, subject] = AuditEntry(at, subject, what, before, after, by)
