"""When things happen around a tick."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lambdas.domain.moments import Tick


@dataclass(frozen=True)
class Timing:
    """Durations around a tick T; see the configuration for what each means."""

    lead: timedelta
    not_after: timedelta
    confirm: timedelta
    poll: timedelta
    heartbeat_grace: timedelta

    def wake_for(self, tick: Tick) -> datetime:
        """When the preparation of a tick begins."""
        return tick.instant - self.lead

    def lease_until(self, tick: Tick) -> datetime:
        """Until when a loop that waits for this tick is taken to be alive."""
        return self.wake_for(tick) + self.heartbeat_grace
