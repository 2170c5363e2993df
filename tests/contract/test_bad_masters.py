"""Instrument masters with what is wrong, on every broker: the right contracts, or an error that names the broker and
what was wrong with its file; never fewer contracts, and never a column read as another one.
"""

import asyncio
import gzip
import random
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import pytest

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.registry import open_broker
from lambdas.domain.contracts import Listing
from lambdas.ports.broker import BrokerGarbled
from tests.contract.masters import (
    INDICES,
    JSON_BROKERS,
    PATHS,
    WITHOUT_NAMES,
    Masters,
    Row,
    columns_of,
    listed,
    written,
)
from tests.contract.sandboxed import BROKERS, CLOCK, CREDENTIALS, Sandbox
from tests.unit.brokers.doubles import loopback, read_request

pytestmark = pytest.mark.anyio
ALL = sorted(BROKERS)
NAMED = [broker for broker in ALL if broker not in WITHOUT_NAMES]
NEEDED = {
    "zerodha": "instrument_token tradingsymbol name expiry strike tick_size lot_size instrument_type exchange",
    "angel_one": "token symbol name expiry strike lotsize instrumenttype exch_seg tick_size",
    "upstox": "weekly segment expiry instrument_type underlying_symbol instrument_key lot_size tick_size strike_price",
    "dhan": "EXCH_ID SEGMENT SECURITY_ID INSTRUMENT UNDERLYING_SYMBOL LOT_SIZE SM_EXPIRY_DATE STRIKE_PRICE OPTION_TYPE "
    "TICK_SIZE",
    "groww": "exchange trading_symbol instrument_type segment underlying_symbol expiry_date strike_price lot_size "
    "tick_size freeze_quantity",
}
OPTIONAL = {"upstox": "freeze_quantity", "dhan": "SM_FREEZE_QTY"}
"""Without it contracts are the same, and the freeze quantity is not told."""
LOT = {"zerodha": "lot_size", "angel_one": "lotsize", "upstox": "lot_size", "fyers": "3", "dhan": "LOT_SIZE"}
TOKEN = {
    "zerodha": "instrument_token",
    "angel_one": "token",
    "upstox": "instrument_key",
    "dhan": "SECURITY_ID",
    "groww": "trading_symbol",
}
READ_BY_PLACE = {frozenset(pair) for pair in combinations(["0", "3", "4", "8", "9", "13", "15", "16"], 2)}
"""Pairs of the columns of Fyers that are read: token, lot, tick, expiry, ticker, underlying, strike, right."""
Rows = Mapping[str, Sequence[Row]]


@pytest.fixture(scope="module")
def masters(running_sandbox: Sandbox) -> Masters:
    return Masters(running_sandbox)


def files_of(broker: str, rows: Rows, change: Callable[[Sequence[Row]], bytes] | None = None) -> dict[str, bytes]:
    """Every file, as it is or as `change` writes it."""
    return {path: (change or (lambda own: written(broker, own)))(own) for path, own in rows.items()}


async def right_listings(broker: str, rows: Rows) -> list[Listing]:
    """What the whole files list; every index is among it."""
    listings = await listed(broker, files_of(broker, rows))
    assert {listing.contract.underlying for listing in listings} == INDICES
    return listings


async def refused(broker: str, files: Mapping[str, bytes], headers: Mapping[str, str] | None = None) -> str:
    """What the adapter says of files that it must not use."""
    with pytest.raises(BrokerGarbled) as caught:
        await listed(broker, files, headers)
    assert str(caught.value).startswith(f"{broker}: ")
    return str(caught.value)


@pytest.mark.parametrize("broker", ALL)
async def test_taken_apart_and_written_again_a_master_is_the_same(broker: str, masters: Masters) -> None:
    """The ground of all other cases: what they read differs from the broker's own file in one thing only."""
    rows = masters.thin(broker)
    thin = await right_listings(broker, rows)
    whole = await listed(broker, masters.whole(broker))
    assert set(thin) < set(whole)
    assert len(thin) >= len(whole) // 26


@pytest.mark.parametrize("broker", NAMED)
@pytest.mark.parametrize("seed", range(4))
async def test_columns_are_found_by_name_in_any_order(broker: str, seed: int, masters: Masters) -> None:
    rows = masters.thin(broker)

    def shuffled(own: Sequence[Row]) -> bytes:
        columns = columns_of(own)
        random.Random(seed).shuffle(columns)
        return written(broker, own, columns)

    assert await listed(broker, files_of(broker, rows, shuffled)) == await right_listings(broker, rows)


@pytest.mark.parametrize("broker", NAMED)
async def test_any_column_may_come_first_or_last(broker: str, masters: Masters) -> None:
    rows = masters.thin(broker)
    right = await right_listings(broker, rows)
    for column in NEEDED[broker].split():
        for place in (0, 99):

            def moved(own: Sequence[Row], column: str = column, place: int = place) -> bytes:
                others = [name for name in columns_of(own) if name != column]
                return written(broker, own, [*others[:place], column, *others[place:]])

            assert await listed(broker, files_of(broker, rows, moved)) == right, column


