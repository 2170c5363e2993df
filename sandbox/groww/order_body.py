"""Reads an order body into a ticket (Groww docs: place order)."""

import re
from typing import Any

from sandbox.exchange.instruments import Instrument
from sandbox.exchange.orders import Ticket
from sandbox.exchange.ticks import parse_paise
from sandbox.groww.bodies import text
from sandbox.groww.errors import bad_request
from sandbox.wire.call import Call

PRODUCTS = ("MIS", "NRML")
_REFERENCE = re.compile(r"(?=.{8,20}\Z)[A-Za-z0-9]+(-[A-Za-z0-9]+){0,2}")


def read_ticket(body: dict[str, Any], instrument: Instrument, call: Call) -> Ticket:
    """A ticket from an order body. Raises GA001.

    The exchanges refuse market orders from algorithms, so only LIMIT and SL pass.
    """
    check_type(body)
    if not _REFERENCE.fullmatch(text(body, "order_reference_id")):
        raise bad_request("order_reference_id must be 8 to 20 alphanumeric characters with at most two hyphens")
    for name, allowed in (
        ("product", PRODUCTS),
        ("transaction_type", ("BUY", "SELL")),
        ("validity", ("DAY", "IOC")),
    ):
        if text(body, name) not in allowed:
            raise bad_request(f"Invalid {name}")
    return Ticket(
        call.owner.key, instrument, text(body, "transaction_type"), read_quantity(body),
        read_amount(body, "price"), text(body, "product"), call.arrived,
        trigger_paise=read_amount(body, "trigger_price") if text(body, "order_type") == "SL" else 0,
        immediate=text(body, "validity") == "IOC", tag=text(body, "order_reference_id"),
        wire={"validity": text(body, "validity")}, fill_share=call.fill_share,
    )  # fmt: skip


def check_type(body: dict[str, Any]) -> None:
    """LIMIT or SL."""
    if text(body, "order_type") in ("MARKET", "SL_M"):
        raise bad_request("Market orders are not allowed for algo orders. Please place a limit order.")
    if text(body, "order_type") not in ("LIMIT", "SL"):
        raise bad_request("Invalid order_type")


def read_amount(body: dict[str, Any], name: str) -> int:
    """An amount in rupees, a JSON number, as paise."""
    value = body.get(name)
    paise = parse_paise(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None
    if paise is None:
        raise bad_request(f"Invalid {name}")
    return paise


def read_quantity(body: dict[str, Any]) -> int:
    """A whole quantity, a JSON number."""
    quantity = body.get("quantity")
    if not isinstance(quantity, int) or isinstance(quantity, bool):
        raise bad_request("Invalid quantity")
    return quantity
