"""One account's share of calls at Fyers, where every call counts towards the same two limits."""

from bisect import bisect_right
from datetime import datetime, timedelta

from lambdas.adapters.brokers.fyers.limits import LIMITS
from lambdas.ports.clock import Clock

_SECOND = timedelta(seconds=1.1)
_MINUTE = timedelta(seconds=61)
"""The broker counts arrivals: what left a second apart may arrive closer together."""
_KEPT_FOR_ORDERS = 4
"""Calls of each second, and ten times that of each minute, that only orders may use."""
_PATIENCE = timedelta(seconds=2.5)
"""An order waits for the next second, not for the next minute: its price would be stale."""


class CallBudget:
    """Counts calls over sliding windows of a second and a minute; bursts pass as long as both have room.

    Source: myapi.fyers.in/docsv3, "Rate Limit" and "User blocking".
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: list[datetime] = []

    async def turn(self) -> None:
        """Return when a call that is not an order may go; it leaves room for orders."""
        await self._turn(_KEPT_FOR_ORDERS, None)

    async def order_turn(self) -> bool:
        """Return True when an order may go, False when the account has used up its minute."""
        return await self._turn(0, _PATIENCE)

    async def _turn(self, kept: int, patience: timedelta | None) -> bool:
        while (at := self._free_at(kept)) > (now := self._clock.now()):
            if patience is not None and at - now > patience:
                return False
            await self._clock.sleep_until(at)
        self._calls.append(self._clock.now())
        return True

    def _free_at(self, kept: int) -> datetime:
        now = self._clock.now()
        del self._calls[: bisect_right(self._calls, now - _MINUTE)]
        at = now
        per_minute = LIMITS.orders_per_minute or 0
        for window, most in ((_SECOND, LIMITS.orders_per_second - kept), (_MINUTE, per_minute - 10 * kept)):
            if len(self._calls) >= most:
                at = max(at, self._calls[-most] + window)
        return at