@pytest.mark.parametrize("broker", NAMED)
async def test_a_column_that_is_gone_is_named_when_it_is_needed(broker: str, masters: Masters) -> None:
    rows = masters.thin(broker)
    right = await right_listings(broker, rows)
    columns = columns_of([row for own in rows.values() for row in own])
    for column in columns:

        def without(own: Sequence[Row], column: str = column) -> bytes:
            return written(broker, own, [name for name in columns_of(own) if name != column])

        files = files_of(broker, rows, without)
        if column in NEEDED[broker].split():
            assert (await refused(broker, files)).endswith(f" has no column {column}")
        elif column == OPTIONAL.get(broker):
            assert await listed(broker, files) == [replace(one, freeze_quantity=None) for one in right]
        else:
            assert await listed(broker, files) == right, column


@pytest.mark.parametrize("broker", NAMED)
@pytest.mark.parametrize("place", [0, 99])
async def test_a_new_column_is_no_harm(broker: str, place: int, masters: Masters) -> None:
    rows = masters.thin(broker)

    def wider(own: Sequence[Row]) -> bytes:
        columns = columns_of(own)
        new = [{**row, "new": "NIFTY"} for row in own]
        return written(broker, new, [*columns[:place], "new", *columns[place:]])

    assert await listed(broker, files_of(broker, rows, wider)) == await right_listings(broker, rows)


@pytest.mark.parametrize("segment", PATHS["fyers"])
async def test_a_column_of_fyers_is_never_read_as_another_one(segment: str, masters: Masters) -> None:
    """Its files name no columns: any two that change places are noticed, or are two that nobody reads."""
    rows = masters.thin("fyers")
    right = await right_listings("fyers", rows)
    files = files_of("fyers", rows)
    columns = columns_of(rows[segment])
    noticed = [
        (one, other)
        for one, other in combinations(columns, 2)
        if not await reads_the_same(
            right, {**files, segment: written("fyers", rows[segment], turned(columns, one, other))}
        )
    ]
    assert {frozenset(pair) for pair in noticed} >= READ_BY_PLACE


async def reads_the_same(right: list[Listing], files: Mapping[str, bytes]) -> bool:
    """False where Fyers' files are refused; any other listings than the right ones fail the test."""
    try:
        listings = await listed("fyers", files)
    except BrokerGarbled:
        return False
    assert listings == right
    return True


def turned(columns: Sequence[str], one: str, other: str) -> list[str]:
    """The columns with two of them in each other's place."""
    places = {one: other, other: one}
    return [places.get(name, name) for name in columns]


@pytest.mark.parametrize("segment", PATHS["fyers"])
async def test_shifted_columns_of_fyers_are_refused(segment: str, masters: Masters) -> None:
    rows = masters.thin("fyers")
    right = await right_listings("fyers", rows)
    files = files_of("fyers", rows)
    columns = columns_of(rows[segment])
    for place in range(len(columns) + 1):
        wider = [{**row, "new": "0"} for row in rows[segment]]
        more = written("fyers", wider, [*columns[:place], "new", *columns[place:]])
        if place <= 17:
            said = await refused("fyers", {**files, segment: more})
            assert "master line 1: " in said or "lists no contract" in said, (place, said)
        else:
            assert await listed("fyers", {**files, segment: more}) == right
    for column in columns:
        fewer = written("fyers", rows[segment], [name for name in columns if name != column])
        assert "20 columns instead of 21" in await refused("fyers", {**files, segment: fewer})


@pytest.mark.parametrize("broker", ALL)
async def test_repeated_rows_are_counted_once(broker: str, masters: Masters) -> None:
    rows = masters.thin(broker)
    twice = files_of(broker, {path: [*own, *own] for path, own in rows.items()})
    assert await listed(broker, twice) == await right_listings(broker, rows)


@pytest.mark.parametrize("broker", ALL)
async def test_two_rows_that_disagree_about_a_contract_are_refused(broker: str, masters: Masters) -> None:
    rows = masters.thin(broker)
    lot = LOT.get(broker, "lot_size")
    for path, own in rows.items():
        other = {**own[-1], lot: type(own[-1][lot])("7")}
        files = files_of(broker, {**rows, path: [*own, other]})
        assert (await refused(broker, files)).endswith("twice, and not alike")


@pytest.mark.parametrize("broker", sorted(TOKEN))
async def test_one_token_for_two_contracts_is_refused(broker: str, masters: Masters) -> None:
    """An order would go to a contract that nobody meant."""
    rows = masters.thin(broker)
    path, own = next(reversed(rows.items()))
    files = files_of(broker, {**rows, path: [*own[:-1], {**own[-1], TOKEN[broker]: own[-2][TOKEN[broker]]}]})
    assert "the master has one token, " in await refused(broker, files)


