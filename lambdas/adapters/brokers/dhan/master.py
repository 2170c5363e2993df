"""Dhan's detailed scrip master: one public CSV of all contracts of all exchanges, read as it arrives."""

import csv
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from lambdas.adapters.brokers.dhan.client import NAME
from lambdas.adapters.brokers.dhan.names import contract_name
from lambdas.adapters.brokers.reading import whole
from lambdas.adapters.brokers.strikes import strike_of
from lambdas.domain.contracts import Contract, Listing, Right
from lambdas.ports.broker import BrokerGarbled

MASTER_PATH = "/api-data/api-scrip-master-detailed.csv"
MASTER_BYTES = 256 * 1024 * 1024
MASTER_SECONDS = 90.0
COLUMNS = (
    "EXCH_ID",
    "SEGMENT",
    "SECURITY_ID",
    "INSTRUMENT",
    "UNDERLYING_SYMBOL",
    "LOT_SIZE",
    "SM_EXPIRY_DATE",
    "STRIKE_PRICE",
    "OPTION_TYPE",
    "TICK_SIZE",
)
_FREEZE = "SM_FREEZE_QTY"
_EXCHANGES = {"NSE": "NFO", "BSE": "BFO"}
_DERIVATIVES = "D"
_KINDS = ("OPTIDX", "FUTIDX")
_PAISE = Decimal(100)


class MasterReader:
    """Takes the file in chunks and keeps the options and futures of the underlyings asked for.

    The real file has above 200,000 lines; only lines that name an index option or future are taken apart, and
    only the unfinished line is held. Columns are found by name. Source: dhanhq.co/docs/v2/instruments.
    """

    def __init__(self, underlyings: frozenset[str]) -> None:
        self.listings: list[Listing] = []
        self._underlyings = underlyings
        self._rest = b""
        self._line = 0
        self._width = 0
        self._at: dict[str, int] = {}

    def feed(self, chunk: bytes) -> None:
        """Read the lines that `chunk` completes. Raises BrokerGarbled naming the column or the line."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._take(line)

    def close(self) -> list[Listing]:
        """The listings, once all was fed. Raises BrokerGarbled for a file that is empty or breaks off in a line."""
        if self._rest.strip():
            self._take(self._rest)
            self._fields(self._rest)
        if not self._line:
            self._take(b"")
        if self._line == 1:
            raise self._broken("there is nothing but names of columns")
        return self.listings

    def _take(self, line: bytes) -> None:
        self._line += 1
        if self._line == 1:
            self._read_header(line)
        elif any(kind.encode() in line for kind in _KINDS):
            self._read(self._fields(line))

    def _read_header(self, line: bytes) -> None:
        names = next(csv.reader([line.decode("utf-8-sig", errors="replace").strip()]), [])
        self._width = len(names)
        self._at = {name.strip(): index for index, name in enumerate(names)}
        for column in COLUMNS:
            if column not in self._at:
                raise BrokerGarbled(f"{NAME}: scrip master has no column {column}")

    def _fields(self, line: bytes) -> list[str]:
        row = next(csv.reader([line.decode("utf-8", errors="replace").strip()]), [])
        if len(row) != self._width:
            raise self._broken(f"{len(row)} columns instead of {self._width}")
        return row

    def _read(self, row: Sequence[str]) -> None:
        at = self._at
        wanted = row[at["INSTRUMENT"]] in _KINDS and row[at["SEGMENT"]] == _DERIVATIVES
        if not wanted or row[at["EXCH_ID"]] not in _EXCHANGES or row[at["UNDERLYING_SYMBOL"]] not in self._underlyings:
            return
        try:
            self.listings.append(self._listing(row))
        except (ValueError, ArithmeticError) as error:
            raise self._broken(str(error)) from error

    def _listing(self, row: Sequence[str]) -> Listing:
        """Strike and lot are rupees and units with decimals, the tick is in paise: "5.0000" is 0.05."""
        at = self._at
        option = row[at["INSTRUMENT"]] == "OPTIDX"
        right = Right(row[at["OPTION_TYPE"]]) if option else Right.FUT
        contract = Contract(
            underlying=row[at["UNDERLYING_SYMBOL"]],
            expiry=date.fromisoformat(row[at["SM_EXPIRY_DATE"]][:10]),
            strike=strike_of(right, Decimal(row[at["STRIKE_PRICE"]] or 0)),
            right=right,
        )
        if option and right is Right.FUT:
            raise ValueError("an option without a right")
        tick_size, lot_size = Decimal(row[at["TICK_SIZE"]]) / _PAISE, whole(row[at["LOT_SIZE"]])
        token = row[at["SECURITY_ID"]]
        if tick_size <= 0 or lot_size <= 0 or not token:
            raise ValueError(f"tick {tick_size}, lot {lot_size} and security id {token!r} are needed")
        return Listing(
            contract=contract,
            exchange=_EXCHANGES[row[at["EXCH_ID"]]],
            symbol=contract_name(contract.underlying, contract.expiry, contract.strike, right),
            token=token,
            lot_size=lot_size,
            tick_size=tick_size,
            freeze_quantity=self._freeze(row),
        )

    def _freeze(self, row: Sequence[str]) -> int | None:
        return whole(row[self._at[_FREEZE]]) or None if _FREEZE in self._at else None

    def _broken(self, why: str) -> BrokerGarbled:
        return BrokerGarbled(f"{NAME}: scrip master line {self._line}: {why}")
