"""An order as SmartAPI wants it, and what SmartAPI's answer to it means."""

from http import HTTPStatus

from lambdas.adapters.brokers.angel_one.client import (
    UNDECIDED_CODES,
    SmartClient,
    code_of,
    is_success,
    read_envelope,
)
from lambdas.adapters.brokers.http import Reply
from lambdas.adapters.brokers.ordering import check_order
from lambdas.adapters.brokers.placing import accepted, refused, unknown
from lambdas.ports.broker import BrokerBusy, OrderRequest, Placement

_PRODUCTS = {"MIS": "INTRADAY", "NRML": "CARRYFORWARD"}


def order_body(order: OrderRequest) -> dict[str, str]:
    """The JSON of `placeOrder`: a limit order, since SmartAPI has no protected market order.

    Raises ValueError when the order cannot be expressed. Source: smartapi.angelbroking.com/docs/Orders.
    """
    check_order(order, frozenset(_PRODUCTS))
    if not order.limit_price.is_finite() or order.limit_price <= 0:
        raise ValueError(f"limit_price {order.limit_price} is not positive")
    if not order.token:
        raise ValueError("an order at Angel One needs a symbol token")
    return {
        "variety": "NORMAL",
        "tradingsymbol": order.symbol,
        "symboltoken": order.token,
        "transactiontype": order.side.value,
        "exchange": order.exchange,
        "ordertype": "LIMIT",
        "producttype": _PRODUCTS[order.product],
        "duration": "DAY",
        "price": f"{order.limit_price:f}",
        "quantity": str(order.quantity),
        "ordertag": order.tag,
    }


def read_placement(client: SmartClient, reply: Reply) -> Placement:
    """ACCEPTED with an order id, REFUSED when Angel One certainly has no order, else UNKNOWN.

    A rate limit (429, or 403 with the rate text) is certain: the gateway in front of the order system
    answers it. Any other 403 is certain only with a readable error code. An error code names a decision
    except those in `UNDECIDED_CODES`. Not certain: HTTP 408 and 5xx, and a success without an order id.
    """
    try:
        payload = read_envelope(reply)
    except BrokerBusy as busy:
        return refused(reply, str(busy))
    if is_success(reply, payload):
        order_id = (payload.get("data") or {}).get("orderid")
        return accepted(reply, str(order_id)) if order_id else unknown(reply, f"{client.told(payload)}, no order id")
    reason = client.told(payload)
    undecided = (
        code_of(payload) in UNDECIDED_CODES
        or _said_yes(payload)
        or reply.status == HTTPStatus.REQUEST_TIMEOUT
        or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    )
    return unknown(reply, reason) if undecided else refused(reply, reason)


def _said_yes(payload: dict[str, object]) -> bool:
    return payload.get("status") is True or payload.get("success") is True
