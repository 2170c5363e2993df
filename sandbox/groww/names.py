"""Groww's names: an exchange and a segment for each instrument, and the exchange's own trading symbols."""

from sandbox.exchange.instruments import Instrument
from sandbox.exchange.listing import Listing

# Index name -> (trading symbol, name, exchange token of the spot), as in Groww's instrument list.
INDEX_NAMES = {
    "NIFTY": ("NIFTY", "NIFTY 50", "NIFTY"),
    "BANKNIFTY": ("BANKNIFTY", "BANK NIFTY", "BANKNIFTY"),
    "FINNIFTY": ("FINNIFTY", "NIFTY Financial Services", "FINNIFTY"),
    "MIDCPNIFTY": ("NIFTYMIDSELECT", "NIFTY Midcap Select", "NIFTYMIDSELECT"),
    "SENSEX": ("SENSEX", "BSE Sensex", "1"),
    "BANKEX": ("BANKEX", "BSE Bankex", "14"),
}
_FROM_SYMBOL = {symbol: name for name, (symbol, _, _) in INDEX_NAMES.items()}
_EXCHANGES = {"NFO": "NSE", "BFO": "BSE"}
_SEGMENTS = {exchange: segment for segment, exchange in _EXCHANGES.items()}


def trading_symbol(instrument: Instrument) -> str:
    """The symbol that orders and quotes take."""
    return INDEX_NAMES[instrument.underlying][0] if instrument.is_index else instrument.symbol


def exchange_of(instrument: Instrument) -> str:
    """NSE or BSE."""
    return _EXCHANGES.get(instrument.exchange, instrument.exchange)


def segment_of(instrument: Instrument) -> str:
    """CASH for an index, FNO for a derivative."""
    return "CASH" if instrument.is_index else "FNO"


def groww_symbol(instrument: Instrument) -> str:
    """`NSE-NIFTY-24Nov26-26000-CE`, `NSE-NIFTY-24Nov26-FUT`, `NSE-NIFTY`: Groww's name in its history calls."""
    parts = [exchange_of(instrument), instrument.underlying]
    if instrument.is_index:
        return "-".join([parts[0], trading_symbol(instrument)])
    parts.append(f"{instrument.expiry:%d%b%y}")
    return "-".join([*parts, str(instrument.strike), instrument.kind] if instrument.is_option else [*parts, "FUT"])


def find(listing: Listing, exchange: str, segment: str, symbol: str) -> Instrument | None:
    """The instrument of an exchange, a segment and a trading symbol."""
    if segment == "CASH":
        return listing.by_symbol(exchange, _FROM_SYMBOL.get(symbol, "?"))
    return listing.by_symbol(_SEGMENTS.get(exchange, "?"), symbol) if segment == "FNO" else None
