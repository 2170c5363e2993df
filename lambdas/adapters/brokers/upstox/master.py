"""Upstox's instrument files: one public JSON array for each exchange, compressed, read as it arrives."""

import json
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from lambdas.adapters.brokers.reading import whole
from lambdas.adapters.brokers.strikes import strike_of
from lambdas.adapters.brokers.upstox.client import NAME
from lambdas.adapters.brokers.upstox.mapping import SEGMENTS
from lambdas.adapters.brokers.upstox.symbols import symbol_of
from lambdas.domain.contracts import Contract, Listing, Right
from lambdas.domain.moments import IST
from lambdas.ports.broker import BrokerGarbled

MASTER_PATH = "/market-quote/instruments/exchange/{}.json.gz"
MASTER_BYTES = 256 * 1024 * 1024
"""The most of one file, unpacked."""
MASTER_SECONDS = 90.0
_GZIP = b"\x1f\x8b"
_GZIP_FORMAT = zlib.MAX_WBITS | 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RIGHTS = frozenset(right.value for right in Right)
_PAISE = Decimal(100)


class MasterReader:
    """Takes one exchange's file in chunks and keeps the options and futures of the underlyings asked for.

    A server may say that it sends gzip, and the HTTP client unpacks it, or that it sends a file: both are
    read. Rows are flat objects; only those that may be wanted are decoded, only the unfinished one is held.
    Source: upstox.com/developer/api-documentation/instruments, "JSON files".
    """

    def __init__(self, exchange: str, underlyings: frozenset[str]) -> None:
        self.listings: list[Listing] = []
        self._exchange = exchange
        self._underlyings = underlyings
        self._names = [json.dumps(name).encode() for name in underlyings]
        self._unzip: Any = None
        self._begun = False
        self._head = b""
        self._rest = b""
        self._size = 0
        self._row = 0

    def feed(self, chunk: bytes) -> None:
        """Read the rows that `chunk` completes. Raises BrokerGarbled naming the row."""
        if not self._begun:
            chunk = self._head = self._head + chunk
            if len(chunk) < len(_GZIP):
                return
            self._begun = True
            self._unzip = zlib.decompressobj(_GZIP_FORMAT) if chunk.startswith(_GZIP) else None
        self._split(self._unpacked(chunk))

    def close(self) -> list[Listing]:
        """The listings, once the array was closed. Raises BrokerGarbled for a file that breaks off."""
        if self._rest.strip() != b"]" or (self._unzip and not self._unzip.eof):
            self._row += 1
            raise self._broken("is missing or cut off")
        return self.listings

    def _unpacked(self, chunk: bytes) -> bytes:
        try:
            plain: bytes = self._unzip.decompress(chunk, MASTER_BYTES) if self._unzip else chunk
        except zlib.error as error:
            raise self._broken(f"cannot be unpacked: {error}") from error
        self._size += len(plain)
        if self._size > MASTER_BYTES:
            raise self._broken(f"is beyond {MASTER_BYTES} bytes")
        return plain

    def _split(self, plain: bytes) -> None:
        *rows, self._rest = (self._rest + plain).split(b"}")
        for row in rows:
            self._row += 1
            start = row.find(b"{")
            if start < 0 or row[:start].strip() not in (b"[" if self._row == 1 else b",",):
                raise self._broken("is not an object of an array")
            if b"_FO" in row and any(name in row for name in self._names):
                self._read(row[start:] + b"}")

    def _read(self, text: bytes) -> None:
        try:
            row = json.loads(text, parse_float=Decimal)
            wanted = row["segment"] in SEGMENTS and row["instrument_type"] in _RIGHTS
            if wanted and row["underlying_symbol"] in self._underlyings:
                self.listings.append(_listing(row))
        except KeyError as error:
            raise self._broken(f"has no column {error.args[0]}") from error
        except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
            raise self._broken(f"is unreadable: {error}") from error

    def _broken(self, why: str) -> BrokerGarbled:
        return BrokerGarbled(f"{NAME}: {self._exchange} instruments row {self._row} {why}")


def _listing(row: Mapping[str, Any]) -> Listing:
    """The tick is in paise (5.0 is 0.05), the expiry in milliseconds since 1970 at the end of its day in IST."""
    right = Right(row["instrument_type"])
    expiry = (_EPOCH + timedelta(milliseconds=int(row["expiry"]))).astimezone(IST).date()
    tick_size, lot_size = Decimal(row["tick_size"]) / _PAISE, whole(row["lot_size"])
    if tick_size <= 0 or lot_size <= 0:
        raise ValueError(f"tick {tick_size} and lot {lot_size} must be positive")
    contract = Contract(row["underlying_symbol"], expiry, strike_of(right, Decimal(row["strike_price"])), right)
    return Listing(
        contract=contract,
        exchange=SEGMENTS[row["segment"]],
        symbol=symbol_of(contract, weekly=bool(row["weekly"])),
        token=row["instrument_key"],
        lot_size=lot_size,
        tick_size=tick_size,
        freeze_quantity=whole(row.get("freeze_quantity")) or None,
    )
