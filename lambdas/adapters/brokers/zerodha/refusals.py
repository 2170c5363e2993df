"""Why Kite, Zerodha's risk system or an exchange refused an order."""

from collections.abc import Mapping
from typing import Any

from lambdas.adapters.brokers.wordbook import Wordbook
from lambdas.domain.refusals import Refusal

R = Refusal
_BOOK = Wordbook(
    words=((r"(?:incorrect|invalid) `?(?:api_key|access_token)", R.SESSION),),  # kite.trade/forum
    rough={"TokenException": R.SESSION, "MarginException": R.FUNDS},
)
"""The kinds: kite.trade/docs/connect/v3/exceptions. InputException and OrderException say only in words what was wrong,
PermissionException too: it is how an address that is not registered is told. The words of circuit limits, freeze
quantities and funds: support.zerodha.com, "Kite order rejections"."""


def refusal_in(payload: Mapping[str, Any]) -> Refusal:
    """The kind of the refusal that answers an order."""
    return _BOOK.refusal_in(payload.get("message"), [str(payload.get("error_type") or "")])


def refusal_of(row: Mapping[str, Any]) -> Refusal:
    """The kind of the rejection of an order in the book: `status_message_raw` is as the risk system or the exchange
    wrote it, `status_message` what Kite made of it."""
    return _BOOK.refusal_in("\n".join(str(row.get(name) or "") for name in ("status_message_raw", "status_message")))
