"""Reads an order into a ticket and applies Dhan's own rules (DhanHQ docs: order placement)."""

import re
from typing import Any

from sandbox.dhan.bodies import one_of, read_amount, read_quantity
from sandbox.dhan.errors import bad_input
from sandbox.exchange.book import automatic_protection
from sandbox.exchange.instruments import Instrument
from sandbox.exchange.orders import Ticket
from sandbox.wire.call import Call

_CORRELATION = re.compile(r"[A-Za-z0-9 _-]{1,30}")
_FUTURE_PROTECTION = 1.0
PRODUCTS = {"INTRADAY": "MIS", "MARGIN": "NRML"}
ORDER_TYPES = ("LIMIT", "MARKET", "STOP_LOSS", "STOP_LOSS_MARKET")
SIDES = ("BUY", "SELL")


def read_ticket(body: dict[str, Any], instrument: Instrument, last_paise: int, call: Call) -> Ticket:
    """A ticket from POST /v2/orders. Raises DH-905.

    A market order is sent to the exchange as a limit order that the broker protects by itself.
    """
    order_type = one_of(body, "orderType", ORDER_TYPES)
    if order_type == "STOP_LOSS_MARKET":
        raise bad_input("STOP_LOSS_MARKET orders are not allowed for index derivatives")
    market, stop = order_type == "MARKET", order_type == "STOP_LOSS"
    trigger = read_amount(body, "triggerPrice") if stop else 0
    if stop and not trigger:
        raise bad_input("triggerPrice is required for STOP_LOSS")
    return Ticket(
        call.owner.key, instrument, one_of(body, "transactionType", SIDES), read_quantity(body),
        0 if market else read_amount(body, "price"),
        PRODUCTS[one_of(body, "productType", tuple(PRODUCTS))], call.arrived,
        trigger_paise=trigger, protection_percent=_protection(instrument, last_paise) if market else None,
        immediate=one_of(body, "validity", ("DAY", "IOC"), "DAY") == "IOC",
        tag=_correlation(body), wire={"validity": str(body.get("validity", "DAY")), "order_type": order_type},
        fill_share=call.fill_share,
    )  # fmt: skip


def _protection(instrument: Instrument, last_paise: int) -> float:
    return automatic_protection(last_paise) if instrument.is_option else _FUTURE_PROTECTION


def _correlation(body: dict[str, Any]) -> str:
    text = str(body.get("correlationId") or "")
    if text and not _CORRELATION.fullmatch(text):
        raise bad_input("Invalid correlationId")
    return text
