"""Upstox's orders, positions, money, quotes and profile in the platform's words."""

from decimal import Decimal
from typing import Any

from lambdas.adapters.brokers.reading import amount, best_quote, ist_time, price, whole
from lambdas.adapters.brokers.upstox.placing import PRODUCTS
from lambdas.adapters.brokers.upstox.refusals import refusal_of
from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import IntentStatus
from lambdas.ports.broker import BrokerOrder, BrokerPosition, Funds, Profile

SEGMENTS = {"NSE_FO": "NFO", "BSE_FO": "BFO"}
"""The first part of an instrument key, and the exchange of an order."""
_FINAL = {
    "complete": IntentStatus.FILLED,
    "rejected": IntentStatus.REFUSED,
    "cancelled": IntentStatus.CANCELLED,
    "cancelled after market order": IntentStatus.CANCELLED,
}
_OWN_PRODUCTS = {theirs: ours for ours, theirs in PRODUCTS.items()}
_TIME = "%Y-%m-%d %H:%M:%S"


def status_of(text: str, filled: int) -> IntentStatus:
    """Upstox's status and filled quantity as an intent status.

    Everything that is not final is in flight: put order req received, validation pending, open pending, open,
    trigger pending, modify …, not modified, cancel pending, not cancelled, after market order req received,
    and what Upstox may add (.../api-documentation/appendix/order-status). An order whose rest was rejected
    after a fill keeps its fill, so it counts as cancelled.
    """
    status = _FINAL.get(text.strip().lower())
    if status is None:
        return IntentStatus.PARTLY_FILLED if filled else IntentStatus.ACCEPTED
    if status is IntentStatus.REFUSED and filled:
        return IntentStatus.CANCELLED
    return status


def order_of(row: dict[str, Any]) -> BrokerOrder:
    """One row of the order book, or the answer of `details`. Times are IST without an offset."""
    filled = whole(row.get("filled_quantity"))
    status = status_of(row["status"], filled)
    return BrokerOrder(
        broker_order_id=str(row["order_id"]),
        tag=row.get("tag") or None,
        symbol=_symbol(row),
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
    """One row of the short-term positions; quantities carried in from earlier days count as well."""
    token, net = row["instrument_token"], whole(row["quantity"])
    return BrokerPosition(
        exchange=SEGMENTS[token.partition("|")[0]],
        symbol=_symbol(row),
        token=token,
        product=_OWN_PRODUCTS.get(row["product"], row["product"]),
        net=net,
        bought=whole(row.get("day_buy_quantity")) + whole(row.get("overnight_buy_quantity")),
        sold=whole(row.get("day_sell_quantity")) + whole(row.get("overnight_sell_quantity")),
        average_price=price(row.get("average_price")) if net else None,
        last_price=price(row.get("last_price")),
    )


def is_derivative(row: dict[str, Any]) -> bool:
    """Whether a position is one of index derivatives' segments."""
    return str(row["instrument_token"]).partition("|")[0] in SEGMENTS


def funds_of(data: dict[str, Any]) -> Funds:
    """`get-funds-and-margin`: the part `equity` counts for derivatives of shares and indices too."""
    equity = data["equity"]
    return Funds(available=amount(equity["available_margin"]), used=amount(equity["used_margin"]))


def margin_of(data: dict[str, Any]) -> Decimal:
    """`charges/margin`: what is needed after the benefit of the hedges."""
    return amount(data["final_margin"])


def quote_of(row: dict[str, Any]) -> Quote:
    """One instrument of the full market quotes; an index has no book."""
    depth = row.get("depth") or {}
    return best_quote(row["last_price"], depth.get("buy") or [], depth.get("sell") or [])


def profile_of(data: dict[str, Any]) -> Profile:
    """`/v2/user/profile`."""
    return Profile(client_id=str(data["user_id"]), name=str(data.get("user_name") or ""))


def _symbol(row: dict[str, Any]) -> str:
    """The field was renamed; both spellings are sent."""
    return str(row.get("trading_symbol") or row["tradingsymbol"])
