"""Postbacks of Fyers (docs: postback), for the statuses an app can choose: pending, traded, rejected, cancelled."""

from sandbox.accounts import Account
from sandbox.exchange.orders import Order
from sandbox.fyers.order_json import STATUS, TRADED, TRANSIT, order_fields
from sandbox.postbacks.changes import shows
from sandbox.postbacks.dialect import Body, PostbackDialect

_FIELDS = (
    "id", "exchOrdId", "symbol", "qty", "remainingQuantity", "filledQty", "status", "message", "segment", "limitPrice",
    "stopPrice", "productType", "type", "side", "discloseQty", "dqQtyRem", "orderValidity", "orderDateTime",
    "tradedPrice", "source", "fyToken", "offlineOrder", "pan", "clientId", "exchange", "instrument", "orderNumStatus",
)  # fmt: skip


def postback_json(order: Order, account: Account) -> Body:
    """An order update."""
    fields = order_fields(order, account)
    return {name: fields[name] for name in _FIELDS}


def _due(order: Order) -> bool:
    return STATUS[order.status] != TRANSIT and shows(order, STATUS)


def _forged(body: Body) -> Body:
    told = {"status": TRADED, "orderNumStatus": f"{body['id']}:{TRADED}"}
    return body | told | {"filledQty": body["qty"], "remainingQuantity": 0}


FYERS_POSTBACKS = PostbackDialect(_due, postback_json, _forged, needs_200=True)
