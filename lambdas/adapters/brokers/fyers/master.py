"""Fyers' symbol masters: one public CSV for each segment, without a line of column names."""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from lambdas.adapters.brokers.fyers.client import NAME
from lambdas.adapters.brokers.fyers.symbols import split_ticker
from lambdas.adapters.brokers.strikes import strike_of
from lambdas.domain.contracts import Contract, Listing, Right
from lambdas.domain.moments import IST
from lambdas.ports.broker import BrokerGarbled

MASTER_PATHS = {"NFO": "/sym_details/NSE_FO.csv", "BFO": "/sym_details/BSE_FO.csv"}
MASTER_BYTES = 128 * 1024 * 1024
MASTER_SECONDS = 60.0
_COLUMNS = 21
_TOKEN, _LOT, _TICK, _EXPIRY, _TICKER, _UNDERLYING, _STRIKE, _RIGHT = 0, 3, 4, 8, 9, 13, 15, 16
_RIGHTS = {"CE": Right.CE, "PE": Right.PE, "XX": Right.FUT}


def read_master(text: str, segment: str, underlyings: frozenset[str]) -> list[Listing]:
    """The options and futures of `underlyings` in the CSV of one segment (NFO or BFO).

    Columns have their places, so a file with fewer of them, or with rows of different lengths, is not read.
    Raises BrokerGarbled naming the line. Source: myapi.fyers.in/docsv3, "Symbol Master".
    """
    rows = csv.reader(text.splitlines())
    listings: list[Listing] = []
    width = 0
    for row in rows:
        width = width or max(len(row), _COLUMNS)
        if len(row) != width:
            raise _broken(segment, rows.line_num, f"{len(row)} columns instead of {width}")
        if row[_UNDERLYING] in underlyings:
            try:
                listings.append(_listing(row, segment))
            except (LookupError, ValueError, ArithmeticError, OSError) as error:
                raise _broken(segment, rows.line_num, str(error)) from error
    if not width:
        raise BrokerGarbled(f"{NAME}: {segment} master is empty")
    return listings


def _listing(row: Sequence[str], segment: str) -> Listing:
    exchange, symbol = split_ticker(row[_TICKER])
    if exchange != segment:
        raise ValueError(f"ticker {row[_TICKER]!r} in the file of {segment}")
    if row[_RIGHT] not in _RIGHTS:
        raise ValueError(f"option type {row[_RIGHT]!r}")
    right, lot_size, tick_size = _RIGHTS[row[_RIGHT]], int(row[_LOT]), Decimal(row[_TICK])
    if tick_size <= 0 or lot_size <= 0:
        raise ValueError(f"tick {tick_size} and lot {lot_size} must be positive")
    return Listing(
        contract=Contract(
            underlying=row[_UNDERLYING],
            expiry=datetime.fromtimestamp(int(row[_EXPIRY]), UTC).astimezone(IST).date(),
            strike=strike_of(right, Decimal(row[_STRIKE])),
            right=right,
        ),
        exchange=exchange,
        symbol=symbol,
        token=row[_TOKEN],
        lot_size=lot_size,
        tick_size=tick_size,
    )


def _broken(segment: str, line: int, why: str) -> BrokerGarbled:
    return BrokerGarbled(f"{NAME}: {segment} master line {line}: {why}")
