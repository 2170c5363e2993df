"""Upstox's instrument files: contracts by their key, packed or not; never half a file; the real ones."""

import gzip
import json
import os
from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.adapters.brokers.upstox.indices import INDICES
from lambdas.adapters.brokers.upstox.master import MasterReader
from lambdas.adapters.brokers.whole_master import whole_master
from lambdas.domain.contracts import NO_STRIKE, Contract, Listing, Right
from lambdas.ports.broker import BrokerGarbled, BrokerUnreachable
from tests.unit.brokers.accounts import upstox
from tests.unit.brokers.doubles import ScriptedTransport, answer, payload

NSE, BSE = payload("upstox", "NSE.json"), payload("upstox", "BSE.json")
NIFTY = frozenset({"NIFTY"})
PACKED = gzip.compress(NSE, mtime=0)
MONTHLY = date(2026, 11, 24)


def read(body: bytes, underlyings: frozenset[str] = NIFTY) -> list[Listing]:
    reader = MasterReader("NSE", underlyings)
    reader.feed(body)
    return reader.close()


def test_contracts_carry_the_instrument_key_and_the_symbol_of_the_exchange() -> None:
    call, put, weekly, future = read(NSE)
    contract = Contract("NIFTY", MONTHLY, Decimal(26000), Right.CE)
    assert call == Listing(contract, "NFO", "NIFTY26NOV26000CE", "NSE_FO|47164", 65, Decimal("0.05"), 1755)
    assert put.contract.right is Right.PE
    assert (weekly.symbol, weekly.contract.expiry) == ("NIFTY26D0125950.5CE", date(2026, 12, 1))
    ends = Contract("NIFTY", MONTHLY, NO_STRIKE, Right.FUT)
    assert future == Listing(ends, "NFO", "NIFTY26NOVFUT", "NSE_FO|35614", 65, Decimal("0.1"), 1755)


@given(cuts=st.lists(st.integers(0, len(PACKED)), max_size=30), packed=st.booleans())
def test_chunks_may_break_anywhere(cuts: list[int], packed: bool) -> None:
    body = PACKED if packed else NSE
    reader = MasterReader("NSE", NIFTY)
    for start, end in pairwise([0, *sorted(cuts), len(body)]):
        reader.feed(body[start:end])
    assert reader.close() == read(NSE)


@given(length=st.integers(0, len(NSE.rstrip()) - 1))
def test_a_file_that_breaks_off_anywhere_is_garbled(length: int) -> None:
    with pytest.raises(BrokerGarbled, match="upstox: NSE instruments row"):
        read(NSE[:length])


@given(length=st.integers(0, len(PACKED) - 1))
def test_a_packed_file_that_breaks_off_anywhere_is_garbled(length: int) -> None:
    with pytest.raises(BrokerGarbled, match="upstox: NSE instruments row"):
        read(PACKED[:length])


def test_a_packed_file_with_a_fault_is_garbled() -> None:
    broken = PACKED[:200] + bytes([PACKED[200] ^ 0xFF]) + PACKED[201:]
    with pytest.raises(BrokerGarbled, match="upstox: NSE instruments row"):
        read(broken)


@pytest.mark.parametrize(
    "column",
    ["expiry", "strike_price", "lot_size", "tick_size", "instrument_key", "weekly", "segment", "underlying_symbol"],
)
def test_a_missing_field_is_named(column: str) -> None:
    with pytest.raises(BrokerGarbled, match=f"row 1 has no column {column}$"):
        read(NSE.replace(f'"{column}"'.encode(), b'"renamed"', 1))


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b'"expiry":1795', b'"expiry":"24NOV26","was":1795'),
        (b'"strike_price":26000.0', b'"strike_price":0.0'),
        (b'"strike_price":26000.0', b'"strike_price":"many"'),
        (b'"tick_size":5.0', b'"tick_size":0.0'),
        (b'"lot_size":65', b'"lot_size":0'),
        (b'"lot_size":65', b'"lot_size":6.5'),
        (b'"freeze_quantity":1755.0', b'"freeze_quantity":17.5'),
        (b'"weekly":false', b'"weekly":fals'),
    ],
)
def test_an_unreadable_row_is_named(good: bytes, bad: bytes) -> None:
    assert good in NSE
    with pytest.raises(BrokerGarbled, match="upstox: NSE instruments row 1 is unreadable"):
        read(NSE.replace(good, bad, 1))


