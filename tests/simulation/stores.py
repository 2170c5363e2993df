"""Stores that fail in ways of their own."""

from lambdas.domain.control import Control
from lambdas.domain.risk_limits import Limits
from lambdas.ports.limits import LimitsUnreadable
from tests.doubles.comparisons import MemoryComparisons
from tests.doubles.controls import MemoryControls
from tests.doubles.limits import MemoryLimits
from tests.simulation.faults import Faults
from tests.simulation.process import StoreFault


class Switches(MemoryControls):
    """The operator's switches, which cannot always be read."""

    def __init__(self, faults: Faults) -> None:
        super().__init__()
        self._faults = faults

    async def control(self) -> Control:
        if self._faults.strikes("switches unreadable"):
            raise StoreFault("control: the switches cannot be read")
        return await super().control()


class Comparisons(MemoryComparisons):
    """What comparing found."""

    @property
    def number(self) -> int:
        """Of accounts that were compared."""
        return len(self._stored)


class SetLimits(MemoryLimits):
    """The users' limits, which are not always limits."""

    def __init__(self, faults: Faults) -> None:
        super().__init__()
        self._faults = faults

    async def limits(self, user_id: str) -> Limits:
        if self._faults.strikes("limits unreadable"):
            raise LimitsUnreadable(1)
        return await super().limits(user_id)