@pytest.mark.parametrize("broker", ALL)
async def test_a_master_without_the_contracts_of_an_exchange_is_refused(broker: str, masters: Masters) -> None:
    rows = masters.thin(broker)
    for names, exchange in (("BANKEX or SENSEX", "BSE"), ("BANKNIFTY, FINNIFTY, MIDCPNIFTY or NIFTY", "NSE")):
        gone = set(names.replace(" or", ",").split(", "))
        left = {path: [row for row in own if not gone & set(map(str, row.values()))] for path, own in rows.items()}
        if broker in WITHOUT_NAMES:
            left = {path: own or [dict.fromkeys(map(str, range(21)), "")] for path, own in left.items()}
            left = {path: [{**row, "9": row["9"] or _prefix(path)} for row in own] for path, own in left.items()}
        files = {
            path: written(broker, own, columns_of(rows[path]))  # the names of the columns stay
            for path, own in left.items()
        }
        said = await refused(broker, files)
        nothing = f"lists no contract of {names} ({exchange}); its columns or names may have changed"
        empty_file = {"dhan": "nothing but names of columns", "upstox": "is missing or cut off"}
        assert said == f"{broker}: the master {nothing}" or empty_file.get(broker, nothing) in said


def _prefix(path: str) -> str:
    return f"{path.removeprefix('/sym_details/')[:3]}:"


@pytest.mark.parametrize("broker", ALL)
@pytest.mark.parametrize("part", [0.0, 0.01, 0.3, 0.6, 0.999])
async def test_a_file_that_breaks_off_is_refused(broker: str, part: float, masters: Masters) -> None:
    """In the header, within a row, in the last row, and where it has not begun; each file of the broker in turn."""
    rows = masters.thin(broker)
    files = files_of(broker, rows)
    for path, body in files.items():
        length = int(part * len(body))
        await refused(
            broker, {**files, path: body[: length if broker in JSON_BROKERS else _within_a_line(body, length)]}
        )


@pytest.mark.parametrize("broker", sorted(JSON_BROKERS))
async def test_json_that_breaks_off_between_its_rows_is_refused(broker: str, masters: Masters) -> None:
    rows = masters.thin(broker)
    whole = {path: written(broker, own, packed=False) for path, own in rows.items()}
    right = await right_listings(broker, rows)
    assert await listed(broker, whole) == right
    for path, body in whole.items():
        ends = [place + 1 for place, letter in enumerate(body) if letter == ord("}")]
        for end in (ends[0], ends[len(ends) // 2], ends[-1]):
            said = await refused(broker, {**whole, path: body[:end]})
            assert said.endswith("is missing or cut off")


@pytest.mark.parametrize("broker", [broker for broker in ALL if broker != "upstox"])
async def test_a_packed_answer_that_breaks_off_is_refused(broker: str, masters: Masters) -> None:
    """The length of the answer is right, and what it packs ends early: only the file itself can tell."""
    rows = masters.thin(broker)
    files = files_of(broker, rows)
    packed = {path: gzip.compress(body, 1) for path, body in files.items()}
    headers = {"content-encoding": "gzip"}
    assert await listed(broker, packed, headers) == await right_listings(broker, rows)
    for path, body in packed.items():
        for part in (0.1, 0.5, 0.9):
            cut = next(
                length
                for length in range(int(part * len(body)), 0, -1)
                if _ends_within_a_line(zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body[:length]), files[path])
            )
            await refused(broker, {**packed, path: body[:cut]}, headers)


def _within_a_line(body: bytes, length: int) -> int:
    while not _ends_within_a_line(body[:length], body) and length:
        length -= 1
    return length


def _ends_within_a_line(start: bytes, whole: bytes) -> bool:
    """A text file that ends with a whole line is a shorter file, which nothing in it tells."""
    commas = start.rpartition(b"\n")[2].count(b",")
    return 0 < commas < whole.partition(b"\n")[0].count(b",")


@pytest.mark.parametrize("broker", ALL)
async def test_an_answer_that_ends_before_its_length_is_refused_even_at_the_end_of_a_line(
    broker: str, masters: Masters
) -> None:
    body = next(iter(masters.whole(broker).values()))
    half = body[: body.rfind(b"\n", 0, len(body) // 2) + 1 or len(body) // 2]

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + half)
        await writer.drain()

    async with loopback(talk) as url:
        endpoints = Endpoints(url, url, url)
        account = open_broker(broker, credentials=CREDENTIALS[broker], tokens={}, endpoints=endpoints, clock=CLOCK)
        with pytest.raises(BrokerGarbled, match=f"^{broker}: no whole answer: RemoteProtocolError"):
            await account.listings(INDICES)
        await account.aclose()
