"""JSON bodies of the Fyers face, and the numbers and texts in them."""

import json
from decimal import Decimal
from typing import Any

from sandbox.exchange.ticks import parse_paise
from sandbox.fyers.errors import bad_input
from sandbox.wire.call import Call


def read_json(call: Call) -> dict[str, Any]:
    """The body as an object, fractions as Decimal. Raises -50 for anything else."""
    try:
        body = json.loads(call.body or b"{}", parse_float=Decimal)
    except ValueError as error:
        raise bad_input("Invalid input: the body is not JSON") from error
    if not isinstance(body, dict):
        raise bad_input("Invalid input: the body is not an object")
    return body


def text(body: dict[str, Any], name: str) -> str:
    """A field as text; empty when absent."""
    value = body.get(name)
    return "" if value is None else str(value)


def amount(body: dict[str, Any], name: str) -> int:
    """An amount in rupees as paise; 0 when absent."""
    paise = parse_paise(text(body, name) or "0")
    if paise is None:
        raise bad_input(f"Please provide a valid {name}")
    return paise


def quantity(body: dict[str, Any], name: str = "qty") -> int:
    """A whole quantity above 0."""
    written = text(body, name)
    if not (written.isascii() and written.isdigit() and int(written)):
        raise bad_input(f"Please provide a valid {name}")
    return int(written)


def one_of(body: dict[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    """A field that takes certain values, as text."""
    value = text(body, name)
    if value not in allowed:
        raise bad_input(f"Please provide a valid {name}")
    return value
