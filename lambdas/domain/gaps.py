"""What an entry still lacks, over all attempts of its orders."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from lambdas.domain.intents import Order


@dataclass(frozen=True)
class Gap:
    """A slice whose attempts filled `missing` units less than was planned; `last` is the latest attempt."""

    last: Order
    missing: int
    filled: int

    def __str__(self) -> str:
        state = self.last.state
        in_part = f"{self.filled} of {self.filled + self.missing} filled, then " if self.filled else ""
        reason = f": {state.reason}" if state.reason else ""
        return f"{leg_of(self.last)} {in_part}{state.status}{reason}"


def leg_of(order: Order) -> str:
    """An order as a trader knows it: `leg 1 (SELL NIFTY24500CE at my-zerodha)`."""
    intent = order.intent
    return f"leg {intent.leg} ({intent.side} {intent.symbol} at {intent.account_id})"


def gaps_of(entries: Iterable[Order]) -> list[Gap]:
    """The slices of an entry that are not filled, in order of leg, account and slice."""
    slices: dict[tuple[int, str, int], list[Order]] = defaultdict(list)
    for order in entries:
        intent = order.intent
        slices[intent.leg, intent.account_id, intent.slice_number].append(order)
    gaps = []
    for key in sorted(slices):
        attempts = sorted(slices[key], key=lambda order: order.intent.attempt)
        filled = sum(order.state.filled_quantity for order in attempts)
        missing = attempts[0].intent.quantity - filled
        if missing > 0:
            gaps.append(Gap(attempts[-1], missing, filled))
    return gaps
