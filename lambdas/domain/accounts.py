"""Broker accounts that users linked."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Account:
    """One linked broker account. Its credentials and tokens are elsewhere, in the secret store."""

    user_id: str
    account_id: str
    broker: str
    label: str
    client_id: str
    enabled: bool
    egress: str
    session_expires_at: datetime | None = None

    def session_problem(self, now: datetime) -> str | None:
        """Why this account cannot trade at `now`, or None."""
        if not self.enabled:
            return f"account {self.account_id} is disabled"
        if self.session_expires_at is None:
            return f"account {self.account_id} has never been logged in to {self.broker}"
        if self.session_expires_at <= now:
            return (
                f"the {self.broker} session of account {self.account_id} ended at "
                f"{self.session_expires_at:%d %b %H:%M}; log in again"
            )
        return None
