"""Groww's rate limits (groww.in/trade-api/docs/curl, "Rate Limits"): one budget for each kind of call.

Orders 10 a second and 250 a minute; live data 10 and 300; everything else 20 and 500; logins 150 a day.
"""

from lambdas.adapters.brokers.limits import MINUTE, SECOND, Limits, bucket
from lambdas.ports.pace import CallKind

SYMBOLS_PER_LAST_PRICE = 50
"""How many instruments one call for last prices takes; such a call counts as live data."""
_ORDERS = ("/v1/order/create", "/v1/order/modify", "/v1/order/cancel")


def kind_of(method: str, path: str) -> CallKind:  # noqa: ARG001  the path alone tells
    """What a request counts as."""
    if any(call in path for call in _ORDERS):
        return CallKind.ORDER
    if "/v1/order/" in path:
        return CallKind.BOOK
    return CallKind.QUOTE if "/v1/live-data/" in path else CallKind.OTHER


_REST = bucket("other calls", (20, SECOND), (500, MINUTE))
LIMITS = Limits(
    rules={
        CallKind.ORDER: bucket("orders", (10, SECOND), (250, MINUTE)),
        CallKind.QUOTE: bucket("live data", (10, SECOND), (300, MINUTE)),
        CallKind.BOOK: _REST,
        CallKind.OTHER: _REST,
    },
    kind_of=kind_of,
    instruments_per_quote=1,
    profiles_per_second=20,
)
