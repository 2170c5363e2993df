"""Last comparisons in memory."""

from lambdas.domain.compared import Compared


class MemoryComparisons:
    """Implements `ComparisonStore`."""

    def __init__(self) -> None:
        self._stored: dict[tuple[str, str], Compared] = {}

    async def comparison(self, user_id: str, account_id: str) -> Compared | None:
        return self._stored.get((user_id, account_id))

    async def save_comparison(self, compared: Compared) -> bool:
        key = compared.user_id, compared.account_id
        stored = self._stored[key].version if key in self._stored else 0
        if stored != compared.version - 1:
            return False
        self._stored[key] = compared
        return True
