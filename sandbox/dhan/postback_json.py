"""Postbacks of Dhan (DhanHQ v2 docs: postback): a new status, a modification or a partial fill."""

from sandbox.accounts import Account
from sandbox.dhan.order_json import STATUS, order_json
from sandbox.exchange.orders import Order
from sandbox.postbacks.changes import Change, change_of, shows
from sandbox.postbacks.dialect import Body, PostbackDialect

_FIELDS = (
    "dhanClientId", "orderId", "correlationId", "orderStatus", "transactionType", "exchangeSegment", "productType",
    "orderType", "validity", "tradingSymbol", "securityId", "quantity", "disclosedQuantity", "price", "triggerPrice",
    "afterMarketOrder", "boProfitValue", "boStopLossValue", "legName", "createTime", "updateTime", "exchangeTime",
    "drvExpiryDate", "drvOptionType", "drvStrikePrice", "omsErrorCode", "omsErrorDescription",
)  # fmt: skip


def postback_json(order: Order, account: Account) -> Body:
    """An order update. It does not tell how much has filled."""
    row = order_json(order, account)
    return {name: row[name] for name in _FIELDS}


def _due(order: Order) -> bool:
    return change_of(order) is not Change.STATUS or shows(order, STATUS)


def _forged(body: Body) -> Body:
    return body | {"orderStatus": "TRADED"}


DHAN_POSTBACKS = PostbackDialect(_due, postback_json, _forged)
