"""The instrument files (Upstox developer API: instruments), built once for each day and version."""

import gzip
import json
from datetime import datetime, time
from typing import Any

from starlette.responses import Response

from sandbox.clock import IST, epoch_micros
from sandbox.exchange.instruments import TICK_PAISE, Instrument
from sandbox.exchange.listing import Listing
from sandbox.upstox.errors import UpstoxError
from sandbox.upstox.names import INDEX_NAMES, instrument_key, segment
from sandbox.wire.call import Call
from sandbox.world import World

_FILES = {
    "NSE.json.gz": ("NSE", "NFO"),
    "BSE.json.gz": ("BSE", "BFO"),
    "complete.json.gz": ("NSE", "NFO", "BSE", "BFO"),
}
_END_OF_DAY = time(23, 59, 59)


class UpstoxInstruments:
    """GET /market-quote/instruments/exchange/{file}: a compressed file, public, not a compressed answer."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._built: dict[str, tuple[Listing, int, bytes]] = {}

    def dump(self, call: Call) -> Response:
        """NSE, BSE, or all of them."""
        name = call.request.path_params["file"]
        if name not in _FILES:
            raise UpstoxError("UDAPI10000", "This request is not supported by Upstox API", 404)
        return Response(self._for(name), media_type="application/gzip")

    def _for(self, name: str) -> bytes:
        listing = self._world.exchange.listing(self._world.clock.now())
        built = self._built.get(name)
        if built is None or built[0] is not listing or built[1] != listing.version:
            rows = [_row(instrument) for instrument in listing if instrument.exchange in _FILES[name]]
            packed = gzip.compress(json.dumps(rows, separators=(",", ":")).encode(), 1)
            built = self._built[name] = (listing, listing.version, packed)
        return built[2]


def _row(instrument: Instrument) -> dict[str, Any]:
    index = INDEX_NAMES[instrument.underlying]
    exchange = segment(instrument).partition("_")[0]
    if instrument.is_index or instrument.expiry is None:
        return {
            "segment": segment(instrument), "name": index.name, "exchange": exchange, "instrument_type": "INDEX",
            "instrument_key": instrument_key(instrument), "exchange_token": index.token,
            "trading_symbol": index.trading_symbol,
        }  # fmt: skip
    last_moment = datetime.combine(instrument.expiry, _END_OF_DAY, IST)
    underlying_key = f"{exchange}_INDEX|{index.key}"
    return {
        "weekly": not instrument.monthly,
        "segment": segment(instrument),
        "name": instrument.underlying,
        "exchange": exchange,
        "expiry": epoch_micros(last_moment) // 1000,
        "instrument_type": instrument.kind,
        "asset_symbol": instrument.underlying,
        "underlying_symbol": instrument.underlying,
        "instrument_key": instrument_key(instrument),
        "lot_size": instrument.lot,
        "freeze_quantity": float(instrument.freeze // instrument.lot * instrument.lot),
        "exchange_token": str(instrument.token),
        "minimum_lot": instrument.lot,
        "asset_key": underlying_key,
        "underlying_key": underlying_key,
        "tick_size": float(TICK_PAISE),
        "asset_type": "INDEX",
        "underlying_type": "INDEX",
        "trading_symbol": _shown(instrument, f"{instrument.expiry:%d %b %y}".upper()),
        "strike_price": float(instrument.strike),
        "qty_multiplier": 1.0,
    }


def _shown(instrument: Instrument, expiry: str) -> str:
    """`NIFTY 26000 CE 24 NOV 26`, `NIFTY FUT 24 NOV 26`."""
    strike = f"{instrument.strike} " if instrument.is_option else ""
    return f"{instrument.underlying} {strike}{instrument.kind} {expiry}"
