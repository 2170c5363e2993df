"""Finding one order by its tag at brokers that cannot search for it."""

from collections.abc import Iterable

from lambdas.ports.broker import BrokerOrder


def tagged(orders: Iterable[BrokerOrder], tag: str) -> BrokerOrder | None:
    """The order of a book that carries exactly this tag; None when none does, and for an empty tag."""
    return next((order for order in orders if tag and order.tag == tag), None)
