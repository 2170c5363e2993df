"""Which order a postback of Angel One is about (SmartAPI: postback). Angel One signs nothing."""

from collections.abc import Mapping
from typing import Any

from lambdas.adapters.brokers.naming import number_in, text_in
from lambdas.domain.postbacks import OrderNamed


def order_named(body: Mapping[str, Any], _credentials: Mapping[str, str]) -> OrderNamed:
    """Its number and tag. Raises PostbackUnreadable.

    That the body is a line of the order book is not confirmed: one without the field of the tag may be of any order.
    """
    return OrderNamed(number_in(body, "orderid"), text_in(body, "ordertag") if "ordertag" in body else None)
