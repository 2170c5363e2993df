"""JSON bodies of the SmartAPI face."""

import json
from typing import Any

from sandbox.smartapi.errors import BrokerError
from sandbox.wire.call import Call


def read_json(call: Call) -> dict[str, Any]:
    """The body as an object. Raises AB2001 for anything else."""
    try:
        body = json.loads(call.body or b"{}")
    except ValueError as error:
        raise BrokerError("AB2001", "Internal Error, Please try after sometime", 400) from error
    if not isinstance(body, dict):
        raise BrokerError("AB2001", "Internal Error, Please try after sometime", 400)
    return body


def text(body: dict[str, Any], name: str) -> str:
    """A field as text, however it was sent; empty when absent."""
    value = body.get(name)
    return "" if value is None else str(value)
