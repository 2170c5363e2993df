"""Sliding-window rate limits per account and kind of call."""

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` calls in any `seconds`."""

    count: int
    seconds: int


class RateLimits:
    """Counts calls; `relaxed` switches the limits off for load tests."""

    def __init__(self) -> None:
        self.relaxed = False
        self._calls: dict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def allow(self, caller: str, name: str, limits: tuple[Limit, ...], now: datetime) -> bool:
        """Count one call; False when it exceeds a limit. A refused call does not count."""
        if self.relaxed or not limits:
            return True
        calls = self._calls[(caller, name)]
        longest = max(limit.seconds for limit in limits)
        while calls and calls[0] <= now - timedelta(seconds=longest):
            calls.popleft()
        for limit in limits:
            if len(calls) >= limit.count and calls[-limit.count] > now - timedelta(seconds=limit.seconds):
                return False
        calls.append(now)
        return True
