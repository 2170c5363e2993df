"""Orders and trades in Dhan's fields (DhanHQ docs: order book, trade book)."""

from datetime import datetime
from typing import Any

from sandbox.accounts import Account
from sandbox.dhan.names import security_id, segment_of, trading_symbol
from sandbox.exchange.instruments import Instrument
from sandbox.exchange.orders import Fill, Order, Status
from sandbox.exchange.ticks import rupees

PRODUCT_NAMES = {"MIS": "INTRADAY", "NRML": "MARGIN"}
STATUS = {
    Status.RECEIVED: "TRANSIT",
    Status.VALIDATING: "TRANSIT",
    Status.OPENING: "TRANSIT",
    Status.OPEN: "PENDING",
    Status.TRIGGER_PENDING: "PENDING",
    Status.COMPLETE: "TRADED",
    Status.REJECTED: "REJECTED",
    Status.CANCELLED: "CANCELLED",
}
_RIGHTS = {"CE": "CALL", "PE": "PUT"}
_NEVER = "0001-01-01 00:00:00"


def stamp(instant: datetime | None) -> str:
    """`YYYY-MM-DD HH:MM:SS` in IST; the year 1 for what has not happened."""
    return f"{instant:%Y-%m-%d %H:%M:%S}" if instant else _NEVER


def status_name(order: Order) -> str:
    """TRANSIT, PENDING, PART_TRADED, TRADED, REJECTED or CANCELLED."""
    if order.status is Status.OPEN and order.filled:
        return "PART_TRADED"
    return STATUS[order.status]


def contract_json(instrument: Instrument) -> dict[str, Any]:
    """What tells the contract in an order, a trade and a position."""
    return {
        "exchangeSegment": segment_of(instrument),
        "tradingSymbol": trading_symbol(instrument),
        "securityId": security_id(instrument),
        "drvExpiryDate": f"{instrument.expiry:%Y-%m-%d}" if instrument.expiry else "0001-01-01",
        "drvOptionType": _RIGHTS.get(instrument.kind),
        "drvStrikePrice": float(instrument.strike),
    }


def order_json(order: Order, account: Account) -> dict[str, Any]:
    """One line of GET /v2/orders."""
    ticket, rejected = order.ticket, order.status is Status.REJECTED
    return contract_json(ticket.instrument) | {
        "dhanClientId": account.client_id,
        "orderId": order.order_id,
        "exchangeOrderId": order.exchange_order_id if order.reached_exchange_at else "0",
        "correlationId": ticket.tag or None,
        "orderStatus": status_name(order),
        "transactionType": ticket.side,
        "productType": PRODUCT_NAMES[ticket.product],
        "orderType": ticket.wire.get("order_type", "LIMIT"),
        "validity": ticket.wire.get("validity", "DAY"),
        "quantity": order.quantity,
        "disclosedQuantity": 0,
        "price": rupees(order.price_paise),
        "triggerPrice": rupees(order.trigger_paise),
        "afterMarketOrder": False,
        "boProfitValue": 0.0,
        "boStopLossValue": 0.0,
        "legName": None,
        "createTime": stamp(order.placed_at),
        "updateTime": stamp(order.updated_at),
        "exchangeTime": stamp(order.reached_exchange_at),
        "omsErrorCode": "RMS" if rejected else "0",
        "omsErrorDescription": order.message or None,
        "algoId": "0",
        "remainingQuantity": order.pending or order.cancelled_quantity,
        "averageTradedPrice": rupees(order.average_paise),
        "filledQty": order.filled,
    }


def trade_json(order: Order, fill: Fill, account: Account) -> dict[str, Any]:
    """One line of GET /v2/trades."""
    return contract_json(order.ticket.instrument) | {
        "dhanClientId": account.client_id,
        "orderId": order.order_id,
        "exchangeOrderId": order.exchange_order_id,
        "exchangeTradeId": fill.trade_id,
        "transactionType": order.ticket.side,
        "productType": PRODUCT_NAMES[order.ticket.product],
        "orderType": order.ticket.wire.get("order_type", "LIMIT"),
        "tradedQuantity": fill.quantity,
        "tradedPrice": rupees(fill.price_paise),
        "createTime": stamp(order.placed_at),
        "updateTime": stamp(fill.at),
        "exchangeTime": stamp(fill.at),
    }
