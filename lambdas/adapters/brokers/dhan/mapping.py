"""Dhan's orders, positions, funds, quotes and profile in the platform's words."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from lambdas.adapters.brokers.dhan.indices import EXCHANGES
from lambdas.adapters.brokers.dhan.names import name_of
from lambdas.adapters.brokers.dhan.refusals import refusal_of
from lambdas.adapters.brokers.reading import amount, best_quote, ist_time, price, whole
from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import IntentStatus
from lambdas.ports.broker import BrokerOrder, BrokerPosition, Funds, Profile

PRODUCTS = {"MIS": "INTRADAY", "NRML": "MARGIN"}
_OUR_PRODUCTS = {theirs: ours for ours, theirs in PRODUCTS.items()}
_FINAL = {
    "TRADED": IntentStatus.FILLED,
    "REJECTED": IntentStatus.REFUSED,
    "CANCELLED": IntentStatus.CANCELLED,
    "EXPIRED": IntentStatus.CANCELLED,
}
_TIME = "%Y-%m-%d %H:%M:%S"
_FIRST_YEAR = 2000


def status_of(text: str, filled: int) -> IntentStatus:
    """Dhan's orderStatus and filled quantity as an intent status.

    Everything that is not final is in flight: TRANSIT, PENDING, PART_TRADED, and what Dhan may add. An order
    whose rest was rejected after a fill keeps its fill, so it counts as cancelled.
    """
    status = _FINAL.get(text.strip().upper())
    if status is None:
        return IntentStatus.PARTLY_FILLED if filled else IntentStatus.ACCEPTED
    if status is IntentStatus.REFUSED and filled:
        return IntentStatus.CANCELLED
    return status


def order_of(row: dict[str, Any]) -> BrokerOrder:
    """One order of `GET /orders`. Times are IST without an offset; the year 1 stands for "not yet"."""
    filled = whole(row.get("filledQty"))
    status = status_of(row["orderStatus"], filled)
    return BrokerOrder(
        broker_order_id=str(row["orderId"]),
        tag=row.get("correlationId") or None,
        symbol=name_of(row),
        side=Side(row["transactionType"]),
        quantity=whole(row["quantity"]),
        status=status,
        filled_quantity=filled,
        average_price=price(row.get("averageTradedPrice")),
        exchange_at=_instant(row.get("exchangeTime")),
        message=row.get("omsErrorDescription") or "",
        refusal=refusal_of(row) if status is IntentStatus.REFUSED else None,
    )


def position_of(row: dict[str, Any]) -> BrokerPosition:
    """One derivative of `GET /positions`, which tells no last price."""
    net = whole(row["netQty"])
    average = {1: row.get("buyAvg"), -1: row.get("sellAvg")}.get((net > 0) - (net < 0))
    product = str(row.get("productType") or "")
    return BrokerPosition(
        exchange=EXCHANGES[row["exchangeSegment"]],
        symbol=name_of(row),
        token=str(row["securityId"]),
        product=_OUR_PRODUCTS.get(product, product),
        net=net,
        bought=whole(row["buyQty"]),
        sold=whole(row["sellQty"]),
        average_price=price(average),
        last_price=None,
    )


def funds_of(data: dict[str, Any]) -> Funds:
    """`GET /fundlimit`; `availabelBalance` is how Dhan spells it."""
    return Funds(amount(data["availabelBalance"]), amount(data["utilizedAmount"]))


def margin_of(data: dict[str, Any]) -> Decimal:
    """`POST /margincalculator/multi`: documented as texts in snake case, seen in the field as numbers in camel case."""
    total = data["totalMargin"] if "totalMargin" in data else data["total_margin"]
    if total in (None, "") or (margin := amount(total)) < 0:
        raise ValueError(f"{total!r} is not a margin")
    return margin


def quote_of(row: dict[str, Any]) -> Quote:
    """One instrument of `POST /marketfeed/quote`; an index has no book, or one of zeros."""
    depth = row.get("depth") or {}
    return best_quote(row["last_price"], depth.get("buy") or [], depth.get("sell") or [])


def profile_of(data: dict[str, Any]) -> Profile:
    """`GET /profile`, which tells no name."""
    return Profile(client_id=str(data["dhanClientId"]), name=str(data.get("dhanClientName") or ""))


def _instant(written: Any) -> datetime | None:
    instant = ist_time(written, _TIME)
    return instant if instant is not None and instant.year >= _FIRST_YEAR else None
