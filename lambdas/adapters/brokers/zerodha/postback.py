"""Which order a postback of Zerodha is about, and whether Zerodha sent it (Kite Connect v3: postbacks)."""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from lambdas.adapters.brokers.naming import number_in, text_in
from lambdas.domain.postbacks import OrderNamed
from lambdas.ports.postbacks import PostbackForged


def order_named(body: Mapping[str, Any], credentials: Mapping[str, str]) -> OrderNamed:
    """Its number and tag. Raises PostbackForged unless it is signed with the app's secret: SHA-256 of order_id,
    order_timestamp and the secret; PostbackUnreadable."""
    number = number_in(body, "order_id")
    signed = f"{number}{text_in(body, 'order_timestamp')}{credentials['api_secret'].strip()}"
    expected = sha256(signed.encode()).hexdigest()
    if not hmac.compare_digest(expected.encode(), text_in(body, "checksum").encode()):
        raise PostbackForged("its checksum is not that of the app's secret")
    return OrderNamed(number, text_in(body, "tag"))
