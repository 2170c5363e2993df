"""The operator's and the user's switches that stop new orders."""

from dataclasses import dataclass, field
from datetime import datetime

PLATFORM = "PLATFORM"


@dataclass(frozen=True)
class Control:
    """Who is halted, and why. Scopes are `PLATFORM`, `USER#id`, `ACCOUNT#user#id`."""

    halts: dict[str, str] = field(default_factory=dict)

    def halt_of(self, user_id: str, account_id: str | None = None) -> str | None:
        """The reason why this user (or account) must not enter anything, or None."""
        scopes = [PLATFORM, f"USER#{user_id}"]
        if account_id is not None:
            scopes.append(f"ACCOUNT#{user_id}#{account_id}")
        for scope in scopes:
            if scope in self.halts:
                return f"halted ({scope.split('#')[0].lower()}): {self.halts[scope]}"
        return None


@dataclass(frozen=True)
class Lease:
    """Who runs the trading day. A higher token has replaced every lower one."""

    holder: str
    token: int
    valid_until: datetime
    next_tick: str | None = None
