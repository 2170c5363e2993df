"""What postbacks have in common: the two fields that name an order."""

from collections.abc import Mapping
from typing import Any

from lambdas.ports.postbacks import PostbackUnreadable

MOST_CHARACTERS = 100
"""Of a number or a tag; no broker has longer ones."""


def number_in(body: Mapping[str, Any], name: str) -> str:
    """The broker's number of an order. Raises PostbackUnreadable."""
    number = text_in(body, name)
    if not number:
        raise PostbackUnreadable(f"it has no {name}")
    return number


def text_in(body: Mapping[str, Any], name: str) -> str:
    """A text or a whole number as text; empty for null and where there is none. Raises PostbackUnreadable."""
    value = body.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int) or len(text := str(value)) > MOST_CHARACTERS:
        raise PostbackUnreadable(f"its {name} is no text of at most {MOST_CHARACTERS} characters")
    return text.strip()
