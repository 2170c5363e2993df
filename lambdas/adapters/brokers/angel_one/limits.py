"""Angel One's rate limits for one client (smartapi.angelbroking.com/docs/RateLimit, SmartAPI forum topic
4387; 50 instruments a quote: topic 4056). Orders: 10 a second, since the exchanges' rules of April 2026."""

from lambdas.adapters.brokers.limits import HOUR, MINUTE, SECOND, Limits, bucket
from lambdas.ports.pace import CallKind

_ORDERS = frozenset({"placeOrder", "modifyOrder", "cancelOrder"})
_BOOKS = frozenset({"getOrderBook", "getPosition"})


def kind_of(method: str, path: str) -> CallKind:  # noqa: ARG001  the path alone tells
    """What a request counts as."""
    call = path.rstrip("/").rpartition("/")[2]
    if call in _ORDERS:
        return CallKind.ORDER
    if call in _BOOKS:
        return CallKind.BOOK
    return CallKind.QUOTE if call == "quote" else CallKind.OTHER


LIMITS = Limits(
    rules={
        CallKind.ORDER: bucket("orders", (10, SECOND), (500, MINUTE), (1000, HOUR)),
        CallKind.QUOTE: bucket("quotes", (10, SECOND), (500, MINUTE)),
        CallKind.BOOK: bucket("order books and positions", (1, SECOND)),
        CallKind.OTHER: bucket("other calls", (3, SECOND)),
    },
    kind_of=kind_of,
    instruments_per_quote=50,
    profiles_per_second=3,
)
