"""Groww's instrument list: one public CSV of all exchanges and segments, read as it arrives."""

import csv
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from lambdas.adapters.brokers.groww.client import NAME
from lambdas.adapters.brokers.groww.segments import DERIVATIVES, segment_of
from lambdas.adapters.brokers.reading import whole
from lambdas.adapters.brokers.strikes import strike_of
from lambdas.domain.contracts import Contract, Listing, Right
from lambdas.ports.broker import BrokerGarbled

MASTER_PATH = "/instruments/instrument.csv"
MASTER_BYTES = 256 * 1024 * 1024
MASTER_SECONDS = 90.0
COLUMNS = (
    "exchange",
    "trading_symbol",
    "instrument_type",
    "segment",
    "underlying_symbol",
    "expiry_date",
    "strike_price",
    "lot_size",
    "tick_size",
    "freeze_quantity",
)
_RIGHTS = frozenset(right.value for right in Right)
_EXCHANGES = ("NSE", "BSE")


class MasterReader:
    """Takes the file in chunks and keeps the options and futures of the underlyings asked for.

    Columns are found by name. Only lines that name an underlying are taken apart, and only the unfinished
    line is held. Source: groww.in/trade-api/docs/curl/instruments.
    """

    def __init__(self, underlyings: frozenset[str]) -> None:
        self.listings: list[Listing] = []
        self._underlyings = underlyings
        self._marks = tuple(name.encode() for name in underlyings)
        self._at: dict[str, int] = {}
        self._width = 0
        self._rest = b""
        self._line = 0

    def feed(self, chunk: bytes) -> None:
        """Read the lines that `chunk` completes. Raises BrokerGarbled naming the line."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._take(line)

    def close(self) -> list[Listing]:
        """The listings, once the last line was read. Raises BrokerGarbled for a file that breaks off."""
        if self._rest:
            self._take(self._rest, last=True)
        if not self._width:
            raise BrokerGarbled(f"{NAME}: instrument list has no column {COLUMNS[0]}")
        return self.listings

    def _take(self, line: bytes, *, last: bool = False) -> None:
        self._line += 1
        if not self._width:
            self._read_header(line)
        elif last or any(mark in line for mark in self._marks):
            self._read(self._cells(line))

    def _cells(self, line: bytes) -> list[str]:
        return next(csv.reader([line.decode("utf-8", errors="replace").rstrip("\r")]), [])

    def _read_header(self, line: bytes) -> None:
        header = [column.strip() for column in self._cells(line)]
        self._at = {column: index for index, column in enumerate(header)}
        for column in COLUMNS:
            if column not in self._at:
                raise BrokerGarbled(f"{NAME}: instrument list has no column {column}")
        self._width = len(header)

    def _read(self, row: Sequence[str]) -> None:
        if len(row) != self._width:
            raise self._broken(f"{len(row)} columns instead of {self._width}")
        cells = {column: row[self._at[column]] for column in COLUMNS}
        wanted = cells["segment"] == DERIVATIVES and cells["instrument_type"] in _RIGHTS
        if wanted and cells["exchange"] in _EXCHANGES and cells["underlying_symbol"] in self._underlyings:
            try:
                self.listings.append(_listing(cells))
            except (ValueError, ArithmeticError) as error:
                raise self._broken(str(error)) from error

    def _broken(self, why: str) -> BrokerGarbled:
        return BrokerGarbled(f"{NAME}: instrument list line {self._line}: {why}")


def _listing(cells: dict[str, str]) -> Listing:
    """Groww names a contract by its trading symbol in all calls, so that is its token too. Prices are rupees.

    The freeze quantity is NSE's, 1 above the largest order of its circulars: the largest number of whole
    lots below either is the same.
    """
    right, tick_size = Right(cells["instrument_type"]), Decimal(cells["tick_size"])
    lot_size, strike = whole(cells["lot_size"]), Decimal(cells["strike_price"] or 0)
    if tick_size <= 0 or lot_size <= 0:
        raise ValueError(f"tick {tick_size} and lot {lot_size} must be positive")
    if not cells["trading_symbol"]:
        raise ValueError("no trading symbol")
    return Listing(
        contract=Contract(
            underlying=cells["underlying_symbol"],
            expiry=date.fromisoformat(cells["expiry_date"]),
            strike=strike_of(right, strike),
            right=right,
        ),
        exchange=segment_of(cells["exchange"]),
        symbol=cells["trading_symbol"],
        token=cells["trading_symbol"],
        lot_size=lot_size,
        tick_size=tick_size,
        freeze_quantity=whole(cells["freeze_quantity"]) or None,
    )
