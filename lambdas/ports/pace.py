"""How calls to a broker on one account's behalf take turns, across all processes that make them."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from lambdas.domain.rate_log import RateLog


class CallKind(StrEnum):
    """What a call counts as at the broker. ORDER: placing, changing and cancelling."""

    ORDER = "orders"
    QUOTE = "quotes"
    BOOK = "books"
    OTHER = "others"


class Pace(Protocol):
    """One account's share of its broker's limits."""

    async def turn(self, kind: CallKind) -> None:
        """Return when a call of this kind may go; it counts from then on, for every process.

        Raises BrokerBusy when the day's limit is used up.
        """
        ...

    async def expect_orders(self, exchanges: Sequence[str], at: datetime) -> None:
        """Reserve turns from `at` on for orders that will be placed at these exchanges (one each), before others
        take them. Raises BrokerBusy when the day's limit is used up."""
        ...

    async def order_turn(self, exchange: str) -> None:
        """Return when an order to an exchange may go: at a reserved turn, else at the next that is free as far as
        this process knows. It waits for no store; the others learn of it right after.

        Raises BrokerBusy when the day's limit is used up.
        """
        ...

    async def busy(self, kind: CallKind) -> None:
        """The broker said that a limit was passed: nobody makes such a call for a while."""
        ...

    async def settle(self) -> None:
        """Return when the others know of all calls of this process."""
        ...


class RateStore(Protocol):
    """The rate logs of accounts, shared by all processes."""

    async def rate_log(self, user_id: str, account_id: str) -> RateLog:
        """What is stored, read strongly; an empty log of version 0 when nothing is."""
        ...

    async def save_rate_log(self, user_id: str, account_id: str, log: RateLog) -> bool:
        """Store version n + 1 of what was read as version n (`log.version` is n); False when n is not stored
        any more, and then nothing is written."""
        ...
