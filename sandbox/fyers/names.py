"""Fyers' tickers, tokens and numbers (docs: appendix, symbology and Fytoken)."""

from sandbox.exchange.instruments import Instrument
from sandbox.exchange.listing import Listing

# Index name -> (ticker, Fytoken, scrip code), as in the symbol masters of the cash markets.
INDEX_NAMES = {
    "NIFTY": ("NSE:NIFTY50-INDEX", "101000000026000", 26000),
    "BANKNIFTY": ("NSE:NIFTYBANK-INDEX", "101000000026009", 26009),
    "FINNIFTY": ("NSE:FINNIFTY-INDEX", "101000000026037", 26037),
    "MIDCPNIFTY": ("NSE:MIDCPNIFTY-INDEX", "101000000026074", 26074),
    "SENSEX": ("BSE:SENSEX-INDEX", "121000000000001", 1),
    "BANKEX": ("BSE:BANKEX-INDEX", "121000000000012", 12),
}
DERIVATIVES, CAPITAL = 11, 10
FUTURE, OPTION, INDEX = 11, 14, 10
_FROM_TICKER = {ticker: name for name, (ticker, _, _) in INDEX_NAMES.items()}
_SEGMENTS = {"NSE": "NFO", "BSE": "BFO"}


def exchange_name(instrument: Instrument) -> str:
    """NSE or BSE."""
    return "NSE" if instrument.exchange in ("NSE", "NFO") else "BSE"


def exchange_number(instrument: Instrument) -> int:
    """10 for NSE, 12 for BSE."""
    return 10 if exchange_name(instrument) == "NSE" else 12


def instrument_number(instrument: Instrument) -> int:
    """The exchange instrument type of an index, its futures and its options."""
    return INDEX if instrument.is_index else OPTION if instrument.is_option else FUTURE


def ticker_of(instrument: Instrument) -> str:
    """`NSE:NIFTY26NOV26000CE`, `BSE:SENSEX26NOVFUT`, `NSE:NIFTY50-INDEX`."""
    if instrument.is_index:
        return INDEX_NAMES[instrument.underlying][0]
    return f"{exchange_name(instrument)}:{instrument.symbol}"


def fytoken_of(instrument: Instrument) -> str:
    """Exchange, segment, expiry as YYMMDD and exchange token in one number."""
    if instrument.is_index or instrument.expiry is None:
        return INDEX_NAMES[instrument.underlying][1]
    return f"{exchange_number(instrument)}{DERIVATIVES}{instrument.expiry:%y%m%d}{instrument.token}"


def find(listing: Listing, ticker: str) -> Instrument | None:
    """The instrument of a ticker."""
    if ticker in _FROM_TICKER:
        return listing.index(_FROM_TICKER[ticker])
    exchange, _, symbol = ticker.partition(":")
    return listing.by_symbol(_SEGMENTS.get(exchange, ""), symbol)
