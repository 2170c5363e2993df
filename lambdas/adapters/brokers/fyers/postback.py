"""Which order a postback of Fyers is about (Fyers API v3: postback). Fyers signs nothing that is documented."""

from collections.abc import Mapping
from typing import Any

from lambdas.adapters.brokers.naming import number_in, text_in
from lambdas.domain.postbacks import OrderNamed

_OWN_TAG = "1:"


def order_named(body: Mapping[str, Any], _credentials: Mapping[str, str]) -> OrderNamed:
    """Its number; the tag is not among the fields that Fyers documents. Raises PostbackUnreadable."""
    tag = text_in(body, "orderTag").removeprefix(_OWN_TAG) if "orderTag" in body else None
    return OrderNamed(number_in(body, "id"), tag)
