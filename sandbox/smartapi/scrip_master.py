"""The scrip master as JSON, built once for each day and version of the listing."""

import gzip
import json

from starlette.responses import Response

from sandbox.exchange.instruments import TICK_PAISE, Instrument
from sandbox.exchange.listing import Listing
from sandbox.smartapi.names import expiry_text, instrument_type, token_of, trading_symbol
from sandbox.wire.call import Call
from sandbox.world import World


class ScripMaster:
    """GET /OpenAPI_File/files/OpenAPIScripMaster.json: public, no session."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._built: tuple[Listing, int, bytes, bytes] | None = None

    def dump(self, call: Call) -> Response:
        """The whole list, compressed when the client accepts gzip."""
        listing = self._world.exchange.listing(self._world.clock.now())
        if self._built is None or self._built[0] is not listing or self._built[1] != listing.version:
            plain = json.dumps([_row(instrument) for instrument in listing]).encode()
            self._built = (listing, listing.version, plain, gzip.compress(plain, 1))
        if "gzip" in call.request.headers.get("accept-encoding", ""):
            return Response(self._built[3], media_type="application/json", headers={"Content-Encoding": "gzip"})
        return Response(self._built[2], media_type="application/json")


def _row(i: Instrument) -> dict[str, str]:
    """Strike and tick are in paise, written with six decimals; a future's strike is -1."""
    strike = {"INDEX": 0, "FUT": -1}.get(i.kind, i.strike * 100)
    return {
        "token": token_of(i),
        "symbol": trading_symbol(i),
        "name": i.underlying,
        "expiry": expiry_text(i),
        "strike": f"{strike}.000000",
        "lotsize": str(i.lot),
        "instrumenttype": instrument_type(i),
        "exch_seg": i.exchange,
        "tick_size": f"{0 if i.is_index else TICK_PAISE}.000000",
    }
