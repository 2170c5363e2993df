"""How much one account may ask of its broker."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from lambdas.domain.rate_log import RateLimit
from lambdas.ports.pace import CallKind

SECOND, MINUTE, HALF_HOUR, HOUR = (timedelta(seconds=n) for n in (1, 60, 1800, 3600))
DAY = None
EXCHANGES = ("NFO", "BFO")
ORDERS_PER_EXCHANGE = 10
"""Orders a second to one segment of an exchange without a registered algo (SEBI, circular of 4 February 2025, with
the exchanges' standards); changes and cancellations count too."""

KindOf = Callable[[str, str], CallKind]
"""What a request counts as, by its method and path."""


@dataclass(frozen=True)
class Limits:
    """A broker's published rate limits for one account.

    `rules` are the limits that a call of each kind counts against; several kinds may share a bucket.
    """

    rules: Mapping[CallKind, tuple[RateLimit, ...]]
    kind_of: KindOf
    instruments_per_quote: int
    profiles_per_second: int
    modifications_per_order: int | None = None

    def per(self, kind: CallKind, span: timedelta | None) -> int | None:
        """How many calls of a kind go in a span (the calendar day for None); None where no limit is published."""
        return min((rule.calls for rule in self.rules[kind] if rule.span == span), default=None)

    @property
    def orders_per_second(self) -> int:
        """Orders a second, over all exchanges."""
        return self.per(CallKind.ORDER, SECOND) or ORDERS_PER_EXCHANGE

    def of_order(self, exchange: str) -> tuple[RateLimit, ...]:
        """What an order to an exchange counts against."""
        return (*self.rules[CallKind.ORDER], _exchange_limit(exchange))

    def of_call(self, kind: CallKind) -> tuple[RateLimit, ...]:
        """What a call counts against. A change of an order does not tell its exchange: it counts at each."""
        rules = self.rules[kind]
        return (*rules, *map(_exchange_limit, EXCHANGES)) if kind is CallKind.ORDER else rules

    @property
    def longest(self) -> timedelta:
        """The longest span: older calls need not be known."""
        return max((rule.span for rules in self.rules.values() for rule in rules if rule.span), default=SECOND)


def bucket(name: str, *limits: tuple[int, timedelta | None]) -> tuple[RateLimit, ...]:
    """The limits of one bucket, as (calls, span)."""
    return tuple(RateLimit(name, calls, span) for calls, span in limits)


def _exchange_limit(exchange: str) -> RateLimit:
    return RateLimit(f"orders to {exchange}", ORDERS_PER_EXCHANGE, SECOND)
