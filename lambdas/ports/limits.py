"""The risk limits that users set."""

from typing import Protocol

from lambdas.domain.risk_limits import Limits


class StaleLimits(Exception):
    """Other limits were saved in the meantime."""

    def __init__(self, held: int, stored: int) -> None:
        super().__init__(f"you changed version {held} of the limits, but version {stored} is stored; load it and redo")
        self.held = held
        self.stored = stored


class LimitsUnreadable(ValueError):
    """What is stored are no limits that the platform knows. Nothing may be entered on a guess."""

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version} of the risk limits cannot be read; save others in its place")
        self.version = version


class LimitStore(Protocol):
    """One set of limits for each user."""

    async def limits(self, user_id: str) -> Limits:
        """The present limits, read strongly; version 0, without a limit, where none were ever saved.

        Raises LimitsUnreadable.
        """
        ...

    async def save_limits(self, limits: Limits) -> None:
        """Store this version; version n replaces n − 1 only. Raises StaleLimits."""
        ...
