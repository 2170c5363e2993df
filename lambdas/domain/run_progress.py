"""How far the closing of a run is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from lambdas.domain.intents import FINAL, IntentStatus, Order, Phase
from lambdas.domain.runs import Run, positions_of


@dataclass(frozen=True)
class RunProgress:
    """A run with what is open in it, and what became of its entries and closing orders."""

    run: Run
    open_positions: int
    entries_pending: int
    exits_pending: int
    exits_filled: int
    exits_failed: int

    @classmethod
    def of(cls, run: Run, orders: Sequence[Order]) -> Self:
        """What the orders of a run amount to."""
        exits = [order.state.status for order in orders if order.intent.phase is Phase.EXIT]
        pending = [order for order in orders if order.state.status not in FINAL]
        exits_pending = sum(order.intent.phase is Phase.EXIT for order in pending)
        filled = exits.count(IntentStatus.FILLED)
        return cls(
            run=run,
            open_positions=sum(position.net != 0 for position in positions_of(orders)),
            entries_pending=len(pending) - exits_pending,
            exits_pending=exits_pending,
            exits_filled=filled,
            exits_failed=len(exits) - exits_pending - filled,
        )
