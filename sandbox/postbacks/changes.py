"""What the newest line of an order's history changed, which decides whether a broker posts it."""

from collections.abc import Mapping
from enum import Enum, auto

from sandbox.exchange.orders import Order, Status


class Change(Enum):
    """Entering a status, a fill that leaves the order in its status, or a modification."""

    STATUS = auto()
    FILL = auto()
    MODIFICATION = auto()


def change_of(order: Order) -> Change:
    """The change behind the order's last event."""
    event = order.history[-1]
    before = order.history[-2] if len(order.history) > 1 else None
    if before is None or event.status is not before.status:
        return Change.STATUS
    return Change.FILL if event.filled > before.filled else Change.MODIFICATION


def shows(order: Order, words: Mapping[Status, object]) -> bool:
    """Whether a new status is also a new one in the broker's `words`, which may have one for several."""
    if change_of(order) is not Change.STATUS:
        return False
    last = [words[event.status] for event in order.history[-2:]]
    return len(last) == 1 or last[0] != last[1]
