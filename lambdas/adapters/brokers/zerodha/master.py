"""Kite's instrument master: one CSV for each segment, new every morning."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from lambdas.adapters.brokers.strikes import strike_of
from lambdas.adapters.brokers.zerodha.client import NAME
from lambdas.domain.contracts import Contract, Listing, Right
from lambdas.ports.broker import BrokerGarbled

MASTER_BYTES = 128 * 1024 * 1024
COLUMNS = (
    "instrument_token",
    "tradingsymbol",
    "name",
    "expiry",
    "strike",
    "tick_size",
    "lot_size",
    "instrument_type",
    "exchange",
)
_RIGHTS = frozenset(right.value for right in Right)


def read_master(text: str, segment: str, underlyings: frozenset[str]) -> list[Listing]:
    """The options and futures of `underlyings` in the CSV of one segment (NFO or BFO).

    Columns are found by name. Raises BrokerGarbled naming a missing column, or the line at which the file
    breaks off or cannot be read. Source: kite.trade/docs/connect/v3/market-quotes, "Instruments".
    """
    rows = csv.reader(text.splitlines())
    header = next(rows, [])
    at = _columns(header, segment)
    name, kind, exchange = at["name"], at["instrument_type"], at["exchange"]
    listings: list[Listing] = []
    for row in rows:
        if len(row) != len(header):
            raise _broken(segment, rows.line_num, f"{len(row)} columns instead of {len(header)}")
        if row[exchange] != segment:
            raise _broken(segment, rows.line_num, f"exchange {row[exchange]!r} in the file of {segment}")
        if row[name] in underlyings and row[kind] in _RIGHTS:
            try:
                listings.append(_listing(row, at, segment))
            except (ValueError, ArithmeticError) as error:
                raise _broken(segment, rows.line_num, str(error)) from error
    return listings


def _columns(header: Sequence[str], segment: str) -> dict[str, int]:
    at = {column.strip(): index for index, column in enumerate(header)}
    for column in COLUMNS:
        if column not in at:
            raise BrokerGarbled(f"{NAME}: {segment} master has no column {column}")
    return at


def _listing(row: Sequence[str], at: Mapping[str, int], segment: str) -> Listing:
    lot_size = int(row[at["lot_size"]])
    right, tick_size = Right(row[at["instrument_type"]]), Decimal(row[at["tick_size"]])
    if tick_size <= 0 or lot_size <= 0:
        raise ValueError(f"tick {tick_size} and lot {lot_size} must be positive")
    return Listing(
        contract=Contract(
            underlying=row[at["name"]],
            expiry=date.fromisoformat(row[at["expiry"]]),
            strike=strike_of(right, Decimal(row[at["strike"]])),
            right=right,
        ),
        exchange=segment,
        symbol=row[at["tradingsymbol"]],
        token=row[at["instrument_token"]],
        lot_size=lot_size,
        tick_size=tick_size,
    )


def _broken(segment: str, line: int, why: str) -> BrokerGarbled:
    return BrokerGarbled(f"{NAME}: {segment} master line {line}: {why}")
