"""An order as Kite wants it, and what Kite's answer to it means."""

from decimal import Decimal
from http import HTTPStatus
from typing import Any

from lambdas.adapters.brokers.http import Reply
from lambdas.adapters.brokers.ordering import check_limit, check_order
from lambdas.adapters.brokers.placing import accepted, limited, refused, unknown
from lambdas.adapters.brokers.zerodha.client import UNDECIDED, KiteClient, read_envelope
from lambdas.adapters.brokers.zerodha.refusals import refusal_in
from lambdas.ports.broker import BrokerBusy, OrderRequest, Placement

_PRODUCTS = frozenset({"MIS", "NRML"})
_REFUSALS = frozenset(
    {
        "TokenException",
        "UserException",
        "OrderException",
        "InputException",
        "MarginException",
        "HoldingException",
        "PermissionException",
    }
)


def order_form(order: OrderRequest, algo_id: str = "") -> dict[str, str]:
    """The form of `POST /orders/regular`: a market order that Kite protects by a percentage, or a limit order.

    Exchanges refuse algorithmic market orders without protection; Kite turns the percentage into a limit
    price (kite.trade/docs/connect/v3/orders, `market_protection` 0 to 100). `algo_id` goes with new orders
    only: the official client (kiteconnect 5.2) knows it for neither changes nor cancellations. Raises
    ValueError when the order cannot be expressed.
    """
    check_order(order, _PRODUCTS)
    return {
        "exchange": order.exchange,
        "tradingsymbol": order.symbol,
        "transaction_type": order.side.value,
        "quantity": str(order.quantity),
        "product": order.product,
        **_pricing(order),
        "validity": "DAY",
        "tag": order.tag,
        **({"algo_id": algo_id} if algo_id else {}),
    }


def _pricing(order: OrderRequest) -> dict[str, str]:
    if order.style == "limit":
        check_limit(order.limit_price, order.quantity)
        return {"order_type": "LIMIT", "price": f"{order.limit_price:f}"}
    percent = order.protection_percent
    if not percent.is_finite() or not 0 < percent <= 100:
        raise ValueError(f"protection_percent {percent} is not above 0 and at most 100")
    return {"order_type": "MARKET", "market_protection": f"{percent.normalize():f}"}


def limit_form(limit_price: Decimal, quantity: int) -> dict[str, str]:
    """The form of `PUT /orders/regular/{id}`. A protected market order rests as a limit order, so it has a limit.

    Raises ValueError for a limit or a quantity that no exchange takes.
    """
    check_limit(limit_price, quantity)
    return {"order_type": "LIMIT", "price": f"{limit_price:f}", "quantity": str(quantity), "validity": "DAY"}


def basket_row(order: OrderRequest) -> dict[str, Any]:
    """One order of `POST /margins/basket`, at its limit: the most that a bought option may cost.

    Raises ValueError when the order cannot be expressed. The price is a JSON number there; the float is only
    its text. Source: kite.trade/docs/connect/v3/margins.
    """
    check_order(order, _PRODUCTS)
    check_limit(order.limit_price, order.quantity)
    return {
        "exchange": order.exchange,
        "tradingsymbol": order.symbol,
        "transaction_type": order.side.value,
        "variety": "regular",
        "product": order.product,
        "order_type": "LIMIT",
        "quantity": order.quantity,
        "price": float(order.limit_price),
        "trigger_price": 0,
    }


def read_placement(client: KiteClient, reply: Reply) -> Placement:
    """ACCEPTED with an order id, REFUSED when Kite certainly has no order, else UNKNOWN.

    429 is certain: the limit is applied at Kite's edge, before the order system, and such a request is
    not counted as an order. A readable error of a kind that names a decision (input, margin, order,
    token …) is certain below HTTP 500 and at 500, Kite's default for order errors. Not certain: 502, 503
    and 504, where the edge lost the order system; the kinds in `UNDECIDED`; a kind nobody knows with a
    5xx; a success without an order id. Source: kite.trade/docs/connect/v3/exceptions.
    """
    try:
        payload = read_envelope(reply)
    except BrokerBusy as busy:
        return limited(reply, str(busy))
    if reply.status == HTTPStatus.OK and payload.get("status") == "success":
        order_id = (payload.get("data") or {}).get("order_id")
        return accepted(reply, str(order_id)) if order_id else unknown(reply, "zerodha: no order id in a success")
    reason = client.told(payload)
    if _is_refusal(reply.status, payload):
        return refused(reply, reason, refusal_in(payload))
    return unknown(reply, reason)


def _is_refusal(status: int, payload: dict[str, object]) -> bool:
    kind = payload.get("error_type")
    if payload.get("status") != "error" or not kind or kind in UNDECIDED:
        return False
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return status != HTTPStatus.REQUEST_TIMEOUT
    return kind in _REFUSALS and status in (HTTPStatus.OK, HTTPStatus.INTERNAL_SERVER_ERROR)
