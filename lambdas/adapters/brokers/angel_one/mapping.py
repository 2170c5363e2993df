"""SmartAPI's orders, positions, funds, quotes and profile in the platform's words."""

from typing import Any

from lambdas.adapters.brokers.angel_one.refusals import refusal_of
from lambdas.adapters.brokers.reading import amount, best_quote, ist_time, price, whole
from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import IntentStatus
from lambdas.ports.broker import BrokerOrder, BrokerPosition, Funds, Profile

PRODUCTS = {"MIS": "INTRADAY", "NRML": "CARRYFORWARD"}
"""The platform's products as SmartAPI calls them."""
SEGMENTS = frozenset({"NFO", "BFO"})
_PLATFORM_PRODUCTS = {theirs: ours for ours, theirs in PRODUCTS.items()}
_FINAL = {
    "complete": IntentStatus.FILLED,
    "rejected": IntentStatus.REFUSED,
    "cancelled": IntentStatus.CANCELLED,
    "cancelled after market order": IntentStatus.CANCELLED,
}
_TIME = "%d-%b-%Y %H:%M:%S"


def status_of(text: str, filled: int) -> IntentStatus:
    """SmartAPI's order status and filled shares as an intent status.

    Everything that is not final is in flight: put order req received, validation pending, open pending,
    open, trigger pending, modify pending, modified, after market order req received, and what SmartAPI may
    add. An order whose rest was rejected after a fill keeps its fill, so it counts as cancelled.
    """
    status = _FINAL.get(text.strip().lower())
    if status is None:
        return IntentStatus.PARTLY_FILLED if filled else IntentStatus.ACCEPTED
    if status is IntentStatus.REFUSED and filled:
        return IntentStatus.CANCELLED
    return status


def order_of(row: dict[str, Any]) -> BrokerOrder:
    """One row of `getOrderBook`, or the answer of `details`. Quantities are texts, times are IST."""
    filled = whole(row.get("filledshares"))
    status = status_of(row.get("orderstatus") or row["status"], filled)
    return BrokerOrder(
        broker_order_id=str(row["orderid"]),
        tag=row.get("ordertag") or None,
        symbol=row["tradingsymbol"],
        side=Side(row["transactiontype"]),
        quantity=whole(row["quantity"]),
        status=status,
        filled_quantity=filled,
        average_price=price(row.get("averageprice")),
        exchange_at=ist_time(row.get("exchtime"), _TIME),
        message=row.get("text") or "",
        refusal=refusal_of(row) if status is IntentStatus.REFUSED else None,
    )


def position_of(row: dict[str, Any]) -> BrokerPosition:
    """One row of `getPosition`: carried (`cf…`) and traded today together. Quantities and prices are texts.

    The average is that of the open side: SmartAPI's own net price counts closed units in.
    """
    net = whole(row["netqty"])
    side = "totalbuyavgprice" if net > 0 else "totalsellavgprice"
    return BrokerPosition(
        exchange=row["exchange"],
        symbol=row["tradingsymbol"],
        token=str(row["symboltoken"]),
        product=_PLATFORM_PRODUCTS.get(row["producttype"], row["producttype"]),
        net=net,
        bought=whole(row["buyqty"]) + whole(row.get("cfbuyqty")),
        sold=whole(row["sellqty"]) + whole(row.get("cfsellqty")),
        average_price=price(row[side]) if net else None,
        last_price=price(row.get("ltp")),
    )


def funds_of(data: dict[str, Any]) -> Funds:
    """`getRMS`: `net` is what is left to trade with, `utiliseddebits` what is bound."""
    return Funds(available=amount(data["net"]), used=amount(data["utiliseddebits"]))


def quote_of(row: dict[str, Any]) -> Quote:
    """One fetched instrument of the market data quote in mode FULL; an index has no book."""
    depth = row.get("depth") or {}
    return best_quote(row["ltp"], depth.get("buy") or [], depth.get("sell") or [])


def profile_of(data: dict[str, Any]) -> Profile:
    """`getProfile`."""
    return Profile(client_id=str(data["clientcode"]), name=str(data.get("name") or ""))
