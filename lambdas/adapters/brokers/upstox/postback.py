"""Which order a postback of Upstox is about (upstox.com/developer/api-documentation/webhook). Upstox signs nothing."""

from collections.abc import Mapping
from typing import Any

from lambdas.adapters.brokers.naming import number_in, text_in
from lambdas.domain.postbacks import OrderNamed
from lambdas.ports.postbacks import PostbackUnreadable


def order_named(body: Mapping[str, Any], _credentials: Mapping[str, str]) -> OrderNamed:
    """Its number and tag. Raises PostbackUnreadable, also for news of anything but an order."""
    if body.get("update_type") != "order":
        raise PostbackUnreadable("it is not about an order")
    return OrderNamed(number_in(body, "order_id"), text_in(body, "tag"))
