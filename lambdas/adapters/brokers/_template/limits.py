"""The broker's rate limits for one account, and the page that publishes them.

Give the rules of every kind of call (kinds that the broker counts together share a bucket) and `kind_of`, which
tells from method and path what a request counts as. Where several limits apply to the same calls, give all of
them; where a page can be read in two ways, take the stricter one, and say here how it was read. The registry
imports this file for every broker at once, so it imports nothing but `limits` and `CallKind`.
"""

from lambdas.adapters.brokers.limits import Limits
from lambdas.ports.pace import CallKind


def kind_of(method: str, path: str) -> CallKind:
    """What a request counts as."""
    raise NotImplementedError("tell orders, quotes, order books and the rest apart")


LIMITS: Limits
"""Declared only: importing it fails until the numbers stand here."""
