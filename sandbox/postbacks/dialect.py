"""How one broker posts order updates."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.accounts import Account
from sandbox.exchange.orders import Order

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PostbackDialect:
    """`due` says whether the broker posts the order's last event, `body` words it.

    `forged` is a body that a stranger could have sent: with a checksum of another secret where the broker signs,
    otherwise with the untrue news of a complete fill. `needs_200` is for a broker that stops posting to an
    address which answers anything else.
    """

    due: Callable[[Order], bool]
    body: Callable[[Order, Account], Body]
    forged: Callable[[Body], Body]
    needs_200: bool = False
