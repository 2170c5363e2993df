"""A paper account's limits: the exchanges' rule for orders. Quotes are held to those of the account they come from."""

from lambdas.adapters.brokers.limits import SECOND, Limits, bucket
from lambdas.ports.pace import CallKind


def kind_of(method: str, path: str) -> CallKind:  # noqa: ARG001 (a paper account makes no requests)
    """What a request counts as."""
    return CallKind.OTHER


LIMITS = Limits(
    rules={
        CallKind.ORDER: bucket("orders", (10, SECOND)),
        CallKind.QUOTE: (),
        CallKind.BOOK: (),
        CallKind.OTHER: (),
    },
    kind_of=kind_of,
    instruments_per_quote=500,
    profiles_per_second=10,
)
