"""Instrument masters in memory."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from lambdas.domain.chains import Chain
from lambdas.domain.contracts import Contract, Listing
from lambdas.ports.store import MasterFailure, MasterInfo


class MemoryContracts:
    """Implements `ContractStore`."""

    def __init__(self) -> None:
        self._chains: dict[tuple[str, str, date], Chain] = {}
        self._listed: dict[str, dict[str, list[date]]] = {}
        self._masters: dict[str, MasterInfo] = {}
        self._failures: dict[str, MasterFailure] = {}

    async def save_listings(
        self, broker: str, loaded_on: date, listings: Sequence[Listing], warnings: Sequence[str] = ()
    ) -> None:
        chains: dict[tuple[str, date], dict[Contract, Listing]] = defaultdict(dict)
        for listing in listings:
            if "\t" in f"{listing.exchange}{listing.symbol}{listing.token}":
                raise ValueError(f"{listing.contract}: a field holds a tab")
            chains[listing.contract.underlying, listing.contract.expiry][listing.contract] = listing
        listed: dict[str, list[date]] = defaultdict(list)
        for (underlying, expiry), rows in sorted(chains.items(), key=lambda chain: chain[0]):
            self._chains[broker, underlying, expiry] = Chain(broker, underlying, expiry, rows)
            listed[underlying].append(expiry)
        self._listed[broker] = listed
        self._masters[broker] = MasterInfo(loaded_on, len(listings), tuple(warnings))

    async def master_of(self, broker: str) -> MasterInfo | None:
        return self._masters.get(broker)

    async def save_failure(self, broker: str, failure: MasterFailure) -> None:
        self._failures[broker] = failure

    async def last_failure(self, broker: str) -> MasterFailure | None:
        return self._failures.get(broker)

    async def expiries(self, broker: str, underlying: str) -> Sequence[date]:
        return list(self._listed.get(broker, {}).get(underlying, []))

    async def chain(self, broker: str, underlying: str, expiry: date) -> Chain | None:
        return self._chains.get((broker, underlying, expiry))

    async def chains(self, broker: str, underlying: str, expiries: Collection[date]) -> Mapping[date, Chain]:
        found = {expiry: self._chains.get((broker, underlying, expiry)) for expiry in expiries}
        return {expiry: chain for expiry, chain in found.items() if chain}
