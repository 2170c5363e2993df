"""The broker's orders, positions, funds, quotes and profile in the platform's words.

Each function takes one row as it came (fractions are Decimal already) and lets LookupError, TypeError and
ValueError through: the adapter calls them inside `reading(NAME, …)`, which makes BrokerGarbled of them. Use
`price`, `amount`, `whole` and `ist_time` of `reading`. Money never passes through a float.
"""

from typing import Any

from lambdas.domain.contracts import Quote
from lambdas.domain.intents import IntentStatus
from lambdas.ports.broker import BrokerOrder, BrokerPosition, Funds, Profile


def status_of(text: str, filled: int) -> IntentStatus:
    """Only the broker's final words are final; everything else, known or not, is in flight."""
    raise NotImplementedError("name the final statuses; all others are ACCEPTED, or PARTLY_FILLED after a fill")


def order_of(row: dict[str, Any]) -> BrokerOrder:
    """One row of the order book. The tag is the one that was sent, without what the broker puts around it; a row with
    the status REFUSED says why (`refusal_of`)."""
    raise NotImplementedError("read one row of the order book")


def position_of(row: dict[str, Any]) -> BrokerPosition:
    """One row of the positions, carried and traded today together: net = bought - sold."""
    raise NotImplementedError("read one position")


def funds_of(data: dict[str, Any]) -> Funds:
    """What new orders may bind, and what is bound."""
    raise NotImplementedError("read the funds")


def quote_of(row: dict[str, Any]) -> Quote:
    """Last price, best bid and best ask; None for a side without an order."""
    raise NotImplementedError("read one quote")


def profile_of(data: dict[str, Any]) -> Profile:
    """Whose session it is."""
    raise NotImplementedError("read the profile")
