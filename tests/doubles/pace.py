"""Turns of an account's calls, for one process."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from lambdas.domain.rate_log import DayUsedUp, RateLimit, RateLog
from lambdas.ports.broker import BrokerBusy
from lambdas.ports.clock import Clock
from lambdas.ports.pace import CallKind


class FakePace:
    """Implements `Pace` for orders, `per_second` of them and `per_day`; other calls never wait.

    `expected` are the exchanges of the reserved turns, `told_busy` how often the broker refused for a limit.
    """

    def __init__(self, clock: Clock, per_second: int, per_day: int | None = None) -> None:
        self._clock = clock
        self._limits = [RateLimit("orders", per_second, timedelta(seconds=1))]
        self._limits += [RateLimit("orders", per_day, None)] if per_day else []
        self._log = RateLog()
        self.expected: list[tuple[list[str], datetime]] = []
        self.told_busy: list[CallKind] = []

    async def turn(self, kind: CallKind) -> None:
        return None

    async def expect_orders(self, exchanges: Sequence[str], at: datetime) -> None:
        self.expected.append((list(exchanges), at))
        self._reserve(at, len(exchanges))

    async def order_turn(self, exchange: str) -> None:
        (turn,), self._log = self._reserve(self._clock.now(), 1)
        await self._clock.sleep_until(turn)

    async def busy(self, kind: CallKind) -> None:
        self.told_busy.append(kind)
        self._log = self._log.shut(["orders"], self._clock.now() + timedelta(seconds=1))

    async def settle(self) -> None:
        return None

    def _reserve(self, at: datetime, number: int) -> tuple[Sequence[datetime], RateLog]:
        try:
            return self._log.reserve(self._limits, at, number)
        except DayUsedUp as error:
            raise BrokerBusy(f"fake: {error}") from error


class Unhurried:
    """Implements `Pace` where the broker's limits are off: nothing waits."""

    async def turn(self, kind: CallKind) -> None:
        return None

    async def expect_orders(self, exchanges: Sequence[str], at: datetime) -> None:
        return None

    async def order_turn(self, exchange: str) -> None:
        return None

    async def busy(self, kind: CallKind) -> None:
        return None

    async def settle(self) -> None:
        return None
