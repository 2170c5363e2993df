"""What the platform tells the world, and how it starts work."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Event:
    """One thing that happened: `RunEntered`, `OrderRefused`, `RunFlat`, …"""

    name: str
    detail: dict[str, Any]


class Events(Protocol):
    """The event bus."""

    async def publish(self, events: Sequence[Event]) -> None:
        """Deliver all of them. Raises when one was not taken."""
        ...


class Workflows(Protocol):
    """Starts executions of one workflow."""

    async def start(self, name: str, payload: dict[str, Any]) -> bool:
        """Start an execution under a name; False when one of that name was started before."""
        ...