def test_a_future_with_a_strike_is_unreadable() -> None:
    with pytest.raises(BrokerGarbled, match="row 5 is unreadable"):
        read(NSE.replace(b'"strike_price":0.0', b'"strike_price":26000.0', 1))


@pytest.mark.anyio
async def test_only_the_files_that_are_needed_are_fetched_and_without_the_token() -> None:
    transport = ScriptedTransport(answer(200, gzip.compress(BSE)))
    (listing,) = await upstox(transport).listings(frozenset({"SENSEX"}))
    assert (listing.exchange, listing.symbol, listing.token) == ("BFO", "SENSEX26D0385000PE", "BSE_FO|873141")
    assert [str(request.url) for request in transport.requests] == [
        "http://master.test/market-quote/instruments/exchange/BSE.json.gz"
    ]
    assert "TOKEN0CANARY" not in str(transport.last.headers.raw)


@pytest.mark.anyio
async def test_a_server_that_unpacks_on_the_way_is_read_too() -> None:
    assert await upstox(ScriptedTransport(answer(200, NSE))).listings(NIFTY) == read(PACKED)


@pytest.mark.anyio
async def test_instruments_that_cannot_be_had_are_an_error() -> None:
    with pytest.raises(BrokerGarbled, match="HTTP 503"):
        await upstox(ScriptedTransport(answer(503, ""))).listings(NIFTY)
    with pytest.raises(BrokerGarbled, match="row 1"):
        await upstox(ScriptedTransport(answer(200, "<html><style>a { b }</style></html>"))).listings(NIFTY)
    with pytest.raises(BrokerUnreachable):
        await upstox(ScriptedTransport(httpx.ConnectError("no route"))).listings(NIFTY)


def real(name: str) -> bytes:
    """A real file of index instruments."""
    folder = Path(os.environ.get("LEGWISE_MARKET_DATA", Path(__file__).parents[4] / "shared" / "data"))
    file = folder / "instruments" / name
    if not file.exists():
        pytest.skip("market data is not on this machine (LEGWISE_MARKET_DATA)")
    return file.read_bytes()


@pytest.mark.parametrize(
    ("name", "counts", "lots", "freezes"),
    [
        (
            "upstox_nse_index_2026-07.json.gz",
            {"NIFTY": 1621, "BANKNIFTY": 1029, "FINNIFTY": 491, "MIDCPNIFTY": 865},
            {"NIFTY": {65}, "BANKNIFTY": {30}, "FINNIFTY": {60}, "MIDCPNIFTY": {120}},
            {"NIFTY": {1755}, "BANKNIFTY": {600}, "FINNIFTY": {1800}, "MIDCPNIFTY": {2760}},
        ),
        (
            "upstox_bse_index_2025-11.json.gz",
            {"SENSEX": 3237, "BANKEX": 1187},
            {"SENSEX": {20}, "BANKEX": {30}},
            {"SENSEX": {1000, 500}, "BANKEX": {900, 600}},
        ),
    ],
)
def test_the_real_files_are_read_whole(
    name: str, counts: dict[str, int], lots: dict[str, set[int]], freezes: dict[str, set[int]]
) -> None:
    body = real(name)
    listings = read(body, frozenset(INDICES))
    assert Counter(one.contract.underlying for one in listings) == counts
    assert len({one.contract for one in listings}) == len({one.symbol for one in listings}) == len(listings)
    assert len({one.token for one in listings}) == len(listings)
    for underlying in counts:
        own = [one for one in listings if one.contract.underlying == underlying]
        assert {one.lot_size for one in own} == lots[underlying]
        assert {one.freeze_quantity for one in own} == freezes[underlying]
        assert len([one for one in own if one.contract.right is Right.FUT]) == 3
        assert {one.tick_size for one in own if one.contract.right is not Right.FUT} == {Decimal("0.05")}
    rows = json.loads(gzip.decompress(body))
    spots = {row["instrument_key"] for row in rows if row["instrument_type"] == "INDEX"}
    assert {INDICES[underlying].spot for underlying in counts} <= spots


