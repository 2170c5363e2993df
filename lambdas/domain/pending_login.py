"""Logins that began in a user's browser and are not finished: what protects the way back from the broker."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Self

LOGIN_LASTS = timedelta(minutes=10)
"""Time to pass a broker's login page. What comes back later may come from somewhere else."""


def digest_of(state: str) -> str:
    """The name under which a state is kept: whoever reads the table cannot finish anybody's login."""
    return sha256(state.encode()).hexdigest()


@dataclass(frozen=True)
class PendingLogin:
    """One state that was handed out, by its digest: it belongs to one user and account, and is used once."""

    user_id: str
    account_id: str
    digest: str
    valid_until: datetime
    used: bool = False

    @classmethod
    def begun(cls, user_id: str, account_id: str, state: str, now: datetime) -> Self:
        """The login that begins now under a state which nobody can guess."""
        return cls(user_id, account_id, digest_of(state), now + LOGIN_LASTS)

    def problem(self, account_id: str, now: datetime) -> str | None:
        """Why this login cannot be finished for that account at `now`, or None."""
        if self.account_id != account_id:
            return "state: it belongs to a login of another account; begin the login of this one"
        if self.used:
            return "state: this login was finished before; begin a new one"
        if now >= self.valid_until:
            return f"state: this login began more than {LOGIN_LASTS.seconds // 60} minutes ago; begin a new one"
        return None
