"""JSON bodies of the Dhan face."""

import json
from typing import Any

from sandbox.dhan.errors import bad_input
from sandbox.exchange.ticks import parse_paise
from sandbox.wire.call import Call


def read_json(call: Call) -> dict[str, Any]:
    """The body as an object. Raises DH-905 for anything else."""
    try:
        body = json.loads(call.body)
    except ValueError as error:
        raise bad_input() from error
    if not isinstance(body, dict):
        raise bad_input()
    return body


def read_own(call: Call) -> dict[str, Any]:
    """A body that names its client. Raises DH-905 when that is another one than the token's."""
    body = read_json(call)
    if body.get("dhanClientId") != call.owner.client_id:
        raise bad_input("Invalid dhanClientId")
    return body


def one_of(body: dict[str, Any], name: str, allowed: tuple[str, ...], default: str = "") -> str:
    """A text field with one of the allowed values."""
    value = body.get(name, default)
    if value not in allowed:
        raise bad_input(f"Invalid {name}")
    return str(value)


def read_quantity(body: dict[str, Any]) -> int:
    """A whole quantity above 0, a number or its text."""
    text = str(body.get("quantity", ""))
    if not text.isascii() or not text.isdigit() or not int(text):
        raise bad_input("Invalid quantity")
    return int(text)


def read_amount(body: dict[str, Any], name: str) -> int:
    """Rupees, a number or its text, as paise; 0 when absent."""
    paise = parse_paise(str(body.get(name) or 0))
    if paise is None or paise < 0:
        raise bad_input(f"Invalid {name}")
    return paise
