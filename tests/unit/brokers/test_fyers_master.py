"""The symbol masters of Fyers: contracts by their key; never half a file."""

from datetime import date
from decimal import Decimal

import httpx
import pytest

from lambdas.adapters.brokers.fyers.indices import segments_of
from lambdas.adapters.brokers.fyers.master import read_master
from lambdas.domain.contracts import NO_STRIKE, Contract, Listing, Right
from lambdas.ports.broker import BrokerGarbled, BrokerUnreachable
from tests.unit.brokers.accounts import fyers
from tests.unit.brokers.doubles import ScriptedTransport, answer, payload

NSE, BSE = payload("fyers", "NSE_FO.csv").decode(), payload("fyers", "BSE_FO.csv").decode()
NIFTY = frozenset({"NIFTY"})
EXPIRY = date(2026, 11, 23)


def test_only_the_contracts_of_the_underlyings_are_listed() -> None:
    call, put, future = read_master(NSE, "NFO", NIFTY)
    key = Contract("NIFTY", EXPIRY, Decimal(26000), Right.CE)
    assert call == Listing(key, "NFO", "NIFTY26NOV26000CE", "101126112347164", 65, Decimal("0.05"), None)
    assert put.contract.right is Right.PE
    month = Contract("NIFTY", EXPIRY, NO_STRIKE, Right.FUT)
    assert future == Listing(month, "NFO", "NIFTY26NOVFUT", "101126112335614", 65, Decimal("0.1"), None)


def test_an_underlying_is_found_by_its_whole_name() -> None:
    (listing,) = read_master(BSE, "BFO", frozenset({"SENSEX"}))
    assert (listing.exchange, listing.symbol, listing.contract.expiry) == (
        "BFO",
        "SENSEX26NOV85000CE",
        date(2026, 11, 26),
    )


def test_more_columns_behind_the_known_ones_are_no_harm() -> None:
    wider = "".join(f"{line},new\n" for line in NSE.splitlines())
    assert read_master(wider, "NFO", NIFTY) == read_master(NSE, "NFO", NIFTY)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "NFO master is empty"),
        ("<html><body>no</body></html>", "line 1: 1 columns instead of 21"),
        (NSE[: NSE.index("NSE:RELIANCE") + 4], "line 5: 10 columns instead of 21"),
        (NSE.replace(",None,0,0.0", "", 1), "line 1: 18 columns instead of 21"),
    ],
)
def test_a_file_that_is_none_or_breaks_off_is_garbled(text: str, why: str) -> None:
    with pytest.raises(BrokerGarbled, match=why):
        read_master(text, "NFO", NIFTY)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (",14,65,0.05,", ",14,0,0.05,"),
        (",14,65,0.05,", ",14,many,0.05,"),
        (",14,65,0.05,", ",14,65,0,"),
        (",14,65,0.05,", ",14,65,x,"),
        ("1795428000", ""),
        ("1795428000", "9" * 30),
        ("NSE:NIFTY26NOV26000CE", "BSE:NIFTY26NOV26000CE"),
        ("NSE:NIFTY26NOV26000CE", "NIFTY26NOV26000CE"),
        (",26000.0,CE,", ",-1.0,CE,"),
        (",26000.0,CE,", ",26000.0,XX,"),
        (",26000.0,CE,", ",26000.0,CA,"),
    ],
)
def test_an_unreadable_contract_is_named_by_its_line(good: str, bad: str) -> None:
    assert good in NSE
    with pytest.raises(BrokerGarbled, match="fyers: NFO master line 1: "):
        read_master(NSE.replace(good, bad, 1), "NFO", NIFTY)


def test_an_underlying_that_is_not_known_is_looked_for_everywhere() -> None:
    assert segments_of(frozenset({"SENSEX50"})) == ["NFO", "BFO"]
    assert segments_of(frozenset({"SENSEX", "BANKEX"})) == ["BFO"]
    assert segments_of(frozenset({"SENSEX", "NIFTY"})) == ["NFO", "BFO"]


@pytest.mark.anyio
async def test_the_public_masters_get_neither_key_nor_token() -> None:
    transport = ScriptedTransport(answer(200, NSE), answer(200, BSE))
    listings = await fyers(transport).listings(frozenset({"NIFTY", "SENSEX"}))
    assert len(listings) == 4
    assert [str(request.url) for request in transport.requests] == [
        "http://master.test/sym_details/NSE_FO.csv",
        "http://master.test/sym_details/BSE_FO.csv",
    ]
    for request in transport.requests:
        assert "TOKEN0CANARY" not in str(request.headers.raw)
        assert "FYERS0APP" not in str(request.headers.raw)


@pytest.mark.anyio
async def test_a_master_that_cannot_be_had_is_an_error() -> None:
    with pytest.raises(BrokerGarbled, match="HTTP 503"):
        await fyers(ScriptedTransport(answer(503, ""))).listings(NIFTY)
    with pytest.raises(BrokerUnreachable):
        await fyers(ScriptedTransport(httpx.ConnectError("no route"))).listings(NIFTY)
