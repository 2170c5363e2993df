"""Groww names an exchange and a segment where the platform has one code for both."""

from lambdas.ports.broker import OrderRequest

DERIVATIVES = "FNO"
_EXCHANGES = {"NFO": "NSE", "BFO": "BSE"}
_SEGMENTS = {exchange: segment for segment, exchange in _EXCHANGES.items()}


def exchange_of(segment: str) -> str:
    """NSE for NFO, BSE for BFO. Raises ValueError for anything else."""
    if segment not in _EXCHANGES:
        raise ValueError(f"exchange {segment!r} is not one of {', '.join(_EXCHANGES)}")
    return _EXCHANGES[segment]


def segment_of(exchange: str) -> str:
    """NFO for NSE, BFO for BSE: the derivatives of that exchange. Raises KeyError for anything else."""
    return _SEGMENTS[exchange]


def names_of(order: OrderRequest) -> dict[str, str]:
    """The fields that name what an order trades, at placing and at the margin calculator."""
    return {
        "trading_symbol": order.symbol,
        "exchange": exchange_of(order.exchange),
        "transaction_type": order.side.value,
        "product": order.product,
        "order_type": "LIMIT",
    }
