"""Why SmartAPI, Angel One's risk system or an exchange refused an order."""

from collections.abc import Mapping
from typing import Any

from lambdas.adapters.brokers.angel_one.client import BUSY_CODES, SESSION_CODES, code_of
from lambdas.adapters.brokers.wordbook import Wordbook
from lambdas.domain.refusals import Refusal

R = Refusal
_BOOK = Wordbook(
    codes=dict.fromkeys(SESSION_CODES, R.SESSION)
    | dict.fromkeys(BUSY_CODES, R.RATE_LIMIT)
    | {
        "AG7002": R.STATIC_IP,  # "Unregistered IP address": SmartAPI forum, "Getting IP restricted even after …"
        "AB1009": R.INSTRUMENT,  # symbol not found
        "AB1012": R.INSTRUMENT,  # invalid product type
        "AB1018": R.INSTRUMENT,  # failed to get symbol details
    }
)
"""smartapi.angelbroking.com/docs/Exceptions. AB4036 came with cautionary listings in all that users tell of it, and is
not documented: its words decide."""


def refusal_in(payload: Mapping[str, Any]) -> Refusal:
    """The kind of the refusal that answers an order."""
    return _BOOK.refusal_in(payload.get("message"), [code_of(payload)])


def refusal_of(row: Mapping[str, Any]) -> Refusal:
    """The kind of the rejection of an order in the book, told in `text`."""
    return _BOOK.refusal_in(row.get("text"))
