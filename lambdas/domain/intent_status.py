"""What may be known of an intent, and what may follow on what."""

from enum import StrEnum


class IntentStatus(StrEnum):
    """What is known of an intent. `UNKNOWN` was sent and has no readable answer yet."""

    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    PARTLY_FILLED = "partly_filled"
    UNKNOWN = "unknown"
    FILLED = "filled"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    MISSED = "missed"
    WITHHELD = "withheld"


S = IntentStatus
_AFTER_SENDING = frozenset({S.ACCEPTED, S.PARTLY_FILLED, S.FILLED, S.REFUSED, S.CANCELLED, S.EXPIRED, S.UNKNOWN})
TRANSITIONS: dict[IntentStatus, frozenset[IntentStatus]] = {
    S.PLANNED: frozenset({S.SENDING, S.MISSED, S.WITHHELD}),
    S.SENDING: _AFTER_SENDING | {S.MISSED, S.WITHHELD},
    S.ACCEPTED: _AFTER_SENDING - {S.UNKNOWN},
    S.PARTLY_FILLED: frozenset({S.PARTLY_FILLED, S.FILLED, S.CANCELLED, S.EXPIRED}),
    S.UNKNOWN: _AFTER_SENDING | {S.MISSED},
    S.FILLED: frozenset(),
    S.REFUSED: frozenset(),
    S.CANCELLED: frozenset(),
    S.EXPIRED: frozenset(),
    S.MISSED: frozenset(),
    S.WITHHELD: frozenset(),
}
"""Which status may follow which. MISSED and WITHHELD mean that the broker was never asked."""

FINAL = frozenset(status for status, following in TRANSITIONS.items() if not following)
IN_FLIGHT = frozenset(TRANSITIONS) - FINAL
"""Intents that somebody still has to bring to an end: the reconciler's work list."""

RESTING = frozenset({S.ACCEPTED, S.PARTLY_FILLED})
"""Intents that lie at the exchange, as far as is known."""


def statuses_before(status: IntentStatus) -> frozenset[IntentStatus]:
    """The statuses from which `status` may be reached: the condition of the write that sets it."""
    return frozenset(earlier for earlier, following in TRANSITIONS.items() if status in following)
