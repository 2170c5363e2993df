"""The spots of the indices, as SmartAPI numbers them (its scrip master, `instrumenttype` AMXIDX)."""

from typing import NamedTuple


class Spot(NamedTuple):
    """Exchange and token of an index's spot."""

    exchange: str
    token: str


SPOTS = {
    "NIFTY": Spot("NSE", "99926000"),
    "BANKNIFTY": Spot("NSE", "99926009"),
    "FINNIFTY": Spot("NSE", "99926037"),
    "MIDCPNIFTY": Spot("NSE", "99926074"),
    "SENSEX": Spot("BSE", "99919000"),
    "BANKEX": Spot("BSE", "99919012"),
}
