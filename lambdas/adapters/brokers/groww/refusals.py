"""Why Groww, its risk system or an exchange refused an order."""

from collections.abc import Mapping
from typing import Any

from lambdas.adapters.brokers.groww.client import code_of, words_of
from lambdas.adapters.brokers.wordbook import Wordbook
from lambdas.domain.refusals import Refusal

R = Refusal
_BOOK = Wordbook(rough={"GA004": R.INSTRUMENT, "401": R.SESSION})
"""groww.in/trade-api/docs/curl, "Error Codes": GA004 is an entity that does not exist, and a new order names none but
its instrument. GA001 (bad request), GA005 (not authorised) and GA006 (cannot process) say only in words what was wrong;
Groww publishes none of these words."""


def refusal_in(status: int, payload: Mapping[str, Any]) -> Refusal:
    """The kind of the refusal that answers an order, with that HTTP status."""
    return _BOOK.refusal_in(words_of(payload), [code_of(payload), str(status)])


def refusal_of(row: Mapping[str, Any]) -> Refusal:
    """The kind of the rejection of an order in the book, told in `remark`."""
    return _BOOK.refusal_in(row.get("remark"))
