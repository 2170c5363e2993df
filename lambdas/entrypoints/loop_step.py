"""Steps of the trading-day loop as its state machine carries them."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from lambdas.domain.control import Lease
from lambdas.use_cases.trading_day import End, Wait


def step_document(step: Wait | End) -> dict[str, Any]:
    """A step as the state machine carries it from state to state."""
    if isinstance(step, End):
        return {"action": "end", "reason": step.reason}
    return {
        "action": "wait",
        "reason": step.reason,
        "tick": str(step.tick),
        "wait_until": step.wait_until,
        "overdue": [str(tick) for tick in step.overdue],
        "lease": {**asdict(step.lease), "valid_until": step.lease.valid_until.isoformat()},
    }


def lease_of(document: dict[str, Any]) -> Lease:
    """The lease that a step document carries."""
    lease = document["lease"]
    return Lease(lease["holder"], lease["token"], datetime.fromisoformat(lease["valid_until"]), lease["next_tick"])
