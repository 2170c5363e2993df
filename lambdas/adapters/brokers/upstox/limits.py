"""Upstox's rate limits for one user (upstox.com/developer/api-documentation/rate-limiting).

10 orders a second since the exchanges' rules of April 2026; everything else shares 50 a second.
"""

from lambdas.adapters.brokers.limits import HALF_HOUR, MINUTE, SECOND, Limits, bucket
from lambdas.ports.pace import CallKind

INSTRUMENTS_PER_MARGIN = 20
"""Lines of one margin calculation (upstox.com/developer/api-documentation/margin)."""
_ORDERS = ("/v3/order/place", "/v3/order/modify", "/v3/order/cancel")


def kind_of(method: str, path: str) -> CallKind:  # noqa: ARG001  the path alone tells
    """What a request counts as."""
    if any(call in path for call in _ORDERS):
        return CallKind.ORDER
    if "/v2/order/" in path:
        return CallKind.BOOK
    return CallKind.QUOTE if "/market-quote/" in path else CallKind.OTHER


_STANDARD = bucket("other calls", (50, SECOND), (500, MINUTE), (2000, HALF_HOUR))
LIMITS = Limits(
    rules={
        CallKind.ORDER: bucket("orders", (10, SECOND), (500, MINUTE), (2000, HALF_HOUR)),
        CallKind.QUOTE: _STANDARD,
        CallKind.BOOK: _STANDARD,
        CallKind.OTHER: _STANDARD,
    },
    kind_of=kind_of,
    instruments_per_quote=500,
    profiles_per_second=10,
)
