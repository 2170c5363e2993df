"""The indices whose options are traded, as Kite names them."""

from typing import NamedTuple


class Index(NamedTuple):
    """The segment of an index's options, and the instrument of its spot."""

    segment: str
    spot: str


INDICES = {
    "NIFTY": Index("NFO", "NSE:NIFTY 50"),
    "BANKNIFTY": Index("NFO", "NSE:NIFTY BANK"),
    "FINNIFTY": Index("NFO", "NSE:NIFTY FIN SERVICE"),
    "MIDCPNIFTY": Index("NFO", "NSE:NIFTY MID SELECT"),
    "SENSEX": Index("BFO", "BSE:SENSEX"),
    "BANKEX": Index("BFO", "BSE:BANKEX"),
}
SEGMENTS = ("NFO", "BFO")


def segments_of(underlyings: frozenset[str]) -> list[str]:
    """The segments to look into; both for an underlying that is not in the table."""
    if underlyings <= INDICES.keys():
        needed = {INDICES[underlying].segment for underlying in underlyings}
        return [segment for segment in SEGMENTS if segment in needed]
    return list(SEGMENTS)
