"""Orders as the lines of Upstox's margin calculator."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from lambdas.adapters.brokers.exact_number import json_number
from lambdas.adapters.brokers.ordering import check_limit, check_order
from lambdas.adapters.brokers.upstox.limits import INSTRUMENTS_PER_MARGIN
from lambdas.adapters.brokers.upstox.placing import PRODUCTS
from lambdas.ports.broker import OrderRequest


def margin_body(orders: Sequence[OrderRequest]) -> dict[str, Any]:
    """The JSON of `POST /v2/charges/margin`: orders of one contract, product, side and limit are one line.

    The price is the limit: the most that a bought option may cost. Raises ValueError when an order cannot be
    expressed, and for more lines than Upstox takes: a basket in parts would lose its hedges
    (upstox.com/developer/api-documentation/margin).
    """
    quantities: defaultdict[tuple[str, str, str, Decimal], int] = defaultdict(int)
    for order in orders:
        check_order(order, frozenset(PRODUCTS))
        check_limit(order.limit_price, order.quantity)
        quantities[(order.token, PRODUCTS[order.product], order.side.value, order.limit_price)] += order.quantity
    if len(quantities) > INSTRUMENTS_PER_MARGIN:
        raise ValueError(f"a margin at Upstox is of at most {INSTRUMENTS_PER_MARGIN} contracts, not {len(quantities)}")
    return {
        "instruments": [
            {
                "instrument_key": token,
                "quantity": quantity,
                "product": product,
                "transaction_type": side,
                "price": json_number(limit),
            }
            for (token, product, side, limit), quantity in quantities.items()
        ]
    }
