"""The brokers' own words for order updates, by the broker's name.

Loads no HTTP client: what reads a postback is pure.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from lambdas.adapters.brokers import registry
from lambdas.domain.postbacks import OrderNamed
from lambdas.ports.postbacks import PostbackUnreadable


class BrokerPostbacks:
    """Implements `PostbackWords` with each broker's `postback.py`."""

    def are_posted_by(self, broker: str) -> bool:
        return bool(registry.broker_kind(broker).postback_at)

    def read(self, broker: str, body: Mapping[str, Any], credentials: Mapping[str, str]) -> OrderNamed:
        if not self.are_posted_by(broker):
            raise PostbackUnreadable(f"{broker} posts no order updates")
        module = import_module(f"{__package__}.{broker}.postback")
        return cast(OrderNamed, module.order_named(body, credentials))
