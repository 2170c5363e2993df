"""The machine's clock, with a sleep that is late by little and early never."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from lambdas.domain.moments import IST


@dataclass(frozen=True)
class SystemClock:
    """Implements `Clock`. `guard` is how long before the instant it stops sleeping and yields instead:
    a sleeping process is woken late by milliseconds, a yielding one by microseconds."""

    guard: timedelta

    def now(self) -> datetime:
        return datetime.now(IST)

    async def sleep_until(self, instant: datetime) -> None:
        left = instant - self.now()
        if left > self.guard:
            await asyncio.sleep((left - self.guard).total_seconds())
        while self.now() < instant:
            time.sleep(0)  # noqa: ASYNC251 (yields the processor, not the loop: nothing else is due before T)

    async def sleep(self, duration: timedelta) -> None:
        await asyncio.sleep(max(0.0, duration.total_seconds()))
