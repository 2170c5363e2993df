"""Orders of paper accounts in memory."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from lambdas.domain.contracts import Side
from lambdas.domain.paper import PaperOrder
from lambdas.ports.paper import PaperUnclear
from tests.doubles.examples import TICK, a_listing


def a_paper_order(tag: str = "LWONE", **changes: Any) -> PaperOrder:
    """A resting order to buy one lot at 100 rupees, placed at the tick and visible at once."""
    placed_at = changes.get("placed_at", TICK.instant)
    fields: dict[str, Any] = {
        "tag": tag,
        "listing": a_listing(),
        "side": Side.BUY,
        "quantity": 65,
        "product": "MIS",
        "limit_price": Decimal("100.00"),
        "placed_at": placed_at,
        "visible_at": placed_at,
        "changed_at": placed_at,
    }
    return PaperOrder(**{**fields, **changes})


class MemoryPaper:
    """Implements `PaperStore`. Each write is one step. With `unclear` set, writes happen and nobody is told."""

    def __init__(self) -> None:
        self._orders: dict[tuple[str, str, date, str], PaperOrder] = {}
        self.unclear = False

    async def orders(self, user_id: str, account_id: str, day: date) -> Sequence[PaperOrder]:
        found = [order for key, order in self._orders.items() if key[:3] == (user_id, account_id, day)]
        return sorted(found, key=lambda order: (order.placed_at, order.tag))

    async def append(self, user_id: str, account_id: str, order: PaperOrder) -> bool:
        return self._write((user_id, account_id, order.day, order.tag), order, None)

    async def replace(self, user_id: str, account_id: str, order: PaperOrder) -> bool:
        return self._write((user_id, account_id, order.day, order.tag), order, order.version - 1)

    def _write(self, key: tuple[str, str, date, str], order: PaperOrder, before: int | None) -> bool:
        stored = self._orders.get(key)
        if (stored.version if stored else None) != before:
            return False
        self._orders[key] = order
        if self.unclear:
            raise PaperUnclear("the answer did not come")
        return True
