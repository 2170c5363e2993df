"""An event bus and workflows that only remember."""

from collections.abc import Collection, Sequence
from typing import Any

from lambdas.ports.events import Event


class RecordedEvents:
    """Implements `Events`."""

    def __init__(self) -> None:
        self.published: list[Event] = []

    async def publish(self, events: Sequence[Event]) -> None:
        self.published += events

    @property
    def names(self) -> list[str]:
        """What was published, in order."""
        return [event.name for event in self.published]

    def of(self, name: str) -> list[dict[str, Any]]:
        """The details of every event of that name."""
        return [event.detail for event in self.published if event.name == name]


class RecordedWorkflows:
    """Implements `Workflows`; the start for each user in `failing` fails."""

    def __init__(self, failing: Collection[str] = ()) -> None:
        self.started: dict[str, dict[str, Any]] = {}
        self.failing = set(failing)

    async def start(self, name: str, payload: dict[str, Any]) -> bool:
        if payload["user_id"] in self.failing:
            raise ConnectionError(f"the workflow of {payload['user_id']} could not be started")
        if name in self.started:
            return False
        self.started[name] = payload
        return True

    def work_of(self, user_id: str) -> list[tuple[str, str]]:
        """(phase, strategy id) of all work that was started for a user."""
        return [
            (item["phase"], item["strategy"]["strategy_id"])
            for payload in self.started.values()
            if payload["user_id"] == user_id
            for item in payload["work"]
        ]
