"""Which order a postback is about, and whether the broker sent it.

Only for a broker that posts order updates; its `BrokerKind` then says where a user enters the address. Take the number
and the tag with `number_in` and `text_in` of `naming` and nothing else: the book alone tells what became of an order.
Check what the broker signs, in constant time; say here when it signs nothing. The tag is empty for an order without
one, and None where the broker does not post it.
"""

from collections.abc import Mapping
from typing import Any

from lambdas.domain.postbacks import OrderNamed


def order_named(body: Mapping[str, Any], credentials: Mapping[str, str]) -> OrderNamed:
    """Its number and tag. Raises PostbackForged for a wrong signature, and PostbackUnreadable."""
    raise NotImplementedError("read the number and the tag of the order, and check the signature")
