"""Dhan's rate limits for one client (dhanhq.co/docs/v2, "Rate Limit"; 1,000 instruments a quote: "Market Quote").
The page has one figure for its order calls and does not say whether asking for orders counts with placing them:
here both have that figure for themselves, and a refusal is waited out. The profile counts like any call that does
not trade."""

from lambdas.adapters.brokers.limits import DAY, HOUR, MINUTE, SECOND, Limits, bucket
from lambdas.ports.pace import CallKind


def kind_of(method: str, path: str) -> CallKind:
    """What a request counts as."""
    if "/orders" in path:
        return CallKind.BOOK if method == "GET" else CallKind.ORDER
    return CallKind.QUOTE if "/marketfeed" in path else CallKind.OTHER


LIMITS = Limits(
    rules={
        CallKind.ORDER: bucket("orders", (10, SECOND), (250, MINUTE), (1000, HOUR), (7000, DAY)),
        CallKind.QUOTE: bucket("quotes", (1, SECOND)),
        CallKind.BOOK: bucket("order books", (10, SECOND), (250, MINUTE), (1000, HOUR), (7000, DAY)),
        CallKind.OTHER: bucket("other calls", (20, SECOND)),
    },
    kind_of=kind_of,
    instruments_per_quote=1000,
    profiles_per_second=20,
    modifications_per_order=25,
)
