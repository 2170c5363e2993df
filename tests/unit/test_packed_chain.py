"""Chains in the table: what was packed comes back exactly, and a real one costs one read unit."""

import gzip
import json
import os
import zlib
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.adapters.dynamo.packed_chain import pack, unpack
from lambdas.domain.contracts import NO_STRIKE, Contract, Listing, Right
from lambdas.domain.moments import IST
from tests.doubles.examples import EXPIRY, a_contract, a_listing, listings_of

MARKET_DATA = Path(os.environ.get("LEGWISE_MARKET_DATA", Path(__file__).parents[3] / "shared" / "data"))
ONE_READ_UNIT = 4096
KEYS_AND_REST = 300
"""Bytes of an item beside its rows: keys, attribute names, dates."""

TEXTS = st.text(st.characters(exclude_characters="\t\n", exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    ["NSE_FO|57352", "NIFTY 24300 CE 21 JUL 26", "", " ", "\r", "\x85", "\u2028", "निफ्टी"]
)
PRICES = st.decimals(min_value=0, max_value=10**7, allow_nan=False, allow_infinity=False)
QUANTITIES = st.integers(1, 10**6)
CONTRACTS = st.builds(
    Contract, st.just("NIFTY"), st.just(EXPIRY), PRICES, st.sampled_from([Right.CE, Right.PE])
) | st.just(Contract("NIFTY", EXPIRY, NO_STRIKE, Right.FUT))
LISTINGS = st.builds(
    Listing, CONTRACTS, TEXTS, TEXTS, TEXTS, QUANTITIES, PRICES, freeze_quantity=st.none() | QUANTITIES
)


@given(st.lists(LISTINGS, min_size=1, max_size=20))
def test_any_listings_come_back_exactly(listings: list[Listing]) -> None:
    back = unpack(pack(listings), "NIFTY", EXPIRY)
    assert back == listings
    assert [str(row.contract.strike) for row in back] == [str(row.contract.strike) for row in listings]
    assert [str(row.tick_size) for row in back] == [str(row.tick_size) for row in listings]


@pytest.mark.parametrize("field", ["symbol", "token", "exchange"])
@pytest.mark.parametrize("separator", ["\t", "\n"])
def test_a_field_that_holds_a_separator_is_refused_and_named(field: str, separator: str) -> None:
    odd = a_listing(a_contract(24550), **{field: f"A{separator}B"})
    with pytest.raises(ValueError, match=r"NIFTY 01 Dec 26 24550 CE: 'A\\[tn]B' holds a tab or a line break"):
        pack([*listings_of(24500), odd])


def test_only_exceptions_carry_facts_of_their_own() -> None:
    odd = a_listing(a_contract(24000), lot_size=75)
    first, *rows = zlib.decompress(pack([odd, *listings_of(24500, 24550, freeze_quantity=1755)])).decode().split("\n")
    assert first.split("\t") == ["NFO", "65", "0.05", "1755"]
    assert [len(row.split("\t")) for row in rows] == [8, 4, 4, 4, 4]


def test_every_real_chain_fits_in_one_read_unit() -> None:
    folder = MARKET_DATA / "instruments"
    if not folder.exists():
        pytest.skip("market data is not on this machine (LEGWISE_MARKET_DATA)")
    chains: dict[tuple[str, date], list[Listing]] = defaultdict(list)
    for file in folder.glob("upstox_*.json.gz"):
        for row in json.loads(gzip.decompress(file.read_bytes())):
            if row["instrument_type"] in ("CE", "PE", "FUT"):
                listing = listing_of(row)
                chains[listing.contract.underlying, listing.contract.expiry].append(listing)
    assert max(len(rows) for rows in chains.values()) == 437
    for (underlying, expiry), rows in chains.items():
        rows.sort(key=lambda row: row.contract)
        data = pack(rows)
        assert len(data) + KEYS_AND_REST < ONE_READ_UNIT
        assert unpack(data, underlying, expiry) == rows


def listing_of(row: dict[str, object]) -> Listing:
    """A row of the recorded masters."""
    right = Right(str(row["instrument_type"]))
    return Listing(
        contract=Contract(
            str(row["underlying_symbol"]),
            datetime.fromtimestamp(int(str(row["expiry"])) / 1000, IST).date(),
            NO_STRIKE if right is Right.FUT else Decimal(str(row["strike_price"])),
            right,
        ),
        exchange=str(row["segment"]),
        symbol=str(row["trading_symbol"]),
        token=str(row["instrument_key"]),
        lot_size=int(str(row["lot_size"])),
        tick_size=Decimal(str(row["tick_size"])) / 100,
        freeze_quantity=int(float(str(row["freeze_quantity"]))),
    )
