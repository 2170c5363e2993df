"""Instrument masters in the one table: one small item for each broker, underlying and expiry."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from lambdas.adapters.dynamo.item_reads import Item
from lambdas.adapters.dynamo.packed_chain import pack, unpack
from lambdas.adapters.dynamo.table import Table
from lambdas.domain.chains import Chain
from lambdas.domain.contracts import Listing
from lambdas.ports.store import MasterFailure, MasterInfo
from shared_config.names import TTL_ATTRIBUTE

KEEP_AFTER_EXPIRY = timedelta(days=7)
INDEX = "EXPIRIES#"


@dataclass(frozen=True)
class DynamoContracts:
    """Implements `ContractStore`.

    A master is written in an order that is safe to read, and to break off, at any point. Chains come first, each
    whole in one item: what is replaced is a chain of before by the same chain of today, and a new one is in no
    index yet. Then come the expiries, so that all that they list exists and what vanished is found no more (its
    chain stays until its time is over). `LOADED` comes last: until then the master of before is the one in use,
    and the next attempt writes everything again.
    """

    table: Table

    async def save_listings(
        self, broker: str, loaded_on: date, listings: Sequence[Listing], warnings: Sequence[str] = ()
    ) -> None:
        chains: dict[tuple[str, date], list[Listing]] = defaultdict(list)
        for listing in listings:
            chains[listing.contract.underlying, listing.contract.expiry].append(listing)
        # All of it is packed before any of it is written, so that what cannot be kept changes nothing.
        packed = [_chain_item(broker, *key, loaded_on, rows) for key, rows in chains.items()]
        known = [item["sk"] for item in await self.table.query(_pk(broker), INDEX)]
        for item in (*packed, *_index_items(broker, loaded_on, known, sorted(chains))):
            await self.table.put(item)
        master = {"loaded_on": loaded_on.isoformat(), "contracts": len(listings), "warnings": list(warnings)}
        await self.table.put({"pk": _pk(broker), "sk": "LOADED", **master})

    async def master_of(self, broker: str) -> MasterInfo | None:
        item = await self.table.get(_pk(broker), "LOADED")
        if item is None:
            return None
        return MasterInfo(date.fromisoformat(item["loaded_on"]), int(item["contracts"]), tuple(item["warnings"]))

    async def save_failure(self, broker: str, failure: MasterFailure) -> None:
        item = {"pk": _pk(broker), "sk": "FAILED", "day": failure.day.isoformat(), "reason": failure.reason}
        await self.table.put(item)

    async def last_failure(self, broker: str) -> MasterFailure | None:
        item = await self.table.get(_pk(broker), "FAILED")
        return MasterFailure(date.fromisoformat(item["day"]), item["reason"]) if item else None

    async def expiries(self, broker: str, underlying: str) -> Sequence[date]:
        item = await self.table.get(_pk(broker), f"{INDEX}{underlying}")
        return [date.fromisoformat(text) for text in item["expiries"]] if item else []

    async def chain(self, broker: str, underlying: str, expiry: date) -> Chain | None:
        item = await self.table.get(_pk(broker), _sk(underlying, expiry))
        if item is None:
            return None
        listings = unpack(bytes(item["rows"]), underlying, expiry)
        return Chain(broker, underlying, expiry, {listing.contract: listing for listing in listings})

    async def chains(self, broker: str, underlying: str, expiries: Collection[date]) -> Mapping[date, Chain]:
        found = await asyncio.gather(*(self.chain(broker, underlying, expiry) for expiry in expiries))
        return {chain.expiry: chain for chain in found if chain}


def _chain_item(broker: str, underlying: str, expiry: date, loaded_on: date, rows: Sequence[Listing]) -> Item:
    gone = datetime.combine(expiry + KEEP_AFTER_EXPIRY, datetime.min.time(), UTC)
    return {
        "pk": _pk(broker),
        "sk": _sk(underlying, expiry),
        "loaded_on": loaded_on.isoformat(),
        "rows": pack(sorted(rows, key=lambda row: row.contract)),
        TTL_ATTRIBUTE: int(gone.timestamp()),
    }


def _index_items(broker: str, loaded_on: date, known: Sequence[str], chains: Sequence[tuple[str, date]]) -> list[Item]:
    """What each underlying lists now: nothing, where an index is known and there is no chain any more."""
    listed: dict[str, list[str]] = {sk: [] for sk in known}
    for underlying, expiry in chains:
        listed.setdefault(f"{INDEX}{underlying}", []).append(expiry.isoformat())
    of_broker = {"pk": _pk(broker), "loaded_on": loaded_on.isoformat()}
    return [{**of_broker, "sk": sk, "expiries": expiries} for sk, expiries in listed.items()]


def _pk(broker: str) -> str:
    return f"MASTER#{broker}"


def _sk(underlying: str, expiry: date) -> str:
    return f"CHAIN#{underlying}#{expiry.isoformat()}"
