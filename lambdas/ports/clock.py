"""Time as a capability, so that it can be a virtual one."""

from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Reads and awaits instants; all are aware."""

    def now(self) -> datetime:
        """The present instant."""
        ...

    async def sleep_until(self, instant: datetime) -> None:
        """Return at `instant` or as soon after it as can be, never before."""
        ...

    async def sleep(self, duration: timedelta) -> None:
        """Return after about `duration`; others run meanwhile."""
        ...
