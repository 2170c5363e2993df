"""Angel One's symbols and tokens (its scrip master of all instruments)."""

from sandbox.exchange.instruments import Instrument
from sandbox.exchange.listing import Listing

# Index name -> (symbol, token) as in the scrip master.
INDEX_NAMES = {
    "NIFTY": ("Nifty 50", "99926000"),
    "BANKNIFTY": ("Nifty Bank", "99926009"),
    "FINNIFTY": ("Nifty Fin Service", "99926037"),
    "MIDCPNIFTY": ("NIFTY MID SELECT", "99926074"),
    "SENSEX": ("SENSEX", "99919000"),
    "BANKEX": ("BANKEX", "99919012"),
}
_FROM_TOKEN = {token: name for name, (_, token) in INDEX_NAMES.items()}


def trading_symbol(instrument: Instrument) -> str:
    """`NIFTY24NOV2626000CE` on NFO (full date); on BFO the exchange's own symbol, `SENSEX26NOV85000CE`."""
    if instrument.is_index:
        return INDEX_NAMES[instrument.underlying][0]
    if instrument.exchange != "NFO" or instrument.expiry is None:
        return instrument.symbol
    tail = "FUT" if instrument.kind == "FUT" else f"{instrument.strike}{instrument.kind}"
    return f"{instrument.underlying}{instrument.expiry:%d%b%y}{tail}".upper()


def token_of(instrument: Instrument) -> str:
    """The symbol token: the exchange token, or the index's own."""
    return INDEX_NAMES[instrument.underlying][1] if instrument.is_index else str(instrument.token)


def expiry_text(instrument: Instrument) -> str:
    """`24NOV2026`, empty for an index."""
    return f"{instrument.expiry:%d%b%Y}".upper() if instrument.expiry else ""


def instrument_type(instrument: Instrument) -> str:
    """OPTIDX, FUTIDX or AMXIDX."""
    return {"INDEX": "AMXIDX", "FUT": "FUTIDX"}.get(instrument.kind, "OPTIDX")


def find(listing: Listing, exchange: str, token: str) -> Instrument | None:
    """The instrument of an exchange segment and a symbol token."""
    if token in _FROM_TOKEN:
        index = listing.index(_FROM_TOKEN[token])
        return index if index.exchange == exchange else None
    return listing.by_token(exchange, int(token)) if token.isascii() and token.isdigit() else None
