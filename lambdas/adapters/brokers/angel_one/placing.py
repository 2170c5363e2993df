"""An order as SmartAPI wants it, and what SmartAPI's answer to it means."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from lambdas.adapters.brokers.angel_one.client import (
    UNDECIDED_CODES,
    SmartClient,
    code_of,
    is_success,
    read_envelope,
)
from lambdas.adapters.brokers.angel_one.mapping import PRODUCTS
from lambdas.adapters.brokers.angel_one.refusals import refusal_in
from lambdas.adapters.brokers.http import Reply
from lambdas.adapters.brokers.ordering import check_limit, check_order
from lambdas.adapters.brokers.placing import accepted, limited, refused, unknown
from lambdas.ports.broker import BrokerBusy, OrderRequest, Placement

MOST_POSITIONS = 50
"""Of one margin calculation (smartapi.angelbroking.com/docs/MarginCalculator)."""


def order_body(order: OrderRequest) -> dict[str, str]:
    """The JSON of `placeOrder`: a limit order, since SmartAPI has no protected market order.

    Raises ValueError when the order cannot be expressed. Source: smartapi.angelbroking.com/docs/Orders.
    """
    _check(order)
    return {
        "variety": "NORMAL",
        "tradingsymbol": order.symbol,
        "symboltoken": order.token,
        "transactiontype": order.side.value,
        "exchange": order.exchange,
        "ordertype": "LIMIT",
        "producttype": PRODUCTS[order.product],
        "duration": "DAY",
        "price": f"{order.limit_price:f}",
        "quantity": str(order.quantity),
        "ordertag": order.tag,
    }


def limit_body(row: Mapping[str, Any], limit_price: Decimal, quantity: int) -> dict[str, str]:
    """The JSON of `modifyOrder`, which names the whole order again: `row` is its line in the order book."""
    kept = ("variety", "orderid", "producttype", "duration", "tradingsymbol", "symboltoken", "exchange")
    return {
        **{name: str(row[name]) for name in kept},
        "ordertype": "LIMIT",
        "price": f"{limit_price:f}",
        "quantity": str(quantity),
    }


def basket_body(orders: Sequence[OrderRequest]) -> dict[str, Any]:
    """The JSON of `margin/v1/batch`, each order at its limit: the most that a bought option may cost.

    Raises ValueError when an order cannot be expressed or there are more than 50: the margin of parts
    would not count the hedges between them. The price is a JSON number there; the float is only its text.
    """
    if len(orders) > MOST_POSITIONS:
        raise ValueError(f"{len(orders)} orders; Angel One calculates at most {MOST_POSITIONS} together")
    return {"positions": [_position(order) for order in orders]}


def _position(order: OrderRequest) -> dict[str, Any]:
    _check(order)
    return {
        "exchange": order.exchange,
        "qty": order.quantity,
        "price": float(order.limit_price),
        "productType": PRODUCTS[order.product],
        "token": order.token,
        "tradeType": order.side.value,
        "orderType": "LIMIT",
    }


def _check(order: OrderRequest) -> None:
    check_order(order, frozenset(PRODUCTS))
    check_limit(order.limit_price, order.quantity)
    if not order.token:
        raise ValueError("an order at Angel One needs a symbol token")


def read_placement(client: SmartClient, reply: Reply) -> Placement:
    """ACCEPTED with an order id, REFUSED when Angel One certainly has no order, else UNKNOWN.

    A rate limit (429, or 403 with the rate text) is certain: the gateway in front of the order system
    answers it. Any other 403 is certain only with a readable error code. An error code names a decision
    except those in `UNDECIDED_CODES`. Not certain: HTTP 408 and 5xx, and a success without an order id.
    """
    try:
        payload = read_envelope(reply)
    except BrokerBusy as busy:
        return limited(reply, str(busy))
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
    return unknown(reply, reason) if undecided else refused(reply, reason, refusal_in(payload))


def _said_yes(payload: dict[str, object]) -> bool:
    return payload.get("status") is True or payload.get("success") is True
