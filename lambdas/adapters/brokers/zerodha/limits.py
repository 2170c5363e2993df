"""Zerodha's rate limits (kite.trade/docs/connect/v3/exceptions, "API rate limit")."""

from lambdas.adapters.brokers.limits import DAY, MINUTE, SECOND, Limits, bucket
from lambdas.ports.pace import CallKind


def kind_of(method: str, path: str) -> CallKind:
    """What a request counts as."""
    if "/orders" in path:
        return CallKind.BOOK if method == "GET" else CallKind.ORDER
    return CallKind.QUOTE if path.endswith("/quote") else CallKind.OTHER


LIMITS = Limits(
    rules={
        CallKind.ORDER: bucket("orders", (10, SECOND), (400, MINUTE), (5000, DAY)),
        CallKind.QUOTE: bucket("quotes", (1, SECOND)),
        CallKind.BOOK: bucket("other calls", (10, SECOND)),
        CallKind.OTHER: bucket("other calls", (10, SECOND)),
    },
    kind_of=kind_of,
    instruments_per_quote=500,
    profiles_per_second=10,
    modifications_per_order=25,
)
