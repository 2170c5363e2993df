"""What a fake broker does with an order."""

from enum import Enum


class Reaction(Enum):
    """How the orders of one symbol end."""

    FILL = "accepted and filled"
    PARTLY = "accepted, half of it filled, the rest resting"
    REST = "accepted and resting"
    REFUSE = "read and refused"
    LOSE_REPLY = "accepted and filled, but the answer is lost"
    LOSE_ORDER = "it never arrives, and nothing answers"
    SESSION_OVER = "refused because the session is over"
    UNREACHABLE = "no connection: nothing leaves"
    KILL_AT_EXCHANGE = "accepted, then rejected by the exchange"
