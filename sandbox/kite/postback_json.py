"""Postbacks of Kite Connect (Kite Connect v3 docs: postback)."""

import hashlib

from sandbox.accounts import Account
from sandbox.exchange.orders import Order
from sandbox.kite.order_json import order_json
from sandbox.postbacks.changes import Change, change_of
from sandbox.postbacks.dialect import Body, PostbackDialect

_APP_ID = 1
# A postback has the fields of an order but for those that came to the order book later.
_ABSENT = ("account_id", "validity_ttl", "modified", "tags")


def postback_json(order: Order, account: Account) -> Body:
    """An order update; `status` is UPDATE for an order that was modified or partly filled."""
    fields = {name: value for name, value in order_json(order, account).items() if name not in _ABSENT}
    if not order.status.final:
        fields["status"] = "UPDATE"
    return fields | {
        "user_id": account.client_id,
        "app_id": _APP_ID,
        "unfilled_quantity": order.pending,
        "checksum": checksum(order.order_id, fields["order_timestamp"], account.api_secret),
    }


def checksum(order_id: str, order_timestamp: str, api_secret: str) -> str:
    """SHA-256(order_id + order_timestamp + api_secret) in hex."""
    return hashlib.sha256(f"{order_id}{order_timestamp}{api_secret}".encode()).hexdigest()


def _due(order: Order) -> bool:
    return order.status.final or change_of(order) is not Change.STATUS


def _forged(body: Body) -> Body:
    return body | {"checksum": checksum(body["order_id"], body["order_timestamp"], "a secret of somebody else")}


KITE_POSTBACKS = PostbackDialect(_due, postback_json, _forged)
