"""Risk limits in memory."""

from typing import Any

from lambdas.domain.risk_limits import Limits, LimitsOf
from lambdas.ports.limits import LimitsUnreadable, StaleLimits
from tests.doubles.examples import USER


def some_limits(accounts: dict[str, dict[str, Any]] | None = None, **of_user: Any) -> LimitsOf:
    """Limits of a user by keyword, and of accounts."""
    return LimitsOf.model_validate({"user": of_user, "accounts": accounts or {}})


class MemoryLimits:
    """Implements `LimitStore`; `unreadable` makes the stored ones so. `asked` counts the reads."""

    def __init__(self) -> None:
        self._stored: dict[str, Limits] = {}
        self.unreadable = False
        self.asked = 0

    def put(self, definition: LimitsOf, user_id: str = USER) -> None:
        """Set the limits of a user, whatever they were."""
        version = self._stored[user_id].version + 1 if user_id in self._stored else 1
        self._stored[user_id] = Limits(user_id=user_id, version=version, definition=definition)

    async def limits(self, user_id: str) -> Limits:
        self.asked += 1
        if self.unreadable:
            raise LimitsUnreadable(1)
        return self._stored.get(user_id) or Limits(user_id=user_id, version=0, definition=LimitsOf())

    async def save_limits(self, limits: Limits) -> None:
        stored = self._stored[limits.user_id].version if limits.user_id in self._stored else 0
        if stored != limits.version - 1:
            raise StaleLimits(limits.version - 1, stored)
        self._stored[limits.user_id] = limits
