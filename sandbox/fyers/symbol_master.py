"""The symbol masters as CSV without column names (docs: symbol master), built once for each day and version."""

import csv
import io
from datetime import datetime, time

from starlette.responses import Response

from sandbox.clock import IST
from sandbox.exchange.instruments import Instrument
from sandbox.exchange.listing import Listing
from sandbox.fyers.names import (
    CAPITAL,
    DERIVATIVES,
    INDEX_NAMES,
    exchange_number,
    fytoken_of,
    instrument_number,
    ticker_of,
)
from sandbox.wire.call import Call
from sandbox.world import World

_EXPIRES = time(15, 30)
_SESSION = "0915-1530|1815-1915:"


class FyersSymbolMaster:
    """GET /sym_details/NSE_FO.csv, BSE_FO.csv, and NSE_CM.csv, BSE_CM.csv with the indices."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._built: dict[str, tuple[Listing, int, bytes]] = {}

    def nse_derivatives(self, _call: Call) -> Response:
        return self._file("NFO")

    def bse_derivatives(self, _call: Call) -> Response:
        return self._file("BFO")

    def nse_cash(self, _call: Call) -> Response:
        return self._file("NSE")

    def bse_cash(self, _call: Call) -> Response:
        return self._file("BSE")

    def _file(self, exchange: str) -> Response:
        listing = self._world.exchange.listing(self._world.clock.now())
        built = self._built.get(exchange)
        if built is None or built[0] is not listing or built[1] != listing.version:
            built = (listing, listing.version, _csv(listing, exchange))
            self._built[exchange] = built
        return Response(built[2], media_type="text/csv")


def _csv(listing: Listing, exchange: str) -> bytes:
    text = io.StringIO()
    rows = [_row(instrument, listing) for instrument in listing if instrument.exchange == exchange]
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _row(i: Instrument, listing: Listing) -> tuple[object, ...]:
    _, fytoken, code = INDEX_NAMES[i.underlying]
    return (
        fytoken_of(i), _details(i), instrument_number(i), i.lot, 0.05, "", _SESSION, listing.today.isoformat(),
        _expiry(i), ticker_of(i), exchange_number(i), CAPITAL if i.is_index else DERIVATIVES,
        code if i.is_index else i.token, i.underlying, code, float(i.strike) if i.is_option else -1.0,
        i.kind if i.is_option else "XX", fytoken, "None", 0, 0.0,
    )  # fmt: skip


def _details(i: Instrument) -> str:
    if i.expiry is None:
        return ticker_of(i).partition(":")[2]
    return f"{i.underlying} {i.expiry:%d %b %y} {f'{i.strike} {i.kind}' if i.is_option else 'FUT'}"


def _expiry(i: Instrument) -> object:
    return int(datetime.combine(i.expiry, _EXPIRES, IST).timestamp()) if i.expiry else ""
