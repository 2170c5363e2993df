"""JSON bodies and query parameters of the Groww face."""

import json
from typing import Any

from sandbox.groww.errors import bad_request
from sandbox.wire.call import Call

SEGMENTS = ("CASH", "FNO", "COMMODITY")


def read_json(call: Call) -> Any:
    """The body. Raises GA001 when it is not JSON."""
    try:
        return json.loads(call.body)
    except ValueError as error:
        raise bad_request("Invalid request body") from error


def read_object(call: Call) -> dict[str, Any]:
    """The body as an object."""
    body = read_json(call)
    if not isinstance(body, dict):
        raise bad_request("Invalid request body")
    return body


def text(body: dict[str, Any], name: str) -> str:
    """A field as text; empty when absent."""
    value = body.get(name)
    return "" if value is None else str(value)


def read_segment(call: Call) -> str:
    """The `segment` of a query, which must be there."""
    segment = call.request.query_params.get("segment", "")
    if segment not in SEGMENTS:
        raise bad_request("Invalid segment")
    return segment


def read_number(call: Call, name: str, default: int, most: int) -> int:
    """A whole number of a query from 0 to `most`."""
    written = call.request.query_params.get(name, str(default))
    if not written.isascii() or not written.isdigit() or int(written) > most:
        raise bad_request(f"Invalid {name}")
    return int(written)
