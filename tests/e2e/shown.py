"""Amounts, counts and milliseconds as the pages write them, and read back."""

import math
import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

SIGNS = str.maketrans({"−": "-", "₹": None, ",": None, "+": None})
STATUSES = {"filled": "Filled"}


def amount(text: str) -> Decimal:
    """`−₹1,23,456.50` or `+4.2` as a number."""
    return Decimal(text.translate(SIGNS).strip())


def rounded(value: Decimal | int | str) -> Decimal:
    """To paise, half of one away from zero."""
    return Decimal(value).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def grouped(number: Decimal | int) -> str:
    """In lakhs and crores: 1234567 is `12,34,567`."""
    whole, point, fraction = str(number).partition(".")
    rest, last = whole[:-3], whole[-3:]
    rest = re.sub(r"\B(?=(\d{2})+$)", ",", rest)
    return f"{rest},{last}{point}{fraction}" if rest else f"{last}{point}{fraction}"


def offset_words(offset: float | None) -> str:
    """`+4.2 ms`, `−0.3 ms`, `+1,204 ms`; what was sent at once has none."""
    if offset is None:
        return "at once"
    size = abs(offset)
    digits = f"{math.floor(size * 10 + 0.5) / 10:g}" if size < 100 else grouped(math.floor(size + 0.5))
    sign = "" if digits == "0" else "−" if offset < 0 else "+"
    return f"{sign}{digits} ms"


def order_words(order: Mapping[str, Any], account: str) -> list[str]:
    """All that has to stand in the row of an order."""
    return [
        f"leg {order['leg']}, {order['phase']}",
        f"{order['side']} {order['contract']}",
        account,
        "1 lot" if order["lots"] == 1 else f"{grouped(order['lots'])} lots",
        f"{grouped(order['filled_quantity'])} / {grouped(order['quantity'])}",
        f"→ {grouped(rounded(order['average_price']))}",
        offset_words(order["offset_ms"]),
        STATUSES[order["status"]],
    ]


def order_differences(
    orders: Sequence[Mapping[str, Any]], rows: Sequence[str], accounts: Mapping[str, str]
) -> list[str]:
    """What rows of a page lack of the orders that the API tells; `accounts` are labels by id."""
    if len(rows) != len(orders):
        return [f"{len(rows)} rows are shown of {len(orders)} orders"]
    return [what for order in orders for what in _missing(order_words(order, accounts[order["account_id"]]), rows)]


def _missing(words: Sequence[str], rows: Sequence[str]) -> list[str]:
    lacking = [[word for word in words if not _stands(word, row)] for row in rows]
    least = min(lacking, key=len)
    return [f"{words[0]}, {words[2]}: {word!r} is not shown" for word in least]


def _stands(word: str, text: str) -> bool:
    """As a whole: `2 lots` does not stand in `12 lots`."""
    return re.search(rf"(?<![\d.,+−]){re.escape(word)}(?!\d)", text) is not None
