"""The lease of the trading day and the record of its ticks, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from lambdas.domain.control import Lease
from lambdas.domain.moments import Tick


class MemoryLoop:
    """Implements `LoopStore`. Leases are kept to the second; `leases` are those of earlier loops."""

    def __init__(self, leases: Mapping[date, Lease] | None = None) -> None:
        self._leases: dict[date, Lease] = dict(leases or {})
        self._ticks: dict[Tick, dict[str, Any]] = {}

    async def acquire(self, day: date, holder: str, now: datetime, valid_until: datetime) -> Lease | None:
        held = self._leases.get(day)
        if held and held.holder != holder and held.valid_until >= now.replace(microsecond=0):
            return None
        token, next_tick = (held.token + 1, held.next_tick) if held else (1, None)
        self._leases[day] = Lease(holder, token, valid_until, next_tick)
        return self._leases[day]

    async def renew(self, day: date, lease: Lease) -> bool:
        held = self._leases.get(day)
        if held is None or held.token != lease.token:
            return False
        self._leases[day] = replace(held, valid_until=lease.valid_until, next_tick=lease.next_tick)
        return True

    async def lease(self, day: date) -> Lease | None:
        return self._leases.get(day)

    async def record_tick(self, tick: Tick, what: str, detail: dict[str, Any]) -> bool:
        if tick in self._ticks:
            return False
        self._ticks[tick] = {"tick": str(tick), "what": what, **detail}
        return True

    async def ticks(self, day: date) -> Sequence[dict[str, Any]]:
        return [self._ticks[tick] for tick in sorted(self._ticks) if tick.date == day]
