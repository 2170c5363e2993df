"""Kite's orders, positions, funds, quotes and profile in the platform's words."""

from typing import Any

from lambdas.adapters.brokers.reading import amount, best_quote, ist_time, price, whole
from lambdas.adapters.brokers.zerodha.refusals import refusal_of
from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import IntentStatus
from lambdas.ports.broker import BrokerOrder, BrokerPosition, Funds, Profile

_FINAL = {
    "COMPLETE": IntentStatus.FILLED,
    "REJECTED": IntentStatus.REFUSED,
    "CANCELLED": IntentStatus.CANCELLED,
    "CANCELLED AMO": IntentStatus.CANCELLED,
}
_TIME = "%Y-%m-%d %H:%M:%S"


def status_of(text: str, filled: int) -> IntentStatus:
    """Kite's status and filled quantity as an intent status.

    Everything that is not final is in flight: PUT ORDER REQ RECEIVED, VALIDATION PENDING, OPEN PENDING,
    OPEN, TRIGGER PENDING, MODIFY …, CANCEL PENDING, AMO REQ RECEIVED, and what Kite may add. An order whose
    rest was rejected after a fill keeps its fill, so it counts as cancelled.
    """
    status = _FINAL.get(text.strip().upper())
    if status is None:
        return IntentStatus.PARTLY_FILLED if filled else IntentStatus.ACCEPTED
    if status is IntentStatus.REFUSED and filled:
        return IntentStatus.CANCELLED
    return status


def order_of(row: dict[str, Any]) -> BrokerOrder:
    """One row of `GET /orders`, or one state of `GET /orders/{id}`. Times are IST without an offset."""
    filled = whole(row["filled_quantity"])
    status = status_of(row["status"], filled)
    return BrokerOrder(
        broker_order_id=str(row["order_id"]),
        tag=row.get("tag") or None,
        symbol=row["tradingsymbol"],
        side=Side(row["transaction_type"]),
        quantity=whole(row["quantity"]),
        status=status,
        filled_quantity=filled,
        average_price=price(row.get("average_price")),
        exchange_at=ist_time(row.get("exchange_timestamp"), _TIME),
        message=row.get("status_message") or "",
        refusal=refusal_of(row) if status is IntentStatus.REFUSED else None,
    )


def position_of(row: dict[str, Any]) -> BrokerPosition:
    """One row of `net` in `GET /portfolio/positions`: carried and traded today together, closed ones too."""
    return BrokerPosition(
        exchange=row["exchange"],
        symbol=row["tradingsymbol"],
        token=str(row["instrument_token"]),
        product=row["product"],
        net=whole(row["quantity"]),
        bought=whole(row["buy_quantity"]),
        sold=whole(row["sell_quantity"]),
        average_price=price(row["average_price"]) if whole(row["quantity"]) else None,
        last_price=price(row.get("last_price")),
    )


def funds_of(equity: dict[str, Any]) -> Funds:
    """The equity segment of `GET /user/margins`, which covers derivatives: `net` is what is left to trade with."""
    return Funds(available=amount(equity["net"]), used=amount(equity["utilised"]["debits"]))


def quote_of(row: dict[str, Any]) -> Quote:
    """One instrument of `GET /quote`; an index has no book."""
    depth = row.get("depth") or {}
    return best_quote(row["last_price"], depth.get("buy") or [], depth.get("sell") or [])


def profile_of(data: dict[str, Any]) -> Profile:
    """`GET /user/profile`."""
    return Profile(client_id=str(data["user_id"]), name=str(data.get("user_name") or ""))
