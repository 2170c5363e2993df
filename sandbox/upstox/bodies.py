"""JSON and form bodies of the Upstox face."""

import json
from typing import Any
from urllib.parse import parse_qsl

from sandbox.upstox.errors import bad_input
from sandbox.wire.call import Call


def read_json(call: Call) -> dict[str, Any]:
    """The body as an object. Raises UDAPI100036 for anything else."""
    try:
        body = json.loads(call.body or b"{}")
    except ValueError as error:
        raise bad_input() from error
    if not isinstance(body, dict):
        raise bad_input()
    return body


def read_form(call: Call) -> dict[str, str]:
    """The form fields of a body; a repeated field keeps its last value."""
    try:
        return dict(parse_qsl(call.body.decode("utf-8"), keep_blank_values=True))
    except UnicodeDecodeError as error:
        raise bad_input() from error


def text(body: dict[str, Any], name: str) -> str:
    """A field as text, however it was sent; empty when absent."""
    value = body.get(name)
    return "" if value is None else str(value)