@pytest.mark.parametrize(
    ("name", "underlying", "expiries", "symbols"),
    [
        (
            "upstox_nse_index_2026-07.json.gz",
            "NIFTY",
            [date(2026, 7, 21), date(2026, 7, 28), date(2026, 8, 4), date(2026, 8, 11), date(2026, 8, 18)],
            ["NIFTY26721", "NIFTY26JUL", "NIFTY26804", "NIFTY26811", "NIFTY26818"],
        ),
        (
            "upstox_bse_index_2025-11.json.gz",
            "SENSEX",
            [date(2025, 11, 27), date(2025, 12, 4), date(2025, 12, 11), date(2025, 12, 18), date(2025, 12, 24)],
            ["SENSEX25NOV", "SENSEX25D04", "SENSEX25D11", "SENSEX25D18", "SENSEX25DEC"],
        ),
    ],
)
def test_the_expiries_of_the_real_files_are_days_in_india(
    name: str, underlying: str, expiries: list[date], symbols: list[str]
) -> None:
    listings = read(real(name), frozenset({underlying}))
    assert sorted({one.contract.expiry for one in listings})[:5] == expiries
    for expiry, symbol in zip(expiries, symbols, strict=True):
        assert all(one.symbol.startswith(symbol) for one in listings if one.contract.expiry == expiry)


@pytest.mark.parametrize(
    ("name", "underlying", "options", "futures"),
    [
        (
            "upstox_nse_index_2026-07.json.gz",
            "NIFTY",
            "2026-07-21:186 2026-07-28:210 2026-08-04:186 2026-08-11:184 2026-08-18:144 2026-08-25:206 2026-09-29:208 "
            "2026-12-29:48 2027-03-30:23 2027-06-29:24 2027-12-28:33 2028-06-27:23 2028-12-26:28 2029-06-26:23 "
            "2029-12-24:26 2030-06-25:22 2030-12-31:22 2031-06-24:22",
            "2026-07-28 2026-08-25 2026-09-29",
        ),
        (
            "upstox_nse_index_2026-07.json.gz",
            "BANKNIFTY",
            "2026-07-28:344 2026-08-25:328 2026-09-29:280 2026-12-29:26 2027-03-30:24 2027-06-29:24",
            "2026-07-28 2026-08-25 2026-09-29",
        ),
        (
            "upstox_nse_index_2026-07.json.gz",
            "FINNIFTY",
            "2026-07-28:234 2026-08-25:144 2026-09-29:110",
            "2026-07-28 2026-08-25 2026-09-29",
        ),
        (
            "upstox_nse_index_2026-07.json.gz",
            "MIDCPNIFTY",
            "2026-07-28:308 2026-08-25:296 2026-09-29:258",
            "2026-07-28 2026-08-25 2026-09-29",
        ),
        (
            "upstox_bse_index_2025-11.json.gz",
            "SENSEX",
            "2025-11-27:418 2025-12-04:350 2025-12-11:350 2025-12-18:350 2025-12-24:408 2026-01-01:324 2026-01-08:310 "
            "2026-01-29:350 2026-03-26:34 2026-06-25:34 2026-09-24:34 2026-12-31:34 2027-06-24:34 2027-12-30:34 "
            "2028-06-29:34 2028-12-28:34 2029-06-28:34 2029-12-27:34 2030-06-27:34",
            "2025-11-27 2025-12-24 2026-01-29",
        ),
        (
            "upstox_bse_index_2025-11.json.gz",
            "BANKEX",
            "2025-11-27:436 2025-12-24:408 2026-01-29:340",
            "2025-11-27 2025-12-24 2026-01-29",
        ),
    ],
)
def test_every_expiry_of_the_real_files_has_all_its_contracts(
    name: str, underlying: str, options: str, futures: str
) -> None:
    asked = frozenset({underlying})
    listings = read(real(name), asked)
    assert whole_master("upstox", listings, asked) == listings
    expected = {day: int(count) for day, _, count in (part.partition(":") for part in options.split())}
    chains = Counter(one.contract.expiry.isoformat() for one in listings if one.contract.right is not Right.FUT)
    assert chains == expected
    ends = sorted(one.contract.expiry.isoformat() for one in listings if one.contract.right is Right.FUT)
    assert ends == futures.split()
