"""Postbacks of SmartAPI: the order book's line with the client it belongs to."""

from sandbox.accounts import Account
from sandbox.exchange.orders import Order
from sandbox.postbacks.dialect import Body, PostbackDialect
from sandbox.smartapi.order_json import order_json


def postback_json(order: Order, account: Account) -> Body:
    """An order update."""
    return order_json(order) | {"clientcode": account.client_id}


def _due(_order: Order) -> bool:
    return True


def _forged(body: Body) -> Body:
    told = {"status": "complete", "orderstatus": "complete"}
    return body | told | {"filledshares": body["quantity"], "unfilledshares": "0"}


SMART_POSTBACKS = PostbackDialect(_due, postback_json, _forged)
