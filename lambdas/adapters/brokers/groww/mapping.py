"""Groww's orders, positions, money, quotes and profile in the platform's words."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from lambdas.adapters.brokers.groww.refusals import refusal_of
from lambdas.adapters.brokers.groww.segments import segment_of
from lambdas.adapters.brokers.reading import best_quote, price, whole
from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import IntentStatus
from lambdas.domain.moments import IST
from lambdas.ports.broker import BrokerOrder, BrokerPosition, Funds, Profile

_FINAL = {
    "EXECUTED": IntentStatus.FILLED,
    "COMPLETED": IntentStatus.FILLED,
    "DELIVERY_AWAITED": IntentStatus.FILLED,
    "REJECTED": IntentStatus.REFUSED,
    "FAILED": IntentStatus.REFUSED,
    "CANCELLED": IntentStatus.CANCELLED,
}
_BALANCES = ("future_balance_available", "option_buy_balance_available", "option_sell_balance_available")


def status_of(text: str, filled: int) -> IntentStatus:
    """Groww's order status and filled quantity as an intent status.

    Everything that is not final is in flight: NEW, ACKED, APPROVED, OPEN, TRIGGER_PENDING,
    MODIFICATION_REQUESTED, CANCELLATION_REQUESTED, and what Groww may add. An order whose rest was rejected
    after a fill keeps its fill, so it counts as cancelled. Source: groww.in/trade-api/docs/curl/annexures.
    """
    status = _FINAL.get(text.strip().upper())
    if status is None:
        return IntentStatus.PARTLY_FILLED if filled else IntentStatus.ACCEPTED
    if status is IntentStatus.REFUSED and filled:
        return IntentStatus.CANCELLED
    return status


def order_of(row: dict[str, Any]) -> BrokerOrder:
    """One row of `GET /v1/order/list`, or the answer of `/v1/order/detail/{id}`.

    Groww does not tell EXECUTED from COMPLETED; an order is filled only when its whole quantity is.
    """
    filled, quantity = whole(row.get("filled_quantity")), whole(row["quantity"])
    status = status_of(row["order_status"], filled)
    if status is IntentStatus.FILLED and filled < quantity:
        status = status_of("", filled)
    return BrokerOrder(
        broker_order_id=str(row["groww_order_id"]),
        tag=row.get("order_reference_id") or None,
        symbol=row["trading_symbol"],
        side=Side(row["transaction_type"]),
        quantity=quantity,
        status=status,
        filled_quantity=filled,
        average_price=price(row.get("average_fill_price")),
        exchange_at=instant(row.get("exchange_time")),
        message=row.get("remark") or "",
        refusal=refusal_of(row) if status is IntentStatus.REFUSED else None,
    )


def instant(text: str | None) -> datetime | None:
    """An ISO 8601 instant, in IST where it has no offset; None for null or an empty text."""
    if not text:
        return None
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=IST)


def position_of(row: dict[str, Any], last_price: Decimal | None) -> BrokerPosition:
    """One row of `GET /v1/positions/user`, which carries no last price: credit is bought, debit is sold."""
    net = whole(row["quantity"])
    return BrokerPosition(
        exchange=segment_of(row["exchange"]),
        symbol=row["trading_symbol"],
        token=row["trading_symbol"],
        product=row["product"],
        net=net,
        bought=whole(row.get("credit_quantity")) + whole(row.get("carry_forward_credit_quantity")),
        sold=whole(row.get("debit_quantity")) + whole(row.get("carry_forward_debit_quantity")),
        average_price=price(row.get("net_price")) if net else None,
        last_price=last_price,
    )


def funds_of(data: dict[str, Any]) -> Funds:
    """`GET /v1/margins/detail/user`.

    Groww tells what futures, bought options and sold options may bind each; the least of them is free for all.
    """
    details = data["fno_margin_details"]
    return Funds(
        available=min(_amount(details[name]) for name in _BALANCES), used=_amount(details["net_fno_margin_used"])
    )


def required_of(data: dict[str, Any]) -> Decimal:
    """`POST /v1/margins/detail/orders`: margin, premium and charges of the basket together."""
    return _amount(data["total_requirement"])


def quote_of(data: dict[str, Any]) -> Quote:
    """One instrument of `GET /v1/live-data/quote`."""
    depth = data.get("depth") or {}
    return best_quote(data["last_price"], depth.get("buy") or [], depth.get("sell") or [])


def profile_of(data: dict[str, Any]) -> Profile:
    """`GET /v1/user/detail`; Groww tells no name."""
    return Profile(client_id=str(data["ucc"]), name="")


def _amount(value: Any) -> Decimal:
    amount = Decimal(str(value))
    if not amount.is_finite():
        raise ValueError(f"{value!r} is not an amount")
    return amount
