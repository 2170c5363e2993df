"""The instrument list as CSV (Kite Connect v3 docs: instruments), built once for each day and version."""

import csv
import gzip
import io

from starlette.responses import Response

from sandbox.exchange.instruments import Instrument
from sandbox.exchange.listing import Listing
from sandbox.kite.errors import bad_input
from sandbox.kite.names import instrument_token, trading_symbol
from sandbox.wire.call import Call
from sandbox.world import World

COLUMNS = (
    "instrument_token", "exchange_token", "tradingsymbol", "name", "last_price", "expiry", "strike",
    "tick_size", "lot_size", "instrument_type", "segment", "exchange",
)  # fmt: skip
EXCHANGES = ("NSE", "BSE", "NFO", "BFO")


class KiteInstruments:
    """GET /instruments and /instruments/{exchange}."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._built: dict[str, tuple[Listing, int, bytes, bytes]] = {}

    def dump(self, call: Call) -> Response:
        """The CSV, compressed when the client accepts gzip."""
        exchange = call.request.path_params.get("exchange", "")
        if exchange and exchange not in EXCHANGES:
            raise bad_input("Invalid `exchange`.")
        plain, packed = self._for(exchange)
        if "gzip" in call.request.headers.get("accept-encoding", ""):
            return Response(packed, media_type="text/csv", headers={"Content-Encoding": "gzip"})
        return Response(plain, media_type="text/csv")

    def _for(self, exchange: str) -> tuple[bytes, bytes]:
        listing = self._world.exchange.listing(self._world.clock.now())
        built = self._built.get(exchange)
        if built is None or built[0] is not listing or built[1] != listing.version:
            plain = _csv([i for i in listing if exchange in ("", i.exchange)])
            built = (listing, listing.version, plain, gzip.compress(plain, 1))
            self._built[exchange] = built
        return built[2], built[3]


def _csv(instruments: list[Instrument]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(instrument) for instrument in instruments)
    return text.getvalue().encode()


def _row(i: Instrument) -> tuple[object, ...]:
    token = instrument_token(i)
    symbol = trading_symbol(i)
    if i.is_index:
        return token, token >> 8, symbol, symbol, 0, "", 0, 0, 0, "EQ", "INDICES", i.exchange
    segment = f"{i.exchange}-{'FUT' if i.kind == 'FUT' else 'OPT'}"
    return (
        token,
        i.token,
        symbol,
        i.underlying,
        0,
        i.expiry,
        i.strike,
        0.05,
        i.lot,
        i.kind,
        segment,
        i.exchange,
    )
