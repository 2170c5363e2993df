"""What both an order and a broker must agree on before a request is built."""

import re
from decimal import Decimal

from lambdas.ports.broker import OrderRequest

_TAG = re.compile(r"[A-Za-z0-9]{1,20}")


def check_order(order: OrderRequest, products: frozenset[str]) -> None:
    """Raises ValueError naming the field that the broker could not carry.

    A tag is 1 to 20 ASCII letters and digits: longer ones are refused by Zerodha and Angel One
    (kite.trade/docs/connect/v3/orders, SmartAPI error AB4008).
    """
    if not _TAG.fullmatch(order.tag):
        raise ValueError(f"tag {order.tag!r} is not 1 to 20 letters and digits")
    if order.quantity <= 0:
        raise ValueError(f"quantity {order.quantity} is not positive")
    if order.product not in products:
        raise ValueError(f"product {order.product!r} is not one of {', '.join(sorted(products))}")
    if not order.symbol or not order.exchange:
        raise ValueError("an order needs a symbol and an exchange")


def check_limit(limit_price: Decimal, quantity: int) -> None:
    """Raises ValueError for a limit in rupees or a quantity that no exchange takes."""
    if not limit_price.is_finite() or limit_price <= 0:
        raise ValueError(f"limit_price {limit_price} is not positive")
    if quantity <= 0:
        raise ValueError(f"quantity {quantity} is not positive")
