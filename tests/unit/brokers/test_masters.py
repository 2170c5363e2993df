"""Instrument masters: contracts by their key, whatever the order of columns; never half a file."""

import csv
import io
import json
import random
import re
from datetime import date
from decimal import Decimal
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.adapters.brokers.angel_one.master import MasterReader
from lambdas.adapters.brokers.zerodha.master import COLUMNS, read_master
from lambdas.domain.contracts import NO_STRIKE, Contract, Listing, Right
from lambdas.ports.broker import BrokerGarbled, BrokerUnreachable
from tests.unit.brokers.accounts import angel_one, zerodha
from tests.unit.brokers.doubles import ScriptedTransport, answer, payload

NFO = payload("zerodha", "NFO.csv").decode()
SCRIPS = payload("angel_one", "master.json")
NIFTY = frozenset({"NIFTY"})
CALL = Contract("NIFTY", date(2026, 11, 23), Decimal(26000), Right.CE)
FUTURE = Contract("NIFTY", date(2026, 11, 23), NO_STRIKE, Right.FUT)


def read_scrips(body: bytes, underlyings: frozenset[str] = NIFTY) -> list[Listing]:
    reader = MasterReader(underlyings)
    reader.feed(body)
    return reader.close()


def reordered(text: str, seed: int) -> str:
    rows = list(csv.reader(io.StringIO(text)))
    order = list(range(len(rows[0])))
    random.Random(seed).shuffle(order)
    out = io.StringIO()
    csv.writer(out).writerows([[row[index] for index in order] for row in rows])
    return out.getvalue()


def test_zerodha_lists_only_the_contracts_of_the_underlyings() -> None:
    call, put, future = read_master(NFO, "NFO", NIFTY)
    assert call == Listing(CALL, "NFO", "NIFTY26NOV26000CE", "12073986", 65, Decimal("0.05"), None)
    assert put.contract.right is Right.PE
    assert future == Listing(FUTURE, "NFO", "NIFTY26NOVFUT", "9117186", 65, Decimal("0.1"), None)


@pytest.mark.parametrize("seed", range(5))
def test_zerodha_may_change_the_order_of_columns(seed: int) -> None:
    assert read_master(reordered(NFO, seed), "NFO", NIFTY) == read_master(NFO, "NFO", NIFTY)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_named(column: str) -> None:
    with pytest.raises(BrokerGarbled, match=f"zerodha: NFO master has no column {column}$"):
        read_master(re.sub(rf"\b{column}\b", "renamed", NFO, count=1), "NFO", NIFTY)


def test_an_empty_file_has_no_columns() -> None:
    with pytest.raises(BrokerGarbled, match="has no column"):
        read_master("", "NFO", NIFTY)


def test_a_short_row_is_named_by_its_line() -> None:
    cut = NFO[: NFO.index("RELIANCE26NOV") + 20]
    with pytest.raises(BrokerGarbled, match="zerodha: NFO master line 6: 4 columns instead of 12"):
        read_master(cut, "NFO", NIFTY)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("2026-11-23,26000", "23-11-2026,26000"),
        (",26000,0.05,65,", ",26000,0.05,0,"),
        (",26000,0.05,65,", ",26000,0.05,sixty,"),
        (",26000,0.05,65,", ",26000,0,65,"),
        (",26000,0.05,65,", ",-1,0.05,65,"),
        ("CE,NFO-OPT,NFO", "CE,NFO-OPT,BFO"),
    ],
)
def test_an_unreadable_contract_is_named_by_its_line(good: str, bad: str) -> None:
    with pytest.raises(BrokerGarbled, match="zerodha: NFO master line 2: "):
        read_master(NFO.replace(good, bad, 1), "NFO", NIFTY)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("2026-11-23,0,0.1,65,FUT", ",0,0.1,65,FUT"),
        ("2026-11-23,0,0.1,65,FUT", "2026-11-23,26000,0.1,65,FUT"),
        ("2026-11-23,0,0.1,65,FUT", "2026-11-23,,0.1,65,FUT"),
        ("2026-11-23,0,0.1,65,FUT", "2026-11-23,0,0,65,FUT"),
        ("2026-11-23,0,0.1,65,FUT", "2026-11-23,0,0.1,0,FUT"),
        ("FUT,NFO-FUT,NFO", "FUT,NFO-FUT,BFO"),
    ],
)
def test_an_unreadable_future_is_named_by_its_line(good: str, bad: str) -> None:
    assert good in NFO
    with pytest.raises(BrokerGarbled, match="zerodha: NFO master line 5: "):
        read_master(NFO.replace(good, bad, 1), "NFO", NIFTY)


@pytest.mark.anyio
async def test_zerodha_reads_only_the_segments_it_needs() -> None:
    transport = ScriptedTransport(answer(200, payload("zerodha", "BFO.csv")))
    (listing,) = await zerodha(transport).listings(frozenset({"SENSEX"}))
    assert listing.contract.underlying == "SENSEX"
    assert [request.url.path for request in transport.requests] == ["/instruments/BFO"]


@pytest.mark.anyio
async def test_zerodha_looks_everywhere_for_an_underlying_it_does_not_know() -> None:
    files = answer(200, NFO), answer(200, payload("zerodha", "BFO.csv"))
    transport = ScriptedTransport(*files)
    (listing,) = await zerodha(transport).listings(frozenset({"SENSEX50"}))
    assert (listing.exchange, listing.lot_size) == ("BFO", 75)


