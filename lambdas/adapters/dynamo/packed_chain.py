"""The contracts of one expiry as bytes: a line each, compressed.

The first line holds what most rows have in common (exchange, lot size, tick size, freeze quantity), each further
line a contract's strike, right, symbol and token, and its own four facts where they differ. Fields are separated
by tabs, so that symbols may hold `|` and blanks. Compressed, a chain of 437 contracts takes 3.6 KB, which one read
unit holds; the plain rows (29 KB) would take eight.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from lambdas.domain.contracts import Contract, Listing, Right

FIELD, LINE = "\t", "\n"
Facts = tuple[str, int, Decimal, int | None]


def pack(listings: Sequence[Listing]) -> bytes:
    """Bytes for these listings of one underlying and expiry, at least one; fewest when they are sorted.

    Raises ValueError for a field that holds a tab or a line break.
    """
    common = Counter(_facts(listing) for listing in listings).most_common(1)[0][0]
    lines = [FIELD.join(_facts_text(common)), *(_line(listing, common) for listing in listings)]
    return zlib.compress(LINE.join(lines).encode("utf-8"), 9)


def unpack(data: bytes, underlying: str, expiry: date) -> list[Listing]:
    """The listings that were packed, in their order."""
    first, *lines = zlib.decompress(data).decode("utf-8").split(LINE)
    common = _facts_of(first.split(FIELD))
    return [_listing(line.split(FIELD), common, underlying, expiry) for line in lines]


def _line(listing: Listing, common: Facts) -> str:
    contract, facts = listing.contract, _facts(listing)
    fields = [str(contract.strike), str(contract.right), listing.symbol, listing.token]
    if facts != common:
        fields += _facts_text(facts)
    for field in (listing.symbol, listing.token, listing.exchange):
        if FIELD in field or LINE in field:
            raise ValueError(f"{contract}: {field!r} holds a tab or a line break, which separate fields in the table")
    return FIELD.join(fields)


def _listing(fields: Sequence[str], common: Facts, underlying: str, expiry: date) -> Listing:
    strike, right, symbol, token, *own = fields
    exchange, lot_size, tick_size, freeze_quantity = _facts_of(own) if own else common
    return Listing(
        contract=Contract(underlying, expiry, Decimal(strike), Right(right)),
        exchange=exchange,
        symbol=symbol,
        token=token,
        lot_size=lot_size,
        tick_size=tick_size,
        freeze_quantity=freeze_quantity,
    )


def _facts(listing: Listing) -> Facts:
    return listing.exchange, listing.lot_size, listing.tick_size, listing.freeze_quantity


def _facts_text(facts: Facts) -> list[str]:
    return ["" if fact is None else str(fact) for fact in facts]


def _facts_of(fields: Iterable[str]) -> Facts:
    exchange, lot_size, tick_size, freeze = fields
    return exchange, int(lot_size), Decimal(tick_size), int(freeze) if freeze else None
