"""Why Upstox, its risk system or an exchange refused an order."""

from collections.abc import Mapping
from typing import Any

from lambdas.adapters.brokers.upstox.client import BUSY_CODES, SESSION_CODES, codes_of, words_of
from lambdas.adapters.brokers.wordbook import Wordbook
from lambdas.domain.refusals import Refusal

R = Refusal
_BOOK = Wordbook(
    codes=dict.fromkeys(SESSION_CODES, R.SESSION)
    | dict.fromkeys(BUSY_CODES, R.RATE_LIMIT)
    | {
        "UDAPI1026": R.INSTRUMENT,  # no instrument key
        "UDAPI1052": R.FREEZE,  # quantity 0
        "UDAPI1054": R.INSTRUMENT,  # invalid product
        "UDAPI1118": R.FREEZE,  # more slices than one request may have
        "UDAPI1154": R.STATIC_IP,
        "UDAPI1156": R.ALGO,
        "UDAPI1158": R.MARKET_ORDER,
        "UDAPI1161": R.INSTRUMENT,  # the segment is closed to the API
        "UDAPI100011": R.INSTRUMENT,  # invalid instrument key
        "UDAPI100039": R.MARKET_CLOSED,  # an after-market order while the market is open
        "UDAPI100074": R.MARKET_CLOSED,  # outside the hours of the API
    },
    rough={"401": R.SESSION},
)
"""upstox.com/developer/api-documentation: error-codes, v3/place-order ("4XX"). UDAPI100036 and UDAPI100038, "invalid
input", say only in words what was wrong."""


def refusal_in(status: int, payload: Mapping[str, Any]) -> Refusal:
    """The kind of the refusal that answers an order, with that HTTP status."""
    return _BOOK.refusal_in(words_of(payload), [*codes_of(payload), str(status)])


def refusal_of(row: Mapping[str, Any]) -> Refusal:
    """The kind of the rejection of an order in the book: `status_message_raw` is as the risk system or the exchange
    wrote it, `status_message` what Upstox made of it."""
    return _BOOK.refusal_in("\n".join(str(row.get(name) or "") for name in ("status_message_raw", "status_message")))
