"""Orders, their states and trades in Upstox's fields (Upstox developer API: order book, history, trades)."""

from datetime import datetime
from typing import Any

from sandbox.accounts import Account
from sandbox.exchange.orders import Event, Fill, Order, Status
from sandbox.exchange.ticks import rupees
from sandbox.upstox.names import instrument_key
from sandbox.upstox.order_body import PRODUCTS

_STATUS = {
    Status.RECEIVED: "put order req received",
    Status.VALIDATING: "validation pending",
    Status.OPENING: "open pending",
    Status.OPEN: "open",
    Status.TRIGGER_PENDING: "trigger pending",
    Status.COMPLETE: "complete",
    Status.REJECTED: "rejected",
    Status.CANCELLED: "cancelled",
}
OWN_PRODUCTS = {ours: theirs for theirs, ours in PRODUCTS.items()}


def stamp(instant: datetime | None) -> str | None:
    """`YYYY-MM-DD HH:MM:SS` in IST."""
    return f"{instant:%Y-%m-%d %H:%M:%S}" if instant else None


def order_json(order: Order, account: Account) -> dict[str, Any]:
    """One row of the order book, and the answer of `details`."""
    event = order.history[-1]
    return _fields(order, account, event) | {
        "guid": None,
        "pending_quantity": event.pending,
        "status_message_raw": event.message or None,
        "order_ref_id": f"SB{order.order_id}",
    }


def states_json(order: Order, account: Account) -> list[dict[str, Any]]:
    """One row for each state passed, oldest first."""
    return [_fields(order, account, event) for event in order.history]


def _fields(order: Order, account: Account, event: Event) -> dict[str, Any]:
    ticket, wire = order.ticket, order.ticket.wire
    at_exchange = order.reached_exchange_at is not None and event.at >= order.reached_exchange_at
    return {
        "exchange": ticket.instrument.exchange,
        "product": OWN_PRODUCTS[ticket.product],
        "price": rupees(event.price_paise),
        "quantity": event.quantity,
        "status": _STATUS[event.status],
        "tag": ticket.tag or None,
        "instrument_token": instrument_key(ticket.instrument),
        "placed_by": account.client_id,
        "trading_symbol": ticket.instrument.symbol,
        "tradingsymbol": ticket.instrument.symbol,
        "order_type": "SL" if order.trigger_paise else "LIMIT",
        "validity": wire.get("validity", "DAY"),
        "trigger_price": rupees(order.trigger_paise),
        "disclosed_quantity": 0,
        "transaction_type": ticket.side,
        "average_price": rupees(event.average_paise),
        "filled_quantity": event.filled,
        "status_message": event.message or None,
        "exchange_order_id": order.exchange_order_id if at_exchange else None,
        "parent_order_id": None,
        "order_id": order.order_id,
        "variety": "SIMPLE",
        "order_timestamp": stamp(event.at),
        "exchange_timestamp": stamp(order.reached_exchange_at) if at_exchange else None,
        "is_amo": False,
        "order_request_id": str(1 + order.modifications),
    }


def trade_json(order: Order, fill: Fill) -> dict[str, Any]:
    """One trade of the day."""
    ticket = order.ticket
    return {
        "exchange": ticket.instrument.exchange,
        "product": OWN_PRODUCTS[ticket.product],
        "trading_symbol": ticket.instrument.symbol,
        "tradingsymbol": ticket.instrument.symbol,
        "instrument_token": instrument_key(ticket.instrument),
        "order_type": "LIMIT",
        "transaction_type": ticket.side,
        "quantity": fill.quantity,
        "exchange_order_id": order.exchange_order_id,
        "order_id": order.order_id,
        "exchange_timestamp": stamp(fill.at),
        "average_price": rupees(fill.price_paise),
        "trade_id": fill.trade_id,
        "order_ref_id": f"SB{order.order_id}",
        "order_timestamp": stamp(order.placed_at),
    }
