"""What was last found when accounts were compared with their brokers."""

from typing import Protocol

from lambdas.domain.compared import Compared


class ComparisonStore(Protocol):
    """The last comparison of each account."""

    async def comparison(self, user_id: str, account_id: str) -> Compared | None:
        """What is stored, read strongly; None for an account that was never compared."""
        ...

    async def save_comparison(self, compared: Compared) -> bool:
        """Store this version; version n replaces n − 1 only, else nothing is written and the answer is False."""
        ...
