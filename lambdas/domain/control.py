"""What operators and users switch: who must not enter, which dates differ, and the record of each change."""

from dataclasses import dataclass, field
from datetime import datetime

from lambdas.domain.day_changes import DayChange

PLATFORM = "PLATFORM"


@dataclass(frozen=True)
class Control:
    """Who is halted, and why, and which dates differ from the calendar files, by date.

    Scopes of halts are `PLATFORM`, `USER#id`, `ACCOUNT#user#id`, `STRATEGY#user#id`.
    """

    halts: dict[str, str] = field(default_factory=dict)
    changes: tuple[DayChange, ...] = ()

    def halt_of(self, user_id: str, account_id: str | None = None, strategy_id: str | None = None) -> str | None:
        """The reason why this user (or account, or strategy) must not enter anything, or None."""
        scopes = [PLATFORM, f"USER#{user_id}"]
        if account_id is not None:
            scopes.append(f"ACCOUNT#{user_id}#{account_id}")
        if strategy_id is not None:
            scopes.append(f"STRATEGY#{user_id}#{strategy_id}")
        for scope in scopes:
            if scope in self.halts:
                return f"halted ({scope.split('#')[0].lower()}): {self.halts[scope]}"
        return None


@dataclass(frozen=True)
class Halt:
    """One halt that holds: of what, why, who said so, and since when (None where it was put by hand)."""

    scope: str
    reason: str
    by: str
    since: datetime | None


@dataclass(frozen=True)
class AuditEntry:
    """One change of the switches: when, of what (`DAY#2026-11-24`, `HALT#PLATFORM`), which, by whom.

    `before` and `after` are what held of it then and since, in words; None is nothing.
    """

    at: datetime
    subject: str
    what: str
    before: str | None
    after: str | None
    by: str


@dataclass(frozen=True)
class Lease:
    """Who runs the trading day. A higher token has replaced every lower one."""

    holder: str
    token: int
    valid_until: datetime
    next_tick: str | None = None
