"""Why Fyers, its risk system or an exchange refused an order."""

from collections.abc import Mapping
from typing import Any

from lambdas.adapters.brokers.fyers.client import BUSY_CODES, SESSION_CODES, code_of
from lambdas.adapters.brokers.wordbook import Wordbook
from lambdas.domain.refusals import Refusal

R = Refusal
_BOOK = Wordbook(
    words=(
        # rules of the risk system (`RED:RULE:{…}`) that users quote, and support.fyers.in on rejections
        (r"peak margin", R.FUNDS),
        (r"allowed basket", R.INSTRUMENT),
        (r"option price check", R.PRICE_BAND),
    ),
    codes=dict.fromkeys(map(str, SESSION_CODES), R.SESSION)
    | dict.fromkeys(map(str, BUSY_CODES), R.RATE_LIMIT)
    | {"-300": R.INSTRUMENT},
    rough={"-310": R.FREEZE, "-314": R.INSTRUMENT, "401": R.SESSION},
)
"""myapi.fyers.in/docsv3, "Common API Error Codes"; -310 (quantity) and -314 (product) are of its second version. -50 (a
parameter), -51 (an order id) and -99 (rejected) say only in words what was wrong."""


def refusal_in(status: int, payload: Mapping[str, Any]) -> Refusal:
    """The kind of the refusal that answers an order, with that HTTP status."""
    return _BOOK.refusal_in(payload.get("message"), [str(code_of(payload)), str(status)])


def refusal_of(row: Mapping[str, Any]) -> Refusal:
    """The kind of the rejection of an order in the book, told in `message`."""
    return _BOOK.refusal_in(row.get("message"))
