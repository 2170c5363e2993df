"""Domain events on EventBridge."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from lambdas.ports.events import Event
from shared_config.names import EVENT_SOURCE

CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 4})
MOST_ENTRIES = 10


class EventsNotTaken(Exception):
    """The bus refused some events."""


def connect() -> Any:
    """An EventBridge client."""
    return boto3.client("events", config=CONFIG)


@dataclass(frozen=True)
class EventBridge:
    """Implements `Events`."""

    client: Any
    bus: str

    async def publish(self, events: Sequence[Event]) -> None:
        for start in range(0, len(events), MOST_ENTRIES):
            entries = [self._entry(event) for event in events[start : start + MOST_ENTRIES]]
            answer = await asyncio.to_thread(self.client.put_events, Entries=entries)
            if answer["FailedEntryCount"]:
                raise EventsNotTaken(f"{answer['FailedEntryCount']} of {len(entries)} events: {answer['Entries']}")

    def _entry(self, event: Event) -> dict[str, str]:
        detail = json.dumps(event.detail)
        return {"EventBusName": self.bus, "Source": EVENT_SOURCE, "DetailType": event.name, "Detail": detail}
