"""Reads an order form into a ticket and applies Kite's own rules (Kite Connect v3 docs: placing orders)."""

import re

from sandbox.exchange.instruments import Instrument
from sandbox.exchange.orders import Ticket
from sandbox.exchange.ticks import parse_paise
from sandbox.kite.errors import bad_input
from sandbox.kite.protection import read_protection
from sandbox.wire.call import Call

_TAG = re.compile(r"[A-Za-z0-9]{1,20}")
_REQUIRED = ("tradingsymbol", "exchange", "transaction_type", "quantity", "product", "order_type")
_KEPT = ("validity", "disclosed_quantity", "market_protection", "algo_id")
ORDER_TYPES = ("MARKET", "LIMIT", "SL", "SL-M")


def read_ticket(form: dict[str, str], variety: str, instrument: Instrument, last_paise: int, call: Call) -> Ticket:
    """A ticket from POST /orders/{variety}. Raises InputException."""
    order_type = _one_of(form, "order_type", ORDER_TYPES)
    side = _one_of(form, "transaction_type", ("BUY", "SELL"))
    validity = _one_of({"validity": "DAY", **form}, "validity", ("DAY", "IOC"))
    protection = read_protection(form, order_type, instrument, last_paise)
    price = 0 if protection is not None else read_amount(form, "price")
    trigger = read_amount(form, "trigger_price") if order_type == "SL" else 0
    wire = {"variety": variety, **{name: form[name] for name in _KEPT if name in form}}
    return Ticket(
        call.owner.key, instrument, side, read_quantity(form), price, form["product"], call.arrived,
        trigger_paise=trigger, protection_percent=protection, immediate=validity == "IOC",
        tag=_tag(form), wire=wire, fill_share=call.fill_share,
    )  # fmt: skip


def require(form: dict[str, str]) -> None:
    """The fields without which nothing else can be read."""
    for name in _REQUIRED:
        if not form.get(name):
            raise bad_input(f"Missing or empty field `{name}`")


def read_amount(form: dict[str, str], name: str) -> int:
    """An amount in rupees as paise."""
    if not form.get(name):
        raise bad_input(f"Missing or empty field `{name}`")
    paise = parse_paise(form[name])
    if paise is None:
        raise bad_input(f"Invalid `{name}`.")
    return paise


def read_quantity(form: dict[str, str]) -> int:
    """A whole quantity."""
    text = form.get("quantity", "")
    if not text.isascii() or not text.isdigit():
        raise bad_input("Invalid `quantity`.")
    return int(text)


def _tag(form: dict[str, str]) -> str:
    tag = form.get("tag", "")
    if tag and not _TAG.fullmatch(tag):
        raise bad_input("Invalid `tag`: alphanumeric, at most 20 characters.")
    return tag


def _one_of(form: dict[str, str], name: str, allowed: tuple[str, ...]) -> str:
    if form[name] not in allowed:
        raise bad_input(f"Invalid `{name}`.")
    return form[name]
