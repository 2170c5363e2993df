"""An order as the broker wants it, and what its answer to an order means.

The body comes from `check_order` and the order alone: for the style `protected` a market order under the broker's
own protection where it has one (`protection_percent`), else, and always for the style `limit`, a limit order at
`limit_price`. An order that cannot be expressed is a ValueError before anything is sent.

ACCEPTED needs an order id. REFUSED needs certainty that the broker has no order: a limit applied before the
order system, or a readable error that names a decision. Everything else is UNKNOWN, and the tag resolves it.
Write down in the docstring of `read_placement` why each kind of answer is taken for what.
"""

from decimal import Decimal
from typing import Any

from lambdas.adapters.brokers._template.client import TemplateClient
from lambdas.adapters.brokers.http import Reply
from lambdas.ports.broker import OrderRequest, Placement


def order_body(order: OrderRequest) -> dict[str, Any]:
    """The body of a new order. Raises ValueError when the order cannot be expressed."""
    raise NotImplementedError("check_order, then the broker's fields, the tag among them")


def limit_body(limit_price: Decimal, quantity: int) -> dict[str, Any]:
    """The body of a change to another limit. Raises ValueError for a limit or quantity that no exchange takes."""
    raise NotImplementedError("check_limit, then the broker's fields")


def basket_row(order: OrderRequest) -> dict[str, Any]:
    """One order of a margin calculation. Raises ValueError when the order cannot be expressed."""
    raise NotImplementedError("check_order and check_limit, then the broker's fields")


def read_placement(client: TemplateClient, reply: Reply) -> Placement:
    """ACCEPTED, REFUSED or UNKNOWN, and why. Use `accepted`, `limited`, `refused` (with `refusal_in`) and `unknown`."""
    raise NotImplementedError("decide what an answer to an order means")
