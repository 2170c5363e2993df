"""Reads POST /shifts: an index and how far it is to move."""

from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.exchange.indices import INDICES


class BadShift(ValueError):
    """A move that cannot be made; the message names the field."""


def read_shift(body: dict[str, Any]) -> tuple[str, int]:
    """Index name and paise. Raises BadShift."""
    name = body.get("underlying")
    if name not in INDICES:
        raise BadShift(f"underlying: {name!r} is not one of {', '.join(INDICES)}")
    try:
        points = Decimal(str(body.get("points")))
    except InvalidOperation:
        raise BadShift(f"points: {body.get('points')!r} is no number") from None
    if not points.is_finite() or abs(points) > 5000:
        raise BadShift("points: at most 5000 either way")
    return str(name), int(points * 100)