def test_angel_one_writes_paise() -> None:
    call, put, future = read_scrips(SCRIPS)
    assert call == Listing(CALL, "NFO", "NIFTY23NOV2626000CE", "47164", 65, Decimal("0.05"), None)
    assert put.contract.right is Right.PE
    assert future == Listing(FUTURE, "NFO", "NIFTY23NOV26FUT", "35614", 65, Decimal("0.1"), None)


@pytest.mark.parametrize("written", [b"0", b"0.000000", b"-1.000000", b"-0.010000"])
def test_a_future_has_no_strike_however_that_is_written(written: bytes) -> None:
    body = SCRIPS.replace(b'"-1.000000"', b'"%b"' % written)
    assert read_scrips(body) == read_scrips(SCRIPS)


def test_angel_one_lists_both_exchanges() -> None:
    listings = read_scrips(SCRIPS, frozenset({"SENSEX", "BANKNIFTY"}))
    assert {listing.exchange for listing in listings} == {"NFO", "BFO"}


@given(cuts=st.lists(st.integers(0, len(SCRIPS)), max_size=40))
def test_chunks_may_break_anywhere(cuts: list[int]) -> None:
    reader = MasterReader(NIFTY)
    places = [0, *sorted(cuts), len(SCRIPS)]
    for start, end in pairwise(places):
        reader.feed(SCRIPS[start:end])
    assert reader.close() == read_scrips(SCRIPS)


@given(length=st.integers(0, len(SCRIPS.rstrip()) - 1))
def test_a_file_that_breaks_off_anywhere_is_garbled(length: int) -> None:
    with pytest.raises(BrokerGarbled, match="angel_one: scrip master row"):
        read_scrips(SCRIPS[:length])


def test_rows_may_have_their_fields_in_any_order_and_more_of_them() -> None:
    rows = [{**dict(reversed(row.items())), "new": "x"} for row in json.loads(SCRIPS)]
    assert read_scrips(json.dumps(rows, indent=1).encode()) == read_scrips(SCRIPS)


@pytest.mark.parametrize("column", ["name", "expiry", "strike", "lotsize", "exch_seg", "tick_size", "token"])
def test_a_missing_field_is_named(column: str) -> None:
    with pytest.raises(BrokerGarbled, match=f"angel_one: scrip master row 1 has no column {column}"):
        read_scrips(SCRIPS.replace(f'"{column}"'.encode(), b'"renamed"', 1))


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"23NOV2026", b"2026-11-23"),
        (b"2600000.000000", b"0.000000"),
        (b'"5.000000"', b'"0.000000"'),
        (b'"65"', b'"many"'),
        (b"26000CE", b"26000XX"),
        (b'"NIFTY23', b'"NIFTY"23'),
    ],
)
def test_an_unreadable_row_is_named(good: bytes, bad: bytes) -> None:
    with pytest.raises(BrokerGarbled, match="angel_one: scrip master row 1 is unreadable"):
        read_scrips(SCRIPS.replace(good, bad, 1))


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"26FUT", b"26FUX"),
        (b"26FUT", b"2625000CE"),
        (b'"-1.000000"', b'"2500000.000000"'),
        (b'"-1.000000"', b'""'),
        (b'"10.000000"', b'"0.000000"'),
        (b'"23NOV2026","strike":"-1', b'"","strike":"-1'),
    ],
)
def test_an_unreadable_future_is_named_by_its_row(good: bytes, bad: bytes) -> None:
    assert good in SCRIPS
    with pytest.raises(BrokerGarbled, match="angel_one: scrip master row 5 is unreadable"):
        read_scrips(SCRIPS.replace(good, bad, 1))


@pytest.mark.parametrize(
    ("good", "bad", "row"), [(b'},\n{"token":"47165"', b'}\n{"token":"47165"', 2), (b"[{", b"{", 1), (b"[{", b"x[{", 1)]
)
def test_what_is_not_an_array_of_objects_is_named_by_its_row(good: bytes, bad: bytes, row: int) -> None:
    with pytest.raises(BrokerGarbled, match=f"row {row} is not an object of an array"):
        read_scrips(SCRIPS.replace(good, bad, 1))


def test_a_page_instead_of_the_master_is_garbled() -> None:
    with pytest.raises(BrokerGarbled, match="row 1"):
        read_scrips(b"<html><style>a { b }</style></html>")


@pytest.mark.anyio
async def test_the_public_master_gets_neither_key_nor_token() -> None:
    transport = ScriptedTransport(answer(200, SCRIPS))
    assert len(await angel_one(transport).listings(NIFTY)) == 3
    assert str(transport.last.url) == "http://master.test/OpenAPI_File/files/OpenAPIScripMaster.json"
    sent = str(transport.last.headers.raw)
    assert "TOKEN0CANARY" not in sent
    assert "angel0key" not in sent


@pytest.mark.anyio
async def test_a_master_that_cannot_be_had_is_an_error() -> None:
    with pytest.raises(BrokerGarbled, match="HTTP 503"):
        await angel_one(ScriptedTransport(answer(503, ""))).listings(NIFTY)
    with pytest.raises(BrokerGarbled, match="HTTP 503"):
        await zerodha(ScriptedTransport(answer(503, ""))).listings(NIFTY)
    with pytest.raises(BrokerUnreachable):
        await angel_one(ScriptedTransport(httpx.ConnectError("no route"))).listings(NIFTY)
