"""Where paper accounts keep their orders."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from lambdas.domain.paper import PaperOrder


class PaperUnclear(Exception):
    """Nobody can say whether what was asked of the store has happened; ask again, or look."""


class PaperStore(Protocol):
    """The orders of paper accounts, day by day. Every call raises PaperUnclear when its answer is not known."""

    async def orders(self, user_id: str, account_id: str, day: date) -> Sequence[PaperOrder]:
        """All orders of an account on a day (IST), read strongly, in the order of their placing."""
        ...

    async def append(self, user_id: str, account_id: str, order: PaperOrder) -> bool:
        """Keep a new order; False, and nothing is written, when the day has one under its tag."""
        ...

    async def replace(self, user_id: str, account_id: str, order: PaperOrder) -> bool:
        """Store version n of an order in the place of version n − 1; False, and nothing is written, when another
        version is stored."""
        ...
