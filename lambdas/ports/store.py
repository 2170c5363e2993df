"""What the platform keeps, by concern. Every write that must happen once says whether it did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from lambdas.domain.accounts import Account
from lambdas.domain.contracts import Listing
from lambdas.domain.control import Control, Lease
from lambdas.domain.due import Due
from lambdas.domain.intents import Intent, Order, OrderState
from lambdas.domain.moments import Tick
from lambdas.domain.planning import Chain
from lambdas.domain.runs import Run, Verdict
from lambdas.domain.strategy import Strategy


class StaleVersion(Exception):
    """Somebody else saved a newer version in the meantime."""

    def __init__(self, held: int, stored: int | None) -> None:
        super().__init__(f"you changed version {held}, but version {stored or 'none'} is stored; load it and redo")
        self.held = held
        self.stored = stored


class StrategyStore(Protocol):
    """Strategies and the due index that leads to them."""

    async def save(self, strategy: Strategy) -> None:
        """Store this version together with its due items, in one transaction; the items of older versions
        leave the index. Version n replaces n − 1 only. Raises StaleVersion."""
        ...

    async def strategy(self, user_id: str, strategy_id: str) -> Strategy | None:
        """The present version, read strongly."""
        ...

    async def strategies(self, user_id: str) -> Sequence[Strategy]:
        """All strategies of a user."""
        ...

    async def due_at(self, tick: Tick) -> Sequence[Due]:
        """Everything due at a minute, of all users: one query for each shard."""
        ...


class AccountStore(Protocol):
    """Linked broker accounts."""

    async def save_account(self, account: Account) -> None:
        """Create or replace."""
        ...

    async def account(self, user_id: str, account_id: str) -> Account | None:
        """One account, read strongly."""
        ...

    async def accounts(self, user_id: str) -> Sequence[Account]:
        """All accounts of a user."""
        ...

    async def linked_brokers(self) -> Sequence[Account]:
        """One account with the latest session for each broker that anybody linked."""
        ...


class ControlStore(Protocol):
    """The switches that stop trading."""

    async def control(self) -> Control:
        """All switches, read strongly, in one query."""
        ...

    async def halt(self, scope: str, reason: str, by: str) -> None:
        """Stop new entries of a scope."""
        ...

    async def release(self, scope: str, by: str) -> None:
        """Allow them again."""
        ...


class ContractStore(Protocol):
    """Instrument masters, kept compactly by broker, underlying and expiry."""

    async def save_listings(self, broker: str, loaded_on: date, listings: Sequence[Listing]) -> None:
        """Replace what is known of these underlyings at a broker."""
        ...

    async def loaded_on(self, broker: str) -> date | None:
        """The day of the master that is loaded whole; None when none ever was."""
        ...

    async def expiries(self, broker: str, underlying: str) -> Sequence[date]:
        """Listed expiries; empty when no master is loaded."""
        ...

    async def chain(self, broker: str, underlying: str, expiry: date) -> Chain | None:
        """The options of one expiry."""
        ...


@dataclass(frozen=True)
class DayOfUser:
    """All that a user did on a date."""

    runs: Sequence[Run]
    orders: Sequence[Order]


class RunStore(Protocol):
    """Runs and the ledger of intents."""

    async def begin_run(self, run: Run) -> bool:
        """Create the run; False when it exists already."""
        ...

    async def run(self, user_id: str, day: date, run_id: str) -> Run | None:
        """One run, read strongly."""
        ...

    async def conclude(self, run: Run, verdict: Verdict) -> bool:
        """Set status and reason; False when both were so already."""
        ...

    async def plan(self, intents: Sequence[Intent], *, moving: tuple[Run, Verdict] | None = None) -> bool:
        """Write all of these intents (at most 99) or, when one of them exists already, none: then False.

        `moving` makes it part of the same transaction that the run goes to the verdict from the status with
        which it was read: of two invocations that plan the same run differently, one plans it.
        """
        ...

    async def claim(self, user_id: str, day: date, intent_id: str) -> Intent | None:
        """PLANNED → SENDING; the intent when this call did it, None when it was not PLANNED any more."""
        ...

    async def record(self, intent: Intent, state: OrderState) -> bool:
        """Store what is known now, if the transition is allowed; False when it is not."""
        ...

    async def orders_of_run(self, user_id: str, day: date, run_id: str) -> Sequence[Order]:
        """All orders of a run, read strongly."""
        ...

    async def day(self, user_id: str, day: date) -> DayOfUser:
        """Runs and orders of a user's day, in one query."""
        ...

    async def in_flight(self) -> Sequence[Order]:
        """Every intent of every user whose truth only its broker knows."""
        ...


class LoopStore(Protocol):
    """The lease of the trading day and the record of its ticks."""

    async def acquire(self, day: date, holder: str, now: datetime, valid_until: datetime) -> Lease | None:
        """Take the day's lease with the next token when it is free, expired, or held by `holder`; else None."""
        ...

    async def renew(self, day: date, lease: Lease) -> bool:
        """Extend the lease if its token is still the newest; False means: stop at once."""
        ...

    async def lease(self, day: date) -> Lease | None:
        """The present lease, read strongly."""
        ...

    async def record_tick(self, tick: Tick, what: str, detail: dict[str, Any]) -> bool:
        """Record once what became of a minute (`dispatched`, `skipped`); False when it was recorded."""
        ...

    async def ticks(self, day: date) -> Sequence[dict[str, Any]]:
        """The records of a day, by minute."""
        ...
