"""Webhook of Upstox (Upstox developer API: webhook): the message of its order stream."""

from sandbox.accounts import Account
from sandbox.exchange.orders import Order
from sandbox.postbacks.dialect import Body, PostbackDialect
from sandbox.upstox.order_json import order_json


def postback_json(order: Order, account: Account) -> Body:
    """An order update: the row of the order book, with empty texts where that has null."""
    row = order_json(order, account)
    return row | {
        "update_type": "order",
        "user_id": account.client_id,
        "userId": account.client_id,
        "instrument_key": row["instrument_token"],
        "exchange_order_id": row["exchange_order_id"] or "",
        "status_message": row["status_message"] or "",
    }


def _due(_order: Order) -> bool:
    return True


def _forged(body: Body) -> Body:
    return body | {"status": "complete", "filled_quantity": body["quantity"], "pending_quantity": 0}


UPSTOX_POSTBACKS = PostbackDialect(_due, postback_json, _forged)
