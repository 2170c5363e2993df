"""The indices whose options are traded, as Fyers names them (symbol masters NSE_CM and BSE_CM)."""

SPOTS = {
    "NIFTY": "NSE:NIFTY50-INDEX",
    "BANKNIFTY": "NSE:NIFTYBANK-INDEX",
    "FINNIFTY": "NSE:FINNIFTY-INDEX",
    "MIDCPNIFTY": "NSE:MIDCPNIFTY-INDEX",
    "SENSEX": "BSE:SENSEX-INDEX",
    "BANKEX": "BSE:BANKEX-INDEX",
}
_NSE, _BSE = "NFO", "BFO"


def segments_of(underlyings: frozenset[str]) -> list[str]:
    """The segments whose masters to read; both for an underlying that is not in the table."""
    if not underlyings <= SPOTS.keys():
        return [_NSE, _BSE]
    exchanges = {SPOTS[underlying][:3] for underlying in underlyings}
    return [segment for exchange, segment in (("NSE", _NSE), ("BSE", _BSE)) if exchange in exchanges]
