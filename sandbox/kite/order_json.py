"""Orders, history lines and trades in Kite's fields (Kite Connect v3 docs: orders)."""

from datetime import datetime
from typing import Any

from sandbox.accounts import Account
from sandbox.exchange.orders import Event, Fill, Order, Status
from sandbox.exchange.ticks import rupees
from sandbox.kite.names import instrument_token, trading_symbol

_STATUS = {
    Status.RECEIVED: "PUT ORDER REQ RECEIVED",
    Status.VALIDATING: "VALIDATION PENDING",
    Status.OPENING: "OPEN PENDING",
    Status.OPEN: "OPEN",
    Status.TRIGGER_PENDING: "TRIGGER PENDING",
    Status.COMPLETE: "COMPLETE",
    Status.REJECTED: "REJECTED",
    Status.CANCELLED: "CANCELLED",
}


def stamp(instant: datetime | None) -> str | None:
    """`YYYY-MM-DD HH:MM:SS` in IST."""
    return f"{instant:%Y-%m-%d %H:%M:%S}" if instant else None


def order_json(order: Order, account: Account) -> dict[str, Any]:
    """One line of GET /orders."""
    return _fields(order, account, order.history[-1]) | {
        "exchange_update_timestamp": stamp(order.updated_at if order.reached_exchange_at else None),
        "modified": order.modifications > 0,
        "guid": f"01XX{order.order_id}",
    }


def history_json(order: Order, account: Account) -> list[dict[str, Any]]:
    """GET /orders/{id}: one line for each status passed, oldest first."""
    return [_fields(order, account, event) for event in order.history]


def _fields(order: Order, account: Account, event: Event) -> dict[str, Any]:
    ticket, wire = order.ticket, order.ticket.wire
    at_exchange = order.reached_exchange_at is not None and event.at >= order.reached_exchange_at
    protected = ticket.protection_percent is not None
    fields: dict[str, Any] = {
        "placed_by": account.client_id,
        "account_id": account.client_id,
        "order_id": order.order_id,
        "exchange_order_id": order.exchange_order_id if at_exchange else None,
        "parent_order_id": None,
        "status": _STATUS[event.status],
        "status_message": event.message or None,
        "status_message_raw": event.message or None,
        "order_timestamp": stamp(event.at),
        "exchange_timestamp": stamp(order.reached_exchange_at) if at_exchange else None,
        "variety": wire.get("variety", "regular"),
        "exchange": ticket.instrument.exchange,
        "tradingsymbol": trading_symbol(ticket.instrument),
        "instrument_token": instrument_token(ticket.instrument),
        "order_type": "SL" if order.trigger_paise else "LIMIT",
        "transaction_type": ticket.side,
        "validity": wire.get("validity", "DAY"),
        "validity_ttl": 0,
        "product": ticket.product,
        "quantity": event.quantity,
        "disclosed_quantity": int(wire.get("disclosed_quantity", "0") or 0),
        "price": rupees(event.price_paise),
        "trigger_price": rupees(order.trigger_paise),
        "average_price": rupees(event.average_paise),
        "filled_quantity": event.filled,
        # A cancelled order keeps its pending quantity in the order book.
        "pending_quantity": event.pending or event.cancelled,
        "cancelled_quantity": event.cancelled,
        "market_protection": _number(wire["market_protection"]) if protected else 0,
        "meta": {},
        "tag": ticket.tag or None,
    }
    if ticket.tag:
        fields["tags"] = [ticket.tag]
    return fields


def _number(text: str) -> float:
    """A JSON number, whole where it can be."""
    number = float(text)
    return int(number) if number.is_integer() else number


def trade_json(order: Order, fill: Fill) -> dict[str, Any]:
    """One line of GET /trades."""
    ticket = order.ticket
    return {
        "trade_id": fill.trade_id,
        "order_id": order.order_id,
        "exchange": ticket.instrument.exchange,
        "tradingsymbol": trading_symbol(ticket.instrument),
        "instrument_token": instrument_token(ticket.instrument),
        "product": ticket.product,
        "average_price": rupees(fill.price_paise),
        "quantity": fill.quantity,
        "exchange_order_id": order.exchange_order_id,
        "transaction_type": ticket.side,
        "fill_timestamp": stamp(fill.at),
        "order_timestamp": f"{fill.at:%H:%M:%S}",
        "exchange_timestamp": stamp(fill.at),
    }
