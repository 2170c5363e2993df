"""Instrument masters in the one table: one small item for each broker, underlying and expiry."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from lambdas.adapters.dynamo.table import Table
from lambdas.domain.contracts import Contract, Listing, Right
from lambdas.domain.planning import Chain
from shared_config.names import TTL_ATTRIBUTE

KEEP_AFTER_EXPIRY = timedelta(days=7)


@dataclass(frozen=True)
class DynamoContracts:
    """Implements `ContractStore`. Replacing is item by item: a crash leaves older chains, all usable."""

    table: Table

    async def save_listings(self, broker: str, loaded_on: date, listings: Sequence[Listing]) -> None:
        chains: dict[tuple[str, date], list[Listing]] = defaultdict(list)
        for listing in listings:
            chains[listing.contract.underlying, listing.contract.expiry].append(listing)
        for (underlying, expiry), rows in chains.items():
            await self.table.put(_chain_item(broker, underlying, expiry, loaded_on, rows))
        for underlying in {underlying for underlying, _ in chains}:
            expiries = sorted(expiry for name, expiry in chains if name == underlying)
            index = {"pk": _pk(broker), "sk": f"EXPIRIES#{underlying}", "loaded_on": loaded_on.isoformat()}
            await self.table.put({**index, "expiries": [expiry.isoformat() for expiry in expiries]})

        await self.table.put({"pk": _pk(broker), "sk": "LOADED", "loaded_on": loaded_on.isoformat()})

    async def loaded_on(self, broker: str) -> date | None:
        item = await self.table.get(_pk(broker), "LOADED")
        return date.fromisoformat(item["loaded_on"]) if item else None

    async def expiries(self, broker: str, underlying: str) -> Sequence[date]:
        item = await self.table.get(_pk(broker), f"EXPIRIES#{underlying}")
        return [date.fromisoformat(text) for text in item["expiries"]] if item else []

    async def chain(self, broker: str, underlying: str, expiry: date) -> Chain | None:
        item = await self.table.get(_pk(broker), _sk(underlying, expiry))
        if item is None:
            return None
        listings = [_listing_of(row, item) for row in item["rows"].split("\n")]
        return Chain(broker, underlying, expiry, {listing.contract: listing for listing in listings})


def _chain_item(broker: str, underlying: str, expiry: date, loaded_on: date, rows: Sequence[Listing]) -> dict[str, Any]:
    gone = datetime.combine(expiry + KEEP_AFTER_EXPIRY, datetime.min.time(), UTC)
    return {
        "pk": _pk(broker),
        "sk": _sk(underlying, expiry),
        "underlying": underlying,
        "expiry": expiry.isoformat(),
        "loaded_on": loaded_on.isoformat(),
        "rows": "\n".join(_row(listing) for listing in sorted(rows, key=lambda row: row.contract)),
        TTL_ATTRIBUTE: int(gone.timestamp()),
    }


def _row(listing: Listing) -> str:
    contract = listing.contract
    freeze = "" if listing.freeze_quantity is None else str(listing.freeze_quantity)
    facts = (contract.strike, contract.right, listing.exchange, listing.symbol, listing.token)
    return "|".join(map(str, (*facts, listing.lot_size, listing.tick_size, freeze)))


def _listing_of(row: str, item: dict[str, Any]) -> Listing:
    strike, right, exchange, symbol, token, lot_size, tick_size, freeze = row.split("|")
    expiry = date.fromisoformat(item["expiry"])
    return Listing(
        contract=Contract(item["underlying"], expiry, Decimal(strike), Right(right)),
        exchange=exchange,
        symbol=symbol,
        token=token,
        lot_size=int(lot_size),
        tick_size=Decimal(tick_size),
        freeze_quantity=int(freeze) if freeze else None,
    )


def _pk(broker: str) -> str:
    return f"MASTER#{broker}"


def _sk(underlying: str, expiry: date) -> str:
    return f"CHAIN#{underlying}#{expiry.isoformat()}"
