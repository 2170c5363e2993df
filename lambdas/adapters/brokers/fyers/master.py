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
_TOKEN, _KIND, _LOT, _TICK, _EXPIRY, _TICKER, _EXCHANGE, _SEGMENT, _SCRIP = 0, 2, 3, 4, 8, 9, 10, 11, 12
_UNDERLYING, _UNDERLYING_SCRIP, _STRIKE, _RIGHT, _UNDERLYING_TOKEN = 13, 14, 15, 16, 17
_PREFIXES = {"NFO": "NSE:", "BFO": "BSE:"}
_NUMBERS = {"NFO": "10", "BFO": "12"}
_DERIVATIVES = "11"
_KINDS = frozenset({"11", "12", "13", "14", "15"})
"""Futures and options of indices, volatility and shares (myapi.fyers.in/docsv3, "Appendix", instrument types)."""
_RIGHTS = {"CE": Right.CE, "PE": Right.PE, "XX": Right.FUT}


def read_master(text: str, segment: str, underlyings: frozenset[str]) -> list[Listing]:
    """The options and futures of `underlyings` in the CSV of one segment (NFO or BFO).

    Columns have their places, so a file with fewer of them, with rows of different lengths, or whose columns
    disagree about what they both tell is not read. Raises BrokerGarbled naming the line.
    Source: myapi.fyers.in/docsv3, "Symbol Master".
    """
    rows = csv.reader(text.splitlines())
    listings: list[Listing] = []
    width = 0
    for row in rows:
        width = width or max(len(row), _COLUMNS)
        if len(row) != width:
            raise _broken(segment, rows.line_num, f"{len(row)} columns instead of {width}")
        if not row[_TICKER].startswith(_PREFIXES[segment]):
            raise _broken(segment, rows.line_num, f"ticker {row[_TICKER]!r} in the file of {segment}")
        if row[_UNDERLYING] in underlyings:
            try:
                listings.append(_listing(row, segment))
            except (LookupError, ValueError, ArithmeticError, OSError) as error:
                raise _broken(segment, rows.line_num, str(error)) from error
    if not width:
        raise BrokerGarbled(f"{NAME}: {segment} master is empty")
    return listings


def _listing(row: Sequence[str], segment: str) -> Listing:
    _, symbol = split_ticker(row[_TICKER])
    if row[_RIGHT] not in _RIGHTS:
        raise ValueError(f"option type {row[_RIGHT]!r}")
    right, lot_size, tick_size = _RIGHTS[row[_RIGHT]], int(row[_LOT]), Decimal(row[_TICK])
    if tick_size <= 0 or lot_size <= 0:
        raise ValueError(f"tick {tick_size} and lot {lot_size} must be positive")
    contract = Contract(
        underlying=row[_UNDERLYING],
        expiry=datetime.fromtimestamp(int(row[_EXPIRY]), UTC).astimezone(IST).date(),
        strike=strike_of(right, Decimal(row[_STRIKE])),
        right=right,
    )
    if misplaced := _misplaced(row, segment, symbol, contract):
        raise ValueError(f"{misplaced} does not belong there: the columns have changed")
    return Listing(
        contract=contract,
        exchange=segment,
        symbol=symbol,
        token=row[_TOKEN],
        lot_size=lot_size,
        tick_size=tick_size,
    )


def _misplaced(row: Sequence[str], segment: str, symbol: str, contract: Contract) -> str | None:
    """A value that another column of the same row speaks against; None when every column is in its place.

    A Fyers token is the numbers of exchange and segment, the expiry in six digits, and the exchange's own token
    (myapi.fyers.in/docsv3, "Appendix", Fytoken); a ticker is the exchange's symbol.
    """
    exchange, number, scrip = row[_EXCHANGE], row[_SEGMENT], row[_SCRIP]
    future = contract.right is Right.FUT
    ends = "FUT" if future else f"{contract.strike.normalize():f}{contract.right}"
    token = row[_TOKEN]
    facts = (
        (f"instrument type {row[_KIND]!r}", row[_KIND] in _KINDS),
        (f"exchange {exchange!r}", exchange == _NUMBERS[segment]),
        (f"segment {number!r}", number == _DERIVATIVES),
        (f"expiry {row[_EXPIRY]!r} or {symbol!r}", symbol.startswith(f"{contract.underlying}{contract.expiry:%y}")),
        (f"strike {row[_STRIKE]!r} or {symbol!r}", symbol.endswith(ends)),
        (f"token {token!r}", token.startswith(exchange + number) and token[10:] == scrip != ""),
        (f"underlying {row[_UNDERLYING_SCRIP]!r}", row[_UNDERLYING_TOKEN].endswith(row[_UNDERLYING_SCRIP])),
    )
    return next((value for value, fits in facts if not fits), None)


def _broken(segment: str, line: int, why: str) -> BrokerGarbled:
    return BrokerGarbled(f"{NAME}: {segment} master line {line}: {why}")
