"""Reads an order's JSON into a ticket and applies Upstox's own rules (Upstox developer API: place order v3)."""

from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.exchange.book import automatic_protection
from sandbox.exchange.instruments import Instrument
from sandbox.exchange.orders import Ticket
from sandbox.exchange.ticks import parse_paise
from sandbox.upstox.bodies import text
from sandbox.upstox.errors import UpstoxError, bad_input
from sandbox.wire.call import Call

PRODUCTS = {"I": "MIS", "D": "NRML"}
MOST_PROTECTION = 25
TAG_LENGTH = 40
_CHOICES = (
    ("product", tuple(PRODUCTS), "UDAPI1054"),
    ("validity", ("DAY", "IOC"), "UDAPI1055"),
    ("order_type", ("MARKET", "LIMIT", "SL", "SL-M"), "UDAPI1056"),
    ("transaction_type", ("BUY", "SELL"), "UDAPI1057"),
)


def read_ticket(body: dict[str, Any], instrument: Instrument, quantity: int, last_paise: int, call: Call) -> Ticket:
    """A ticket for `quantity` units. Raises UpstoxError."""
    for name, allowed, code in _CHOICES:
        if text(body, name) not in allowed:
            raise UpstoxError(code, f"The '{name}' is invalid")
    order_type = text(body, "order_type")
    protection = read_protection(body, order_type, instrument, last_paise)
    if len(text(body, "tag")) > TAG_LENGTH:
        raise bad_input(f"The 'tag' is longer than {TAG_LENGTH} characters")
    return Ticket(
        call.owner.key, instrument, text(body, "transaction_type"), quantity,
        0 if protection is not None else read_amount(body, "price"), PRODUCTS[text(body, "product")], call.arrived,
        trigger_paise=read_amount(body, "trigger_price") if order_type == "SL" else 0,
        protection_percent=protection, immediate=text(body, "validity") == "IOC", tag=text(body, "tag"),
        wire={"validity": text(body, "validity"), "algo_name": read_algo_name(call)}, fill_share=call.fill_share,
    )  # fmt: skip


def read_algo_name(call: Call) -> str:
    """The name in the header X-Algo-Name. Raises UDAPI1156 where the account's app has another one."""
    name = str(call.request.headers.get("x-algo-name", ""))
    if call.owner.algo_name and name != call.owner.algo_name:
        raise UpstoxError("UDAPI1156", "Invalid Algo name passed in headers")
    return name


def read_protection(body: dict[str, Any], order_type: str, instrument: Instrument, last_paise: int) -> float | None:
    """Percent for a market order, None for a priced one (Upstox announcement of 11 March 2026).

    Market orders without protection are refused for algorithms, stop-loss market orders on index options
    are barred by the exchanges since 2021.
    """
    if order_type not in ("MARKET", "SL-M"):
        return None
    try:
        percent = Decimal(text(body, "market_protection") or "0")
    except InvalidOperation:
        raise bad_input("The 'market_protection' is invalid") from None
    if order_type == "SL-M" or percent == 0:
        raise UpstoxError("UDAPI1158", "Market orders are not allowed via API. Set market_protection or a limit price.")
    if percent == -1:
        return automatic_protection(last_paise) if instrument.is_option else 1.0
    if not 0 < percent <= MOST_PROTECTION:
        raise bad_input(f"The 'market_protection' is not between 0 and {MOST_PROTECTION}")
    return float(percent)


def read_amount(body: dict[str, Any], name: str) -> int:
    """An amount in rupees as paise."""
    paise = parse_paise(text(body, name))
    if paise is None:
        raise bad_input(f"The '{name}' is invalid")
    return paise


def read_quantity(body: dict[str, Any]) -> int:
    """A whole quantity above 0."""
    quantity = text(body, "quantity")
    if not quantity.isascii() or not quantity.isdigit() or int(quantity) == 0:
        raise UpstoxError("UDAPI1052", "The 'quantity' cannot be zero")
    return int(quantity)


def slices(instrument: Instrument, quantity: int) -> list[int]:
    """The quantities that auto slicing makes of one: whole lots within the freeze quantity."""
    most = instrument.freeze // instrument.lot * instrument.lot
    return [min(most, quantity - start) for start in range(0, quantity, most)] if most else [quantity]
