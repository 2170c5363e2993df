"""Broker accounts that users linked."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SessionStatus(StrEnum):
    """Whether an account is logged in at its broker."""

    NONE = "none"
    ACTIVE = "active"
    ENDED = "ended"


@dataclass(frozen=True)
class Account:
    """One linked broker account. Its credentials and tokens are elsewhere, in the secret store.

    `session_end_reason` says why a session ended before its time, in the broker's words; empty otherwise.
    """

    user_id: str
    account_id: str
    broker: str
    label: str
    client_id: str
    enabled: bool
    egress: str
    session_expires_at: datetime | None = None
    session_end_reason: str = ""

    def session_status(self, now: datetime) -> SessionStatus:
        """Where its session stands at `now`, whether or not the account is enabled."""
        if self.session_expires_at is None:
            return SessionStatus.NONE
        return SessionStatus.ENDED if self.session_expires_at <= now else SessionStatus.ACTIVE

    def session_problem(self, now: datetime) -> str | None:
        """Why this account cannot trade at `now`, or None."""
        if not self.enabled:
            return f"account {self.account_id} is disabled"
        if self.session_expires_at is None:
            return f"account {self.account_id} has never been logged in to {self.broker}"
        if self.session_expires_at <= now:
            because = f" ({self.session_end_reason})" if self.session_end_reason else ""
            return (
                f"the {self.broker} session of account {self.account_id} ended at "
                f"{self.session_expires_at:%d %b %H:%M}{because}; log in again"
            )
        return None
