"""An order as Fyers wants it, and what Fyers' answer to it means."""

from decimal import Decimal
from typing import Any

from lambdas.adapters.brokers.exact_number import json_number
from lambdas.adapters.brokers.fyers.client import FyersClient, is_success, is_undecided, read_envelope
from lambdas.adapters.brokers.fyers.refusals import refusal_in
from lambdas.adapters.brokers.fyers.symbols import ticker_of
from lambdas.adapters.brokers.http import Reply
from lambdas.adapters.brokers.ordering import check_limit, check_order
from lambdas.adapters.brokers.placing import accepted, limited, refused, unknown
from lambdas.domain.contracts import Side
from lambdas.ports.broker import BrokerBusy, OrderRequest, Placement

PRODUCTS = {"MIS": "INTRADAY", "NRML": "MARGIN"}
LIMIT = 1
_IN_TRANSIT = 201


def margin_body(order: OrderRequest) -> dict[str, Any]:
    """The part of an order that the margin calculator reads. Raises ValueError as `order_body` does."""
    check_order(order, frozenset(PRODUCTS))
    check_limit(order.limit_price, order.quantity)
    return {
        "symbol": ticker_of(order.exchange, order.symbol),
        "qty": order.quantity,
        "side": 1 if order.side is Side.BUY else -1,
        "type": LIMIT,
        "productType": PRODUCTS[order.product],
        "limitPrice": json_number(order.limit_price),
        "stopLoss": 0,
        "stopPrice": 0,
        "takeProfit": 0,
    }


def modify_body(order_id: str, limit_price: Decimal, quantity: int) -> dict[str, Any]:
    """The JSON of `PATCH /orders/sync`. Raises ValueError for a limit or a quantity that no exchange takes."""
    check_limit(limit_price, quantity)
    return {"id": order_id, "type": LIMIT, "limitPrice": json_number(limit_price), "qty": quantity}


def order_body(order: OrderRequest) -> dict[str, Any]:
    """The JSON of `POST /orders/sync`: a limit order, since Fyers has no protected market order.

    Raises ValueError when the order cannot be expressed. Source: myapi.fyers.in/docsv3, "Single Order".
    """
    return {
        **margin_body(order),
        "disclosedQty": 0,
        "validity": "DAY",
        "offlineOrder": False,
        "isSliceOrder": False,
        "orderTag": order.tag,
    }


def read_placement(client: FyersClient, reply: Reply) -> Placement:
    """ACCEPTED with an order id, REFUSED when Fyers certainly has no live order, else UNKNOWN.

    A rate limit is certain: it is applied before the order system. A readable error with a negative code
    names a decision. Not certain: HTTP 408 and 5xx, codes that are not negative, words that decide
    nothing, an error that carries an order id, a success without one, and code 201, which the
    documentation explains as "requested, not acknowledged; look into the order book".
    """
    try:
        payload = read_envelope(reply)
    except BrokerBusy as busy:
        return limited(reply, str(busy))
    order_id, reason = payload.get("id"), client.told(payload)
    if is_success(reply, payload) and payload.get("code") != _IN_TRANSIT:
        return accepted(reply, str(order_id)) if order_id else unknown(reply, f"{reason}, no order id")
    if order_id or is_undecided(reply, payload):
        return unknown(reply, reason)
    return refused(reply, reason, refusal_in(reply.status, payload))
