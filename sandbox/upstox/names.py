"""Upstox's instrument keys: `NSE_INDEX|Nifty 50` for an index, `NSE_FO|47164` for a derivative."""

import re
from typing import NamedTuple

from sandbox.exchange.instruments import Instrument
from sandbox.exchange.listing import Listing


class IndexName(NamedTuple):
    """An index in Upstox's instrument files: second part of its key, name, trading symbol, exchange token."""

    key: str
    name: str
    trading_symbol: str
    token: str


INDEX_NAMES = {
    "NIFTY": IndexName("Nifty 50", "Nifty 50", "NIFTY", "26000"),
    "BANKNIFTY": IndexName("Nifty Bank", "Nifty Bank", "BANKNIFTY", "26009"),
    "FINNIFTY": IndexName("Nifty Fin Service", "Nifty Fin Service", "FINNIFTY", "26037"),
    "MIDCPNIFTY": IndexName("NIFTY MID SELECT", "NIFTY MID SELECT", "MIDCPNIFTY", "26074"),
    "SENSEX": IndexName("SENSEX", "BSE SENSEX", "SENSEX", "1"),
    "BANKEX": IndexName("BANKEX", "BSE BANKEX", "BANKEX", "12"),
}
KEY = re.compile(r"(?:NSE|BSE)_(?:EQ|FO|INDEX)\|[\w ]+")
_FROM_KEY = {name.key: index for index, name in INDEX_NAMES.items()}
_DERIVATIVES = {"NSE_FO": "NFO", "BSE_FO": "BFO"}
_CASH = {"NSE_INDEX": "NSE", "BSE_INDEX": "BSE"}
_SEGMENTS = {exchange: segment for segment, exchange in {**_DERIVATIVES, **_CASH}.items()}


def segment(instrument: Instrument) -> str:
    """NSE_INDEX, BSE_INDEX, NSE_FO or BSE_FO."""
    return _SEGMENTS[instrument.exchange]


def instrument_key(instrument: Instrument) -> str:
    """What orders and quotes go by."""
    last = INDEX_NAMES[instrument.underlying].key if instrument.is_index else str(instrument.token)
    return f"{segment(instrument)}|{last}"


def quote_key(instrument: Instrument) -> str:
    """What an answer to a quote goes by: `NSE_FO:NIFTY26NOV26000CE`."""
    symbol = INDEX_NAMES[instrument.underlying].key if instrument.is_index else instrument.symbol
    return f"{segment(instrument)}:{symbol}"


def find(listing: Listing, key: str) -> Instrument | None:
    """The instrument of a key."""
    first, _, last = key.partition("|")
    if first in _CASH:
        return listing.by_symbol(_CASH[first], _FROM_KEY.get(last, "?"))
    if first in _DERIVATIVES and last.isascii() and last.isdigit():
        return listing.by_token(_DERIVATIVES[first], int(last))
    return None
