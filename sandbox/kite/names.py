"""Kite's names and tokens: indices have their own, derivatives follow from the exchange token."""

from sandbox.exchange.instruments import Instrument
from sandbox.exchange.listing import Listing

# Index name -> (tradingsymbol, instrument_token), as in Kite's instrument list.
INDEX_NAMES = {
    "NIFTY": ("NIFTY 50", 256265),
    "BANKNIFTY": ("NIFTY BANK", 260105),
    "FINNIFTY": ("NIFTY FIN SERVICE", 257801),
    "MIDCPNIFTY": ("NIFTY MID SELECT", 288009),
    "SENSEX": ("SENSEX", 265),
    "BANKEX": ("BANKEX", 274441),
}
_FROM_KITE = {symbol: name for name, (symbol, _) in INDEX_NAMES.items()}
_SEGMENT_BYTE = {"NFO": 2, "BFO": 5}


def trading_symbol(instrument: Instrument) -> str:
    """The tradingsymbol column."""
    return INDEX_NAMES[instrument.underlying][0] if instrument.is_index else instrument.symbol


def instrument_token(instrument: Instrument) -> int:
    """The instrument_token column: the exchange token with the segment in the low byte."""
    if instrument.is_index:
        return INDEX_NAMES[instrument.underlying][1]
    return instrument.token << 8 | _SEGMENT_BYTE[instrument.exchange]


def find(listing: Listing, exchange: str, symbol: str) -> Instrument | None:
    """The instrument of `EXCHANGE:TRADINGSYMBOL`."""
    if exchange in ("NSE", "BSE"):
        return listing.by_symbol(exchange, _FROM_KITE.get(symbol, "?"))
    return listing.by_symbol(exchange, symbol)


def find_token(listing: Listing, token: int) -> Instrument | None:
    """The instrument of an instrument_token."""
    for name, (_, index_token) in INDEX_NAMES.items():
        if token == index_token:
            return listing.index(name)
    for exchange, byte in _SEGMENT_BYTE.items():
        if token & 0xFF == byte:
            return listing.by_token(exchange, token >> 8)
    return None
