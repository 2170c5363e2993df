"""An order as Dhan wants it, and what Dhan's answer to it means."""

from decimal import Decimal
from http import HTTPStatus
from typing import Any

from lambdas.adapters.brokers.dhan.client import (
    UNDECIDED_CODES,
    DhanClient,
    code_of,
    is_success,
    read_answer,
)
from lambdas.adapters.brokers.dhan.indices import SEGMENTS
from lambdas.adapters.brokers.dhan.mapping import PRODUCTS
from lambdas.adapters.brokers.dhan.refusals import refusal_in
from lambdas.adapters.brokers.exact_number import json_number
from lambdas.adapters.brokers.http import Reply
from lambdas.adapters.brokers.ordering import check_limit, check_order
from lambdas.adapters.brokers.placing import accepted, limited, refused, unknown
from lambdas.ports.broker import BrokerBusy, OrderRequest, Placement


def order_body(order: OrderRequest, client_id: str) -> dict[str, Any]:
    """The JSON of `POST /orders`: a limit order, since Dhan has no market order with a protection of its own.

    Raises ValueError when the order cannot be expressed. Source: dhanhq.co/docs/v2/orders, "Order Placement".
    """
    return {
        "dhanClientId": client_id,
        "correlationId": order.tag,
        **leg_body(order),
        "orderType": "LIMIT",
        "validity": "DAY",
        "disclosedQuantity": 0,
        "triggerPrice": 0,
        "afterMarketOrder": False,
    }


def leg_body(order: OrderRequest) -> dict[str, Any]:
    """What an order and a leg of the margin calculator have in common. Raises ValueError as `order_body` does."""
    check_order(order, frozenset(PRODUCTS))
    check_limit(order.limit_price, order.quantity)
    if order.exchange not in SEGMENTS:
        raise ValueError(f"exchange {order.exchange!r} is not one of {', '.join(SEGMENTS)}")
    if not order.token:
        raise ValueError("an order at Dhan needs a security id")
    return {
        "transactionType": order.side.value,
        "exchangeSegment": SEGMENTS[order.exchange],
        "productType": PRODUCTS[order.product],
        "securityId": order.token,
        "quantity": order.quantity,
        "price": json_number(order.limit_price),
    }


def modify_body(broker_order_id: str, limit_price: Decimal, quantity: int, client_id: str) -> dict[str, Any]:
    """The JSON of `PUT /orders/{id}`. `quantity` is that of the whole order, what was filled included.

    Raises ValueError for a limit or a quantity that no exchange takes. Source: dhanhq.co/docs/v2/orders,
    "Order Modification".
    """
    check_limit(limit_price, quantity)
    return {
        "dhanClientId": client_id,
        "orderId": broker_order_id,
        "orderType": "LIMIT",
        "quantity": quantity,
        "price": json_number(limit_price),
        "disclosedQuantity": 0,
        "triggerPrice": 0,
        "validity": "DAY",
    }


def read_placement(client: DhanClient, reply: Reply) -> Placement:
    """ACCEPTED with an order id, REFUSED when Dhan certainly has no order, else UNKNOWN.

    A rate limit is certain: it is applied before the order system. An error code names a decision except those
    in `UNDECIDED_CODES`. Not certain: HTTP 408 and 5xx, and a success without an order id. An order that was
    rejected at once has an id; the order book tells of its end. Source: dhanhq.co/docs/v2/annexure.
    """
    try:
        payload = read_answer(reply)
    except BrokerBusy as busy:
        return limited(reply, str(busy))
    if is_success(reply, payload):
        order_id = payload.get("orderId")
        return accepted(reply, str(order_id)) if order_id else unknown(reply, "dhan: no order id in a success")
    reason = client.told(payload)
    undecided = (
        code_of(payload) in UNDECIDED_CODES
        or payload.get("orderId")
        or not HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR
        or reply.status == HTTPStatus.REQUEST_TIMEOUT
    )
    return unknown(reply, reason) if undecided else refused(reply, reason, refusal_in(reply.status, payload))
