"""What the platform measures about itself."""

from typing import Protocol

from lambdas.domain.intents import Order


class Meter(Protocol):
    """Takes measurements; it never fails and never waits."""

    def sent(self, order: Order) -> None:
        """An order that was just sent, with its instants."""
        ...


class Unmeasured:
    """Implements `Meter`: nobody looks."""

    def sent(self, order: Order) -> None:  # noqa: ARG002 - nobody looks
        return None
