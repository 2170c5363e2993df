"""Orders and trades in SmartAPI's fields (SmartAPI docs: order book, trade book)."""

from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sandbox.exchange.instruments import Instrument
from sandbox.exchange.orders import Fill, Order, Status
from sandbox.exchange.ticks import rupees, rupees_text
from sandbox.smartapi.names import expiry_text, instrument_type, token_of, trading_symbol

PRODUCTS = {"INTRADAY": "MIS", "CARRYFORWARD": "NRML"}
_PRODUCT_NAMES = {ours: theirs for theirs, ours in PRODUCTS.items()}
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


def unique_id(order: Order) -> str:
    """The uniqueorderid: stable for an order, unlike its number in the book of another day."""
    return str(uuid5(NAMESPACE_OID, order.order_id))


def stamp(instant: datetime | None) -> str:
    """`23-Nov-2026 09:20:00`, empty when there is none."""
    return f"{instant:%d-%b-%Y %H:%M:%S}" if instant else ""


def contract_fields(instrument: Instrument) -> dict[str, Any]:
    """The fields that name a contract, shared by orders and trades."""
    return {
        "tradingsymbol": trading_symbol(instrument),
        "exchange": instrument.exchange,
        "symboltoken": token_of(instrument),
        "instrumenttype": instrument_type(instrument),
        "strikeprice": float(instrument.strike) if instrument.is_option else -1.0,
        "optiontype": instrument.kind if instrument.is_option else "",
        "expirydate": expiry_text(instrument),
        "lotsize": str(instrument.lot),
    }


def product_name(product: str) -> str:
    """INTRADAY or CARRYFORWARD."""
    return _PRODUCT_NAMES.get(product, product)


def order_json(order: Order) -> dict[str, Any]:
    """One line of getOrderBook, and the answer of details/{uniqueorderid}."""
    ticket, wire = order.ticket, order.ticket.wire
    status = _STATUS[order.status]
    last = order.fills[-1] if order.fills else None
    return contract_fields(ticket.instrument) | {
        "variety": wire.get("variety", "NORMAL"),
        "ordertype": "STOPLOSS_LIMIT" if order.trigger_paise else "LIMIT",
        "ordertag": ticket.tag,
        "producttype": product_name(ticket.product),
        "price": rupees(order.price_paise),
        "triggerprice": rupees(order.trigger_paise),
        "quantity": str(order.quantity),
        "disclosedquantity": wire.get("disclosedquantity", "0") or "0",
        "duration": wire.get("duration", "DAY"),
        "squareoff": 0.0,
        "stoploss": 0.0,
        "trailingstoploss": 0.0,
        "transactiontype": ticket.side,
        "cancelsize": str(order.cancelled_quantity),
        "averageprice": rupees(order.average_paise),
        "filledshares": str(order.filled),
        "unfilledshares": str(order.quantity - order.filled),
        "orderid": order.order_id,
        "exchangeorderid": order.exchange_order_id if order.reached_exchange_at else "",
        "text": order.message,
        "status": status,
        "orderstatus": status,
        "updatetime": stamp(order.updated_at),
        "exchtime": stamp(order.reached_exchange_at),
        "exchorderupdatetime": stamp(order.updated_at if order.reached_exchange_at else None),
        "fillid": last.trade_id if last else "",
        "filltime": stamp(last.at) if last else "",
        "parentorderid": "",
        "uniqueorderid": unique_id(order),
    }


def trade_json(order: Order, fill: Fill) -> dict[str, Any]:
    """One line of getTradeBook."""
    instrument = order.ticket.instrument
    fields = contract_fields(instrument)
    return {
        "exchange": fields["exchange"],
        "producttype": product_name(order.ticket.product),
        "tradingsymbol": fields["tradingsymbol"],
        "instrumenttype": fields["instrumenttype"],
        "symbolgroup": "",
        "strikeprice": str(fields["strikeprice"]),
        "optiontype": fields["optiontype"],
        "expirydate": fields["expirydate"],
        "marketlot": fields["lotsize"],
        "precision": "2",
        "multiplier": "-1",
        "tradevalue": rupees_text(fill.quantity * fill.price_paise),
        "transactiontype": order.ticket.side,
        "fillprice": rupees_text(fill.price_paise),
        "fillsize": str(fill.quantity),
        "orderid": order.order_id,
        "fillid": fill.trade_id,
        "filltime": f"{fill.at:%H:%M:%S}",
        "symboltoken": fields["symboltoken"],
        "uniqueorderid": unique_id(order),
    }
