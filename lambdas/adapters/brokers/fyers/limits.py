"""Fyers' rate limits for one app of one user (myapi.fyers.in/docsv3, "Rate Limit"); all calls count together.

A user who is over the limit of a minute more than three times is blocked for the rest of the day. So whatever is
no order leaves room for orders: 4 calls of a second, 40 of a minute.
"""

from lambdas.adapters.brokers.limits import DAY, MINUTE, SECOND, Limits, bucket
from lambdas.ports.pace import CallKind


def kind_of(method: str, path: str) -> CallKind:
    """What a request counts as."""
    if "/api/v3/orders" in path:
        return CallKind.BOOK if method == "GET" else CallKind.ORDER
    return CallKind.QUOTE if "/data/" in path else CallKind.OTHER


_BELOW_ORDERS = bucket("calls", (6, SECOND), (160, MINUTE), (99_000, DAY))
LIMITS = Limits(
    rules={
        CallKind.ORDER: bucket("calls", (10, SECOND), (200, MINUTE), (100_000, DAY)),
        CallKind.QUOTE: _BELOW_ORDERS,
        CallKind.BOOK: _BELOW_ORDERS,
        CallKind.OTHER: _BELOW_ORDERS,
    },
    kind_of=kind_of,
    instruments_per_quote=50,
    profiles_per_second=6,
)
