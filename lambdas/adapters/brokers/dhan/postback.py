"""Which order a postback of Dhan is about (dhanhq.co/docs/v2/postback). Dhan signs nothing."""

from collections.abc import Mapping
from typing import Any

from lambdas.adapters.brokers.naming import number_in, text_in
from lambdas.domain.postbacks import OrderNamed


def order_named(body: Mapping[str, Any], _credentials: Mapping[str, str]) -> OrderNamed:
    """Its number and tag. Raises PostbackUnreadable."""
    return OrderNamed(number_in(body, "orderId"), text_in(body, "correlationId"))
