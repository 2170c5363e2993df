"""An order as Upstox wants it, and what Upstox's answer to it means."""

from decimal import Decimal
from http import HTTPStatus
from typing import Any

from lambdas.adapters.brokers.exact_number import json_number
from lambdas.adapters.brokers.http import Reply
from lambdas.adapters.brokers.ordering import check_limit, check_order
from lambdas.adapters.brokers.placing import accepted, limited, refused, unknown
from lambdas.adapters.brokers.upstox.client import (
    UNDECIDED_CODES,
    UpstoxClient,
    codes_of,
    is_success,
    read_envelope,
)
from lambdas.adapters.brokers.upstox.refusals import refusal_in
from lambdas.ports.broker import BrokerBusy, OrderRequest, Placement

PRODUCTS = {"MIS": "I", "NRML": "D"}
_OURS = frozenset(PRODUCTS)
_MOST_PROTECTION = 25


def order_body(order: OrderRequest) -> dict[str, Any]:
    """The JSON of `POST /v3/order/place`: a market order that Upstox protects by a percentage, or a limit order; never
    sliced.

    Raises ValueError when the order cannot be expressed: Upstox protects by at most 25 %
    (upstox.com/developer/api-documentation/announcements/market-protection).
    """
    check_order(order, _OURS)
    if not order.token:
        raise ValueError("an order at Upstox needs an instrument key")
    return {
        "quantity": order.quantity,
        "product": PRODUCTS[order.product],
        "validity": "DAY",
        "tag": order.tag,
        "instrument_token": order.token,
        "transaction_type": order.side.value,
        "disclosed_quantity": 0,
        "trigger_price": 0,
        "is_amo": False,
        "slice": False,
        **_pricing(order),
    }


def _pricing(order: OrderRequest) -> dict[str, Any]:
    if order.style == "limit":
        check_limit(order.limit_price, order.quantity)
        return {"order_type": "LIMIT", "price": json_number(order.limit_price)}
    percent = order.protection_percent
    if not percent.is_finite() or not 0 < percent <= _MOST_PROTECTION:
        raise ValueError(f"protection_percent {percent} is not above 0 and at most {_MOST_PROTECTION}")
    protection = json_number(percent, "protection_percent")
    return {"order_type": "MARKET", "price": 0, "market_protection": protection}


def change_body(order_id: str, limit_price: Decimal, quantity: int) -> dict[str, Any]:
    """The JSON of `PUT /v3/order/modify`, which wants all fields that an order may have.

    Raises ValueError for a limit or a quantity that no exchange takes.
    """
    check_limit(limit_price, quantity)
    return {
        "order_id": order_id,
        "quantity": quantity,
        "validity": "DAY",
        "price": json_number(limit_price),
        "order_type": "LIMIT",
        "disclosed_quantity": 0,
        "trigger_price": 0,
    }


def read_placement(client: UpstoxClient, reply: Reply) -> Placement:
    """ACCEPTED with one order id, REFUSED when Upstox certainly has no order, else UNKNOWN.

    A rate limit is certain: the gateway in front of the order system answers it. An error with a code is
    certain below HTTP 500, except 408 and the codes in `UNDECIDED_CODES`. Not certain: an error in an answer
    of success, a success with no order id or with several. Source: .../api-documentation/error-codes.
    """
    try:
        payload = read_envelope(reply)
    except BrokerBusy as busy:
        return limited(reply, str(busy))
    if is_success(reply, payload):
        order_ids = (payload.get("data") or {}).get("order_ids") or []
        if isinstance(order_ids, list) and len(order_ids) == 1 and order_ids[0]:
            return accepted(reply, str(order_ids[0]))
        return unknown(reply, f"upstox: {len(order_ids)} order ids in a success")
    reason = client.told(payload)
    if _is_refusal(reply.status, payload):
        return refused(reply, reason, refusal_in(reply.status, payload))
    return unknown(reply, reason)


def _is_refusal(status: int, payload: dict[str, Any]) -> bool:
    if payload.get("status") != "error" or codes_of(payload) & UNDECIDED_CODES:
        return False
    client_error = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return client_error and status != HTTPStatus.REQUEST_TIMEOUT
