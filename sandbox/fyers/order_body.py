"""Reads an order body into a ticket and applies Fyers' own rules (docs: order placement guide)."""

import re
from typing import Any

from sandbox.exchange.instruments import Instrument
from sandbox.exchange.orders import Ticket
from sandbox.fyers.bodies import amount, one_of, quantity, text
from sandbox.fyers.errors import REJECTED, FyersError, bad_input
from sandbox.wire.call import Call

LIMIT, MARKET, STOP, STOP_LIMIT = "1", "2", "3", "4"
SIDES = {"1": "BUY", "-1": "SELL"}
PRODUCTS = {"INTRADAY": "MIS", "MARGIN": "NRML"}
_TAG = re.compile(r"[A-Za-z0-9]{1,30}")


def read_ticket(body: dict[str, Any], instrument: Instrument, call: Call) -> Ticket:
    """A ticket from `POST /orders/sync`. Raises -50 for an input, -99 for a rule of the exchanges."""
    order_type = read_type(body)
    validity = one_of({"validity": "DAY", **body}, "validity", ("DAY", "IOC"))
    if amount(body, "disclosedQty"):
        raise bad_input("disclosedQty is allowed only for equity")
    price = amount(body, "limitPrice")
    trigger = amount(body, "stopPrice") if order_type == STOP_LIMIT else 0
    if price <= 0 or (order_type == STOP_LIMIT and trigger <= 0):
        raise bad_input("Please provide a valid limitPrice" if price <= 0 else "Please provide a valid stopPrice")
    return Ticket(
        call.owner.key, instrument, SIDES[one_of(body, "side", tuple(SIDES))], quantity(body), price,
        PRODUCTS[one_of(body, "productType", tuple(PRODUCTS))], call.arrived,
        trigger_paise=trigger, immediate=validity == "IOC", tag=_tag(body, call.owner.client_id),
        wire={"validity": validity}, fill_share=call.fill_share,
    )  # fmt: skip


def read_type(body: dict[str, Any]) -> str:
    """Limit or stop-limit: the exchanges refuse market orders of algorithms, and Fyers has no protected one."""
    order_type = one_of(body, "type", (LIMIT, MARKET, STOP, STOP_LIMIT))
    if order_type in (MARKET, STOP):
        raise FyersError(REJECTED, "Market orders are not allowed via API. Please place a limit order.")
    return order_type


def _tag(body: dict[str, Any], client_id: str) -> str:
    tag = text(body, "orderTag")
    if tag and (not _TAG.fullmatch(tag) or tag in (client_id, "Untagged")):
        raise bad_input("Please provide a valid orderTag: 1 to 30 letters and digits")
    return tag
