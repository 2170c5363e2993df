"""Angel One's scrip master: one public JSON array of all contracts of all exchanges, read as it arrives."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from lambdas.adapters.brokers.angel_one.client import NAME
from lambdas.adapters.brokers.strikes import strike_of
from lambdas.domain.contracts import Contract, Listing, Right
from lambdas.ports.broker import BrokerGarbled

MASTER_PATH = "/OpenAPI_File/files/OpenAPIScripMaster.json"
MASTER_BYTES = 256 * 1024 * 1024
MASTER_SECONDS = 90.0
_SEGMENTS = ("NFO", "BFO")
_KINDS = {"OPTIDX": 2, "FUTIDX": 3}  # how many letters at the end of the symbol tell the right
_PAISE = Decimal(100)


class MasterReader:
    """Takes the file in chunks and keeps the options and futures of the underlyings asked for.

    The real file is above 30 MB and 100,000 rows of flat objects; only rows that name an index option or
    future are decoded, and only the unfinished row is held. Source: smartapi.angelbroking.com/docs/Instruments.
    """

    def __init__(self, underlyings: frozenset[str]) -> None:
        self.listings: list[Listing] = []
        self._underlyings = underlyings
        self._rest = b""
        self._row = 0

    def feed(self, chunk: bytes) -> None:
        """Read the rows that `chunk` completes. Raises BrokerGarbled naming the row."""
        *rows, self._rest = (self._rest + chunk).split(b"}")
        for row in rows:
            self._row += 1
            start = row.find(b"{")
            if start < 0 or row[:start].strip() not in (b"[" if self._row == 1 else b",",):
                raise self._broken("is not an object of an array")
            if b'"instrumenttype"' not in row:
                raise self._broken("has no column instrumenttype")
            if b"OPTIDX" in row or b"FUTIDX" in row:
                self._read(row[start:] + b"}")

    def close(self) -> list[Listing]:
        """The listings, once the array was closed. Raises BrokerGarbled for a file that breaks off."""
        if self._rest.strip() != b"]":
            self._row += 1
            raise self._broken("is missing or cut off")
        return self.listings

    def _read(self, text: bytes) -> None:
        try:
            row = json.loads(text)
            wanted = row["instrumenttype"] in _KINDS and row["exch_seg"] in _SEGMENTS
            if wanted and row["name"] in self._underlyings:
                self.listings.append(_listing(row))
        except KeyError as error:
            raise self._broken(f"has no column {error.args[0]}") from error
        except (TypeError, ValueError, ArithmeticError) as error:
            raise self._broken(f"is unreadable: {error}") from error

    def _broken(self, why: str) -> BrokerGarbled:
        return BrokerGarbled(f"{NAME}: scrip master row {self._row} {why}")


def _listing(row: Mapping[str, Any]) -> Listing:
    """Strike and tick are texts in paise: "2600000.000000" is 26000, "5.000000" is 0.05."""
    right = Right(row["symbol"][-_KINDS[row["instrumenttype"]] :])
    tick_size, lot_size = Decimal(row["tick_size"]) / _PAISE, int(row["lotsize"])
    if tick_size <= 0 or lot_size <= 0:
        raise ValueError(f"tick {tick_size} and lot {lot_size} must be positive")
    return Listing(
        contract=Contract(
            underlying=row["name"],
            expiry=datetime.strptime(row["expiry"], "%d%b%Y").date(),
            strike=strike_of(right, Decimal(row["strike"]) / _PAISE),
            right=right,
        ),
        exchange=row["exch_seg"],
        symbol=row["symbol"],
        token=row["token"],
        lot_size=lot_size,
        tick_size=tick_size,
    )
