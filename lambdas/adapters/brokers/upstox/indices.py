"""The indices whose options are traded, as Upstox's instrument files name them."""

from typing import NamedTuple


class Index(NamedTuple):
    """The file that lists an index's options, and the instrument key of its spot."""

    exchange: str
    spot: str


INDICES = {
    "NIFTY": Index("NSE", "NSE_INDEX|Nifty 50"),
    "BANKNIFTY": Index("NSE", "NSE_INDEX|Nifty Bank"),
    "FINNIFTY": Index("NSE", "NSE_INDEX|Nifty Fin Service"),
    "MIDCPNIFTY": Index("NSE", "NSE_INDEX|NIFTY MID SELECT"),
    "SENSEX": Index("BSE", "BSE_INDEX|SENSEX"),
    "BANKEX": Index("BSE", "BSE_INDEX|BANKEX"),
}
EXCHANGES = ("NSE", "BSE")


def exchanges_of(underlyings: frozenset[str]) -> list[str]:
    """The exchanges whose files to read; both for an underlying that is not in the table."""
    if underlyings <= INDICES.keys():
        needed = {INDICES[underlying].exchange for underlying in underlyings}
        return [exchange for exchange in EXCHANGES if exchange in needed]
    return list(EXCHANGES)
