"""The limits that all calls of an app share, and the block that follows on passing one too often."""

from collections import defaultdict
from datetime import date, datetime

from sandbox.rate_limits import Limit
from sandbox.world import World

SECOND, MINUTE = Limit(10, 1), Limit(200, 60)
EXCESSES_ALLOWED = 3


class CallLimits:
    """Docs, rate limit and user blocking: over the limit of a minute in more than three minutes of a day blocks
    the user until its end."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exceeded: dict[str, set[datetime]] = defaultdict(set)

    def allow(self, caller: str, now: datetime) -> bool:
        """Count one call; False when it is over a limit or its user is blocked."""
        limits = self._world.limits
        if limits.relaxed:
            return True
        if self._is_blocked(caller, now.date()):
            return False
        if not limits.allow(caller, "minute", (MINUTE,), now):
            self._exceeded[caller].add(now.replace(second=0, microsecond=0))
            return False
        return limits.allow(caller, "second", (SECOND,), now)

    def _is_blocked(self, caller: str, today: date) -> bool:
        minutes = {minute for minute in self._exceeded[caller] if minute.date() == today}
        self._exceeded[caller] = minutes
        return len(minutes) > EXCESSES_ALLOWED
