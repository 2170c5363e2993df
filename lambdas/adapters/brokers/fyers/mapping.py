"""Fyers' orders, positions, funds, quotes and profile in the platform's words."""

from decimal import ROUND_HALF_EVEN, ROUND_UP, Decimal
from typing import Any

from lambdas.adapters.brokers.fyers.placing import PRODUCTS
from lambdas.adapters.brokers.fyers.refusals import refusal_of
from lambdas.adapters.brokers.fyers.symbols import split_ticker
from lambdas.adapters.brokers.reading import amount, ist_time, price, whole
from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import IntentStatus
from lambdas.ports.broker import BrokerOrder, BrokerPosition, Funds, Profile

_FINAL = {
    "1": IntentStatus.CANCELLED,
    "2": IntentStatus.FILLED,
    "5": IntentStatus.REFUSED,
    "7": IntentStatus.EXPIRED,
}
_SIDES = {"1": Side.BUY, "-1": Side.SELL}
_PRODUCTS = {theirs: ours for ours, theirs in PRODUCTS.items()}
_TIME = "%d-%b-%Y %H:%M:%S"
_OWN_TAG = "1:"
_DERIVATIVES = "11"
_AVAILABLE, _UTILISED = "10", "2"
_PAISA = Decimal("0.01")


def status_of(number: object, filled: int) -> IntentStatus:
    """Fyers' status number and filled quantity as an intent status.

    1 cancelled, 2 filled, 5 rejected and 7 expired are final; 4 in transit, 6 pending and what Fyers may
    add are in flight. An order whose rest was rejected or expired after a fill keeps its fill, so it
    counts as cancelled.
    """
    status = _FINAL.get(str(number).strip())
    if status is None:
        return IntentStatus.PARTLY_FILLED if filled else IntentStatus.ACCEPTED
    if status is not IntentStatus.FILLED and filled:
        return IntentStatus.CANCELLED
    return status


def order_of(row: dict[str, Any]) -> BrokerOrder:
    """One row of `orderBook`. Its only time is that of the order, told once the exchange has numbered it."""
    filled = whole(row["filledQty"])
    status = status_of(row["status"], filled)
    _, _, symbol = str(row["symbol"]).partition(":")
    return BrokerOrder(
        broker_order_id=str(row["id"]),
        tag=tag_of(row.get("orderTag")),
        symbol=symbol or str(row["symbol"]),
        side=_side(row["side"]),
        quantity=whole(row["qty"]),
        status=status,
        filled_quantity=filled,
        average_price=price(row.get("tradedPrice")),
        exchange_at=ist_time(row["orderDateTime"], _TIME) if row.get("exchOrdId") else None,
        message=row.get("message") or "",
        refusal=refusal_of(row) if status is IntentStatus.REFUSED else None,
    )


def tag_of(written: str | None) -> str | None:
    """The tag that the order was sent with: Fyers puts `1:` before it, and `2:` before tags of its own."""
    if not written or not written.startswith(_OWN_TAG):
        return None
    return written.removeprefix(_OWN_TAG) or None


def is_derivative(row: dict[str, Any]) -> bool:
    """Whether a position is one of index or stock derivatives (segment 11)."""
    return str(row["segment"]) == _DERIVATIVES


def position_of(row: dict[str, Any]) -> BrokerPosition:
    """One row of `netPositions`. `netAvg` contains realised profit; the price of the open side does not."""
    exchange, symbol = split_ticker(str(row["symbol"]))
    net = whole(row["netQty"])
    average = row["buyAvg"] if net > 0 else row["sellAvg"] if net < 0 else None
    return BrokerPosition(
        exchange=exchange,
        symbol=symbol,
        token=str(row["fyToken"]),
        product=_PRODUCTS.get(row["productType"], str(row["productType"])),
        net=net,
        bought=whole(row["buyQty"]),
        sold=whole(row["sellQty"]),
        average_price=price(average),
        last_price=price(row.get("ltp")),
    )


def funds_of(rows: list[dict[str, Any]]) -> Funds:
    """`fund_limit`, found by number: 10 is the available balance, 2 the utilised amount, both for equity
    and its derivatives. Fyers writes binary noise (58.150000000000006), so they are rounded to paise."""
    amounts = {str(row["id"]): amount(row["equityAmount"]) for row in rows}
    return Funds(
        available=amounts[_AVAILABLE].quantize(_PAISA, ROUND_HALF_EVEN),
        used=amounts[_UTILISED].quantize(_PAISA, ROUND_HALF_EVEN),
    )


def margin_of(data: dict[str, Any]) -> Decimal:
    """`margin_total`, which the documentation calls the margin required for the orders, to the paisa above."""
    margin = amount(data["margin_total"])
    if margin < 0:
        raise ValueError(f"a margin of {margin}")
    return margin.quantize(_PAISA, ROUND_UP)


def quote_of(values: dict[str, Any]) -> Quote:
    """The values of one quote; 0 stands for a side of the book without a price."""
    return Quote(last=price(values["lp"]) or Decimal(0), bid=price(values.get("bid")), ask=price(values.get("ask")))


def profile_of(data: dict[str, Any]) -> Profile:
    """`GET /profile`."""
    return Profile(client_id=str(data["fy_id"]), name=str(data.get("name") or ""))


def _side(written: object) -> Side:
    if str(written) not in _SIDES:
        raise ValueError(f"side {written!r}")
    return _SIDES[str(written)]
