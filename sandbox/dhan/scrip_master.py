"""The detailed scrip master as CSV, built once for each day and version of the listing."""

import csv
import gzip
import io

from starlette.responses import Response

from sandbox.dhan.names import INDEX_NAMES, security_id, trading_symbol
from sandbox.exchange.instruments import TICK_PAISE, Instrument
from sandbox.exchange.listing import Listing
from sandbox.wire.call import Call
from sandbox.world import World

COLUMNS = (
    "EXCH_ID", "SEGMENT", "SECURITY_ID", "ISIN", "INSTRUMENT", "UNDERLYING_SECURITY_ID", "UNDERLYING_SYMBOL",
    "SYMBOL_NAME", "DISPLAY_NAME", "INSTRUMENT_TYPE", "SERIES", "LOT_SIZE", "SM_EXPIRY_DATE", "STRIKE_PRICE",
    "OPTION_TYPE", "TICK_SIZE", "EXPIRY_FLAG", "BRACKET_FLAG", "COVER_FLAG", "ASM_GSM_FLAG", "ASM_GSM_CATEGORY",
    "BUY_SELL_INDICATOR", "BUY_CO_MIN_MARGIN_PER", "BUY_CO_SL_RANGE_MAX_PERC", "BUY_CO_SL_RANGE_MIN_PERC",
    "BUY_BO_MIN_MARGIN_PER", "BUY_BO_PROFIT_RANGE_MAX_PERC", "BUY_BO_PROFIT_RANGE_MIN_PERC", "MTF_LEVERAGE",
    "SM_UPPER_LIMIT", "SM_LOWER_LIMIT", "SM_FREEZE_QTY", "",
)  # fmt: skip
_MIDDLE = ("N", "N", "N", "NA", "A", 0, 0, 0, 0, 0, 0, 0)
_UNDERLYING_IDS = {
    "NIFTY": "26000", "BANKNIFTY": "26009", "FINNIFTY": "26037", "MIDCPNIFTY": "26074", "SENSEX": "1", "BANKEX": "12",
}  # fmt: skip
_BSE_NAMES = {"SENSEX": "BSX", "BANKEX": "BKX"}
_RIGHTS = {"CE": "CALL", "PE": "PUT"}


class DhanScripMaster:
    """GET /api-data/api-scrip-master-detailed.csv: public, no session."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._built: tuple[Listing, int, bytes, bytes] | None = None

    def dump(self, call: Call) -> Response:
        """The whole list, compressed when the client accepts gzip."""
        listing = self._world.exchange.listing(self._world.clock.now())
        if self._built is None or self._built[0] is not listing or self._built[1] != listing.version:
            plain = _csv(listing)
            self._built = (listing, listing.version, plain, gzip.compress(plain, 1))
        if "gzip" in call.request.headers.get("accept-encoding", ""):
            return Response(self._built[3], media_type="text/csv", headers={"Content-Encoding": "gzip"})
        return Response(self._built[2], media_type="text/csv")


def _csv(listing: Listing) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(instrument) for instrument in listing)
    return text.getvalue().encode()


def _row(i: Instrument) -> tuple[object, ...]:
    """Lot and strike with decimals, the tick in paise; a future's strike is -0.01, and every line ends in a comma."""
    exchange, name = ("NSE" if i.exchange in ("NSE", "NFO") else "BSE"), i.underlying
    if i.expiry is None:
        number, shown = INDEX_NAMES[name]
        return (
            exchange, "I", number, "NA", "INDEX", number, name, name, shown, "INDEX", "NA", "1.0", "0001-01-01", "",
            "XX", "0.0500", "N", *_MIDDLE, "", "", 0, "",
        )  # fmt: skip
    option = i.is_option
    return (
        exchange, "D", security_id(i), "NA", "OPTIDX" if option else "FUTIDX", _UNDERLYING_IDS[name], name,
        _symbol_name(i), _display_name(i), _instrument_type(i), "NA", f"{i.lot}.0", f"{i.expiry:%Y-%m-%d}",
        f"{i.strike}.00000" if option else "-0.01000", i.kind if option else "XX", f"{TICK_PAISE}.0000",
        "M" if i.monthly else "W", *_MIDDLE, "", "", i.freeze, "",
    )  # fmt: skip


def _symbol_name(i: Instrument) -> str:
    """On BSE the name of the product alone: `BSXOPT`."""
    if i.exchange == "BFO":
        return _BSE_NAMES[i.underlying] + ("OPT" if i.is_option else "FUT")
    return trading_symbol(i)


def _display_name(i: Instrument) -> str:
    """`NIFTY 24 NOV 26000 CALL`, `NIFTY NOV FUT`."""
    if i.is_option:
        return f"{i.underlying} {i.expiry:%d %b} {i.strike} {_RIGHTS[i.kind]}".upper()
    return f"{i.underlying} {i.expiry:%b} FUT".upper()


def _instrument_type(i: Instrument) -> str:
    if i.exchange == "BFO":
        return "OPTIDX" if i.is_option else "FUTIDX"
    return "OP" if i.is_option else "FUT"
