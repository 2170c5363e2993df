"""The spots of the indices, as Groww's instrument list names them (segment CASH, type IDX)."""

SPOTS = {
    "NIFTY": "NSE_NIFTY",
    "BANKNIFTY": "NSE_BANKNIFTY",
    "FINNIFTY": "NSE_FINNIFTY",
    "MIDCPNIFTY": "NSE_NIFTYMIDSELECT",
    "SENSEX": "BSE_SENSEX",
    "BANKEX": "BSE_BANKEX",
}
