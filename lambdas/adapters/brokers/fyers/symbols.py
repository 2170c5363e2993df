"""Fyers' tickers, `NSE:NIFTY26NOV26000CE`: the exchange without its segment, then the exchange's symbol."""

_EXCHANGES = {"NFO": "NSE", "BFO": "BSE"}
_SEGMENTS = {exchange: segment for segment, exchange in _EXCHANGES.items()}


def ticker_of(segment: str, symbol: str) -> str:
    """The ticker of a contract of the platform. Raises ValueError for a segment without derivatives."""
    if segment not in _EXCHANGES:
        raise ValueError(f"exchange {segment!r} is not one of {', '.join(_EXCHANGES)}")
    return f"{_EXCHANGES[segment]}:{symbol}"


def split_ticker(ticker: str) -> tuple[str, str]:
    """The segment and symbol of a derivative's ticker. Raises ValueError for what is none."""
    exchange, colon, symbol = ticker.partition(":")
    if not colon or not symbol or exchange not in _SEGMENTS:
        raise ValueError(f"{ticker!r} is not a ticker of NSE or BSE")
    return _SEGMENTS[exchange], symbol
