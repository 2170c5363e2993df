"""Orders and trades in Groww's fields (Groww docs: orders, annexures)."""

from datetime import datetime
from typing import Any

from sandbox.exchange.orders import Fill, Order, Status
from sandbox.exchange.ticks import rupees
from sandbox.groww.names import exchange_of, trading_symbol

_PREFIX = "GMKFO"
_STATUS = {
    Status.RECEIVED: "NEW",
    Status.VALIDATING: "ACKED",
    Status.OPENING: "APPROVED",
    Status.OPEN: "OPEN",
    Status.TRIGGER_PENDING: "TRIGGER_PENDING",
    Status.COMPLETE: "EXECUTED",
    Status.REJECTED: "REJECTED",
    Status.CANCELLED: "CANCELLED",
}


def groww_id(order: Order) -> str:
    """The order's number at Groww, letters in front."""
    return f"{_PREFIX}{order.order_id}"


def exchange_order_id(number: str) -> str:
    """The exchange's number behind a number of Groww's; what it is not stays unknown."""
    return number.removeprefix(_PREFIX) if number.startswith(_PREFIX) else ""


def stamp(instant: datetime | None) -> str | None:
    """`2026-11-23T09:20:00` in IST, null when there is none."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}" if instant else None


def status_json(order: Order) -> dict[str, Any]:
    """The answer of the status calls."""
    return {
        "groww_order_id": groww_id(order),
        "order_status": _STATUS[order.status],
        "remark": order.message,
        "filled_quantity": order.filled,
        "order_reference_id": order.ticket.tag,
    }


def order_json(order: Order) -> dict[str, Any]:
    """One line of the order list, and the answer of the detail call."""
    ticket = order.ticket
    return status_json(order) | {
        "trading_symbol": trading_symbol(ticket.instrument),
        "quantity": order.quantity,
        "price": rupees(order.price_paise),
        "trigger_price": rupees(order.trigger_paise),
        "remaining_quantity": order.quantity - order.filled,
        "average_fill_price": rupees(order.average_paise),
        "deliverable_quantity": 0,
        "amo_status": "NA",
        "validity": ticket.wire.get("validity", "DAY"),
        "exchange": exchange_of(ticket.instrument),
        "order_type": "SL" if order.trigger_paise else "LIMIT",
        "transaction_type": ticket.side,
        "segment": "FNO",
        "product": ticket.product,
        "created_at": stamp(order.placed_at),
        "exchange_time": stamp(order.reached_exchange_at),
        "trade_date": stamp(order.placed_at),
    }


def trade_json(order: Order, fill: Fill) -> dict[str, Any]:
    """One line of an order's trades."""
    ticket = order.ticket
    return {
        "price": rupees(fill.price_paise),
        "isin": "",
        "quantity": fill.quantity,
        "groww_order_id": groww_id(order),
        "groww_trade_id": f"GT{fill.trade_id}",
        "exchange_trade_id": fill.trade_id,
        "exchange_order_id": order.exchange_order_id,
        "trade_status": "EXECUTED",
        "trading_symbol": trading_symbol(ticket.instrument),
        "remark": None,
        "exchange": exchange_of(ticket.instrument),
        "segment": "FNO",
        "product": ticket.product,
        "transaction_type": ticket.side,
        "created_at": stamp(fill.at),
        "trade_date_time": stamp(fill.at),
        "settlement_number": "",
    }
