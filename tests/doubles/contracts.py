"""Instrument masters in memory."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from lambdas.domain.contracts import Contract, Listing
from lambdas.domain.planning import Chain


class MemoryContracts:
    """Implements `ContractStore`."""

    def __init__(self) -> None:
        self._masters: dict[tuple[str, str], dict[date, Chain]] = {}
        self._loaded: dict[str, date] = {}

    async def save_listings(self, broker: str, loaded_on: date, listings: Sequence[Listing]) -> None:
        found: dict[str, dict[date, dict[Contract, Listing]]] = defaultdict(lambda: defaultdict(dict))
        for listing in listings:
            found[listing.contract.underlying][listing.contract.expiry][listing.contract] = listing
        for underlying, expiries in found.items():
            self._masters[broker, underlying] = {
                expiry: Chain(broker, underlying, expiry, rows) for expiry, rows in expiries.items()
            }
        self._loaded[broker] = loaded_on

    async def loaded_on(self, broker: str) -> date | None:
        return self._loaded.get(broker)

    async def expiries(self, broker: str, underlying: str) -> Sequence[date]:
        return sorted(self._masters.get((broker, underlying), {}))

    async def chain(self, broker: str, underlying: str, expiry: date) -> Chain | None:
        return self._masters.get((broker, underlying), {}).get(expiry)
