"""Spacing orders below a broker's limit."""

from collections import deque
from datetime import datetime, timedelta


class Pacer:
    """Allows `per_second` orders in any window of one second. Holds no clock."""

    def __init__(self, per_second: int) -> None:
        if per_second < 1:
            raise ValueError(f"orders per second must be at least 1, got {per_second}")
        self._window: deque[datetime] = deque(maxlen=per_second)

    def reserve(self, now: datetime) -> datetime:
        """Take the next free place at or after `now` and return its instant."""
        full = len(self._window) == self._window.maxlen
        slot = max(now, self._window[0] + timedelta(seconds=1)) if full else now
        self._window.append(slot)
        return slot
