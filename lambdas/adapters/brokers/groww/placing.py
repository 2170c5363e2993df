"""An order as Groww wants it, and what Groww's answer to it means."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from lambdas.adapters.brokers.exact_number import json_number
from lambdas.adapters.brokers.groww.client import (
    DUPLICATE,
    UNDECIDED_CODES,
    GrowwClient,
    code_of,
    is_success,
    read_envelope,
)
from lambdas.adapters.brokers.groww.refusals import refusal_in
from lambdas.adapters.brokers.groww.segments import DERIVATIVES, names_of
from lambdas.adapters.brokers.http import Reply
from lambdas.adapters.brokers.ordering import check_limit, check_order
from lambdas.adapters.brokers.placing import accepted, limited, refused, unknown
from lambdas.ports.broker import BrokerBusy, OrderRequest, Placement

_PRODUCTS = frozenset({"MIS", "NRML"})
_SHORTEST_REFERENCE = 8


def order_body(order: OrderRequest) -> dict[str, Any]:
    """The JSON of `POST /v1/order/create`: a limit order whose reference is our tag.

    A reference has 8 to 20 letters and digits; Groww refuses a second order under it. Raises ValueError when
    the order cannot be expressed. Source: groww.in/trade-api/docs/curl/orders.
    """
    check_order(order, _PRODUCTS)
    check_limit(order.limit_price, order.quantity)
    if len(order.tag) < _SHORTEST_REFERENCE:
        raise ValueError(f"tag {order.tag!r} is not {_SHORTEST_REFERENCE} to 20 letters and digits")
    return {
        **names_of(order),
        "segment": DERIVATIVES,
        "quantity": order.quantity,
        "price": json_number(order.limit_price),
        "validity": "DAY",
        "order_reference_id": order.tag,
    }


def basket_body(orders: Sequence[OrderRequest]) -> list[dict[str, Any]]:
    """The JSON of `POST /v1/margins/detail/orders`. Raises ValueError for what Groww cannot price."""
    for order in orders:
        check_limit(order.limit_price, order.quantity)
    return [
        {**names_of(order), "quantity": order.quantity, "price": json_number(order.limit_price)} for order in orders
    ]


def read_placement(client: GrowwClient, reply: Reply) -> Placement:
    """ACCEPTED with an order id, REFUSED when Groww certainly has no order, else UNKNOWN.

    Certain: a rate limit (429), a session that is not accepted (401), and a FAILURE with HTTP 4xx and a code
    outside `UNDECIDED_CODES`. A duplicate reference (GA007) says that an order under our tag exists: it is
    looked up, never taken for a refusal. Not certain: HTTP 408 and 5xx, a FAILURE with HTTP 200 (documented
    for no case), and a success without an order id.
    """
    try:
        payload = read_envelope(reply)
    except BrokerBusy as busy:
        return limited(reply, str(busy))
    if is_success(reply, payload):
        order_id = (payload.get("payload") or {}).get("groww_order_id")
        return accepted(reply, str(order_id)) if order_id else unknown(reply, "groww: no order id in a success")
    reason = client.told(payload)
    if code_of(payload) == DUPLICATE:
        return unknown(reply, f"{reason}; the order exists already")
    if _is_refusal(reply.status, payload):
        return refused(reply, reason, refusal_in(reply.status, payload))
    return unknown(reply, reason)


def _is_refusal(status: int, payload: dict[str, Any]) -> bool:
    if payload.get("status") == "SUCCESS":
        return False
    if status == HTTPStatus.UNAUTHORIZED:
        return True
    read = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return read and status != HTTPStatus.REQUEST_TIMEOUT and code_of(payload) not in UNDECIDED_CODES
