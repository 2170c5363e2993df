"""Dhan's segments, and the spots of the indices as its scrip master numbers them (SEGMENT I)."""

INDEX_SEGMENT = "IDX_I"
SPOTS = {
    "NIFTY": "13",
    "BANKNIFTY": "25",
    "FINNIFTY": "27",
    "MIDCPNIFTY": "442",
    "SENSEX": "51",
    "BANKEX": "69",
}
SEGMENTS = {"NFO": "NSE_FNO", "BFO": "BSE_FNO"}
EXCHANGES = {segment: exchange for exchange, segment in SEGMENTS.items()}
