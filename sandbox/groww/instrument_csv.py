"""The instrument list as CSV (Groww docs: instruments), built once for each day and version of the listing."""

import csv
import gzip
import io

from starlette.responses import Response

from sandbox.exchange.instruments import Instrument
from sandbox.exchange.listing import Listing
from sandbox.groww.names import INDEX_NAMES, exchange_of, groww_symbol, segment_of, trading_symbol
from sandbox.wire.call import Call
from sandbox.world import World

COLUMNS = (
    "exchange", "exchange_token", "trading_symbol", "groww_symbol", "name", "instrument_type", "segment", "series",
    "isin", "underlying_symbol", "underlying_exchange_token", "expiry_date", "strike_price", "lot_size", "tick_size",
    "freeze_quantity", "is_reserved", "buy_allowed", "sell_allowed", "internal_trading_symbol", "is_intraday",
)  # fmt: skip


class GrowwInstruments:
    """GET /instruments/instrument.csv: public, no session."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._built: tuple[Listing, int, bytes, bytes] | None = None

    def dump(self, call: Call) -> Response:
        """The whole list, compressed when the client accepts gzip."""
        listing = self._world.exchange.listing(self._world.clock.now())
        if self._built is None or self._built[0] is not listing or self._built[1] != listing.version:
            plain = _csv(list(listing))
            self._built = (listing, listing.version, plain, gzip.compress(plain, 1))
        if "gzip" in call.request.headers.get("accept-encoding", ""):
            return Response(self._built[3], media_type="text/csv", headers={"Content-Encoding": "gzip"})
        return Response(self._built[2], media_type="text/csv")


def _csv(instruments: list[Instrument]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(instrument) for instrument in instruments)
    return text.getvalue().encode()


def _row(i: Instrument) -> tuple[object, ...]:
    """The freeze quantity is the first that the exchange freezes: one above the largest order."""
    symbol, name, token = INDEX_NAMES[i.underlying]
    if i.is_index:
        return (
            exchange_of(i), token, symbol, groww_symbol(i), name, "IDX", segment_of(i), "", "", "", "", "", "",
            1, 0.05, "", 0, 0, 0, symbol, 0,
        )  # fmt: skip
    return (
        exchange_of(i), i.token, trading_symbol(i), groww_symbol(i), "", i.kind, segment_of(i), "", "", i.underlying,
        token, i.expiry, i.strike if i.is_option else "", i.lot, 0.05, i.freeze + 1, 0, 1, 1, trading_symbol(i), 1,
    )  # fmt: skip
