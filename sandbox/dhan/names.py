"""Dhan's segments, security ids and symbols (its scrip master)."""

from sandbox.exchange.instruments import Instrument
from sandbox.exchange.listing import Listing

INDEX_SEGMENT = "IDX_I"
# Index name -> (security id, display name), as in the scrip master.
INDEX_NAMES = {
    "NIFTY": ("13", "Nifty 50"),
    "BANKNIFTY": ("25", "Nifty Bank"),
    "FINNIFTY": ("27", "Nifty Fin Service"),
    "MIDCPNIFTY": ("442", "Nifty Midcap Select"),
    "SENSEX": ("51", "Sensex"),
    "BANKEX": ("69", "Bankex"),
}
_FROM_ID = {security: name for name, (security, _) in INDEX_NAMES.items()}
SEGMENTS = {"NFO": "NSE_FNO", "BFO": "BSE_FNO"}
_EXCHANGES = {segment: exchange for exchange, segment in SEGMENTS.items()}


def security_id(instrument: Instrument) -> str:
    """The exchange's token of a derivative; indices have numbers of Dhan's own."""
    return INDEX_NAMES[instrument.underlying][0] if instrument.is_index else str(instrument.token)


def segment_of(instrument: Instrument) -> str:
    """NSE_FNO, BSE_FNO, or IDX_I."""
    return INDEX_SEGMENT if instrument.is_index else SEGMENTS[instrument.exchange]


def trading_symbol(instrument: Instrument) -> str:
    """`NIFTY-Nov2026-26000-CE`, the same for all expiries of a month; `NIFTY-Nov2026-FUT`."""
    if instrument.expiry is None:
        return instrument.underlying
    tail = "FUT" if instrument.kind == "FUT" else f"{instrument.strike}-{instrument.kind}"
    return f"{instrument.underlying}-{instrument.expiry:%b%Y}-{tail}"


def find(listing: Listing, segment: str, security: str) -> Instrument | None:
    """The instrument of a segment and a security id."""
    if segment == INDEX_SEGMENT:
        return listing.index(_FROM_ID[security]) if security in _FROM_ID else None
    if segment not in _EXCHANGES or not security.isdecimal():
        return None
    return listing.by_token(_EXCHANGES[segment], int(security))
