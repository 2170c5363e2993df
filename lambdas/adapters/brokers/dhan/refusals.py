"""Why Dhan, its risk system or an exchange refused an order."""

from collections.abc import Mapping
from typing import Any

from lambdas.adapters.brokers.dhan.client import BUSY_CODES, SESSION_CODES, error_in
from lambdas.adapters.brokers.market_words import EXCHANGE_CODES
from lambdas.adapters.brokers.wordbook import Wordbook
from lambdas.domain.refusals import Refusal

R = Refusal
_BOOK = Wordbook(
    # `RMS:` texts in the books of users
    words=((r"not allowed to (?:be )?trade[d]? in intraday", R.INSTRUMENT),),
    codes=dict.fromkeys(SESSION_CODES, R.SESSION) | dict.fromkeys(BUSY_CODES, R.RATE_LIMIT),
    rough={**EXCHANGE_CODES, "401": R.SESSION},
)
"""dhanhq.co/docs/v2/annexure, "Trading API Error". DH-905 (a field) and DH-906 (the order) say only in words what was
wrong; DH-905 is also how an address that is not registered is told, "Invalid IP"."""


def refusal_in(status: int, payload: Any) -> Refusal:
    """The kind of the refusal that answers an order, with that HTTP status."""
    code, words = error_in(payload)
    return _BOOK.refusal_in(words, [code, str(status)])


def refusal_of(row: Mapping[str, Any]) -> Refusal:
    """The kind of the rejection of an order in the book. `omsErrorCode` may be the exchange's: it counts where
    `omsErrorDescription` says nothing that is known."""
    return _BOOK.refusal_in(row.get("omsErrorDescription"), [str(row.get("omsErrorCode") or "")])
