"""Orders and trades in Fyers' fields (docs: orders, trades)."""

from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sandbox.accounts import Account
from sandbox.exchange.market import Market
from sandbox.exchange.orders import Fill, Order, Status
from sandbox.exchange.ticks import rupees
from sandbox.fyers.names import DERIVATIVES, exchange_number, fytoken_of, instrument_number, ticker_of
from sandbox.fyers.order_body import PRODUCTS, SIDES

UNTAGGED = "2:Untagged"
TRADED, TRANSIT = 2, 4
STATUS = {
    Status.RECEIVED: TRANSIT,
    Status.VALIDATING: TRANSIT,
    Status.OPENING: TRANSIT,
    Status.OPEN: 6,
    Status.TRIGGER_PENDING: 6,
    Status.COMPLETE: TRADED,
    Status.REJECTED: 5,
    Status.CANCELLED: 1,
}
_PRODUCT_NAMES = {ours: theirs for theirs, ours in PRODUCTS.items()}
_SIDE_NUMBERS = {ours: int(theirs) for theirs, ours in SIDES.items()}


def stamp(instant: datetime) -> str:
    """`23-Nov-2026 09:20:00` in IST."""
    return f"{instant:%d-%b-%Y %H:%M:%S}"


def product_name(product: str) -> str:
    """INTRADAY or MARGIN."""
    return _PRODUCT_NAMES.get(product, product)


def order_json(order: Order, account: Account, number: int, market: Market, now: datetime) -> dict[str, Any]:
    """One line of GET /orders; `number` is its place in the day's book."""
    instrument = order.ticket.instrument
    last, close = market.spread(instrument, now).last, market.day_range(instrument, now).previous_close
    return order_fields(order, account) | {
        "lp": rupees(last),
        "ch": rupees(last - close),
        "chp": round(100 * (last - close) / close, 2),
        "slNo": number,
    }


def order_fields(order: Order, account: Account) -> dict[str, Any]:
    """What an order's line says of the order itself, without prices of the moment."""
    ticket, instrument = order.ticket, order.ticket.instrument
    status = STATUS[order.status]
    return _contract(order, account) | {
        "id": order.order_id,
        "id_fyers": str(uuid5(NAMESPACE_OID, order.order_id)),
        "exchOrdId": order.exchange_order_id if order.reached_exchange_at else None,
        "parentId": "",
        "qty": order.quantity,
        "remainingQuantity": order.pending,
        "filledQty": order.filled,
        "discloseQty": 0,
        "disclosedQty": 0,
        "dqQtyRem": 0,
        "limitPrice": rupees(order.price_paise),
        "stopPrice": rupees(order.trigger_paise),
        "tradedPrice": rupees(order.average_paise),
        "type": 4 if order.trigger_paise else 1,
        "message": order.message,
        "offlineOrder": False,
        "orderDateTime": stamp(order.reached_exchange_at or order.placed_at),
        "orderValidity": ticket.wire.get("validity", "DAY"),
        "pan": "",
        "status": status,
        "source": "API",
        "ex_sym": instrument.underlying,
        "description": instrument.symbol,
        "orderNumStatus": f"{order.order_id}:{status}",
        "takeProfit": 0,
        "stopLoss": 0,
    }


def trade_json(order: Order, fill: Fill, account: Account) -> dict[str, Any]:
    """One line of GET /tradebook."""
    return _contract(order, account) | {
        "orderDateTime": stamp(fill.at),
        "orderNumber": order.order_id,
        "exchangeOrderNo": order.exchange_order_id,
        "orderType": 4 if order.trigger_paise else 1,
        "tradedQty": fill.quantity,
        "tradePrice": rupees(fill.price_paise),
        "tradeValue": rupees(fill.quantity * fill.price_paise),
        "tradeNumber": fill.trade_id,
        "row": fill.trade_id,
    }


def _contract(order: Order, account: Account) -> dict[str, Any]:
    ticket, instrument = order.ticket, order.ticket.instrument
    return {
        "clientId": account.client_id,
        "symbol": ticker_of(instrument),
        "fyToken": fytoken_of(instrument),
        "exchange": exchange_number(instrument),
        "segment": DERIVATIVES,
        "instrument": instrument_number(instrument),
        "side": _SIDE_NUMBERS[ticket.side],
        "productType": product_name(ticket.product),
        "orderTag": f"1:{ticket.tag}" if ticket.tag else UNTAGGED,
    }
