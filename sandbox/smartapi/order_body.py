"""Reads a placeOrder body into a ticket (SmartAPI docs: place order)."""

from typing import Any

from sandbox.exchange.instruments import Instrument
from sandbox.exchange.orders import Ticket
from sandbox.exchange.ticks import parse_paise
from sandbox.smartapi.bodies import text
from sandbox.smartapi.errors import BrokerError
from sandbox.smartapi.order_json import PRODUCTS
from sandbox.wire.call import Call

TAG_LENGTH = 20
_VARIETIES = {"NORMAL": "LIMIT", "STOPLOSS": "STOPLOSS_LIMIT"}
_KEPT = ("variety", "duration", "disclosedquantity")


def read_ticket(body: dict[str, Any], instrument: Instrument, call: Call) -> Ticket:
    """A ticket from a placeOrder body. Raises BrokerError.

    The exchanges refuse market orders from algorithms, so only limit and stop-loss limit orders pass; the
    broker documents no code for that refusal, AB2000 (error not specified) carries it here.
    """
    variety, order_type = text(body, "variety"), text(body, "ordertype")
    if variety not in _VARIETIES:
        raise BrokerError("AB1008", "Invalid Order Variety")
    if order_type in ("MARKET", "STOPLOSS_MARKET"):
        raise BrokerError("AB2000", "Market orders are not allowed for algo orders. Please place a limit order.")
    if order_type != _VARIETIES[variety]:
        raise BrokerError("AB2000", f"ordertype {order_type} does not belong to variety {variety}")
    if text(body, "producttype") not in PRODUCTS:
        raise BrokerError("AB1012", "Invalid Product Type")
    if len(text(body, "ordertag")) > TAG_LENGTH:
        raise BrokerError("AB4008", "ordertag length should be less than 20 characters")
    if text(body, "transactiontype") not in ("BUY", "SELL"):
        raise BrokerError("AB2000", "Invalid transactiontype")
    if text(body, "duration") not in ("DAY", "IOC"):
        raise BrokerError("AB2000", "Invalid duration")
    return Ticket(
        call.owner.key, instrument, text(body, "transactiontype"), read_quantity(body),
        read_amount(body, "price"), PRODUCTS[text(body, "producttype")], call.arrived,
        trigger_paise=read_amount(body, "triggerprice") if variety == "STOPLOSS" else 0,
        immediate=text(body, "duration") == "IOC", tag=text(body, "ordertag"),
        wire={name: text(body, name) for name in _KEPT}, fill_share=call.fill_share,
    )  # fmt: skip


def read_amount(body: dict[str, Any], name: str) -> int:
    """An amount in rupees as paise."""
    paise = parse_paise(text(body, name))
    if paise is None:
        raise BrokerError("AB2000", f"Invalid {name}")
    return paise


def read_quantity(body: dict[str, Any]) -> int:
    """A whole quantity."""
    quantity = text(body, "quantity")
    if not quantity.isascii() or not quantity.isdigit():
        raise BrokerError("AB2000", "Invalid quantity")
    return int(quantity)
