"""Baseline function: how long the textbook loop waits for the next minute."""

from datetime import datetime
from typing import Any

from lambdas.domain.moments import IST, calculate_next_minute_wait_seconds


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """Whole seconds for the `SecondsPath` of a Wait."""
    return {"seconds": calculate_next_minute_wait_seconds(datetime.now(IST))}
