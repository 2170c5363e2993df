"""What the platform keeps, by concern. Every write that must happen once says whether it did."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from lambdas.domain.accounts import Account
from lambdas.domain.basket import Basket
from lambdas.domain.chains import Chain
from lambdas.domain.contracts import Listing
from lambdas.domain.control import AuditEntry, Control, Halt, Lease
from lambdas.domain.day_changes import DayChange
from lambdas.domain.due import Due
from lambdas.domain.intents import Intent, Order, OrderState
from lambdas.domain.marks import Marks
from lambdas.domain.moments import Tick
from lambdas.domain.runs import Run, Verdict
from lambdas.domain.strategy import Strategy


class StaleVersion(Exception):
    """Somebody else saved a newer version in the meantime."""

    def __init__(self, held: int, stored: int | None) -> None:
        if held == 0:
            told = f"version {stored} is stored under this id already; choose another id, or change that one"
        else:
            told = f"you changed version {held}, but version {stored or 'none'} is stored; load it and redo"
        super().__init__(told)
        self.held = held
        self.stored = stored


class BasketMissing(Exception):
    """A strategy names a basket that does not exist."""

    def __init__(self, basket_id: str) -> None:
        super().__init__(f"basket_id: you have no basket {basket_id!r}; create it first, or take the field away")
        self.basket_id = basket_id


class Contended(Exception):
    """Others change the same thing at the same time; nothing was written. Try again."""


class StrategyStore(Protocol):
    """Strategies, the due index that leads to them, and the baskets that hold them."""

    async def save(self, strategy: Strategy) -> None:
        """Store this version together with its due items, in one transaction; the items of older versions
        leave the index. Version n replaces n − 1 only. Raises StaleVersion, BasketMissing."""
        ...

    async def delete(self, user_id: str, strategy_id: str, version: int) -> None:
        """Remove this version with all its due items, in one transaction. Raises StaleVersion."""
        ...

    async def strategy(self, user_id: str, strategy_id: str) -> Strategy | None:
        """The present version, read strongly."""
        ...

    async def strategies(self, user_id: str) -> Sequence[Strategy]:
        """All strategies of a user."""
        ...

    async def due_at(self, due_day: str, hhmm: str) -> Sequence[Due]:
        """Everything due at a minute of such a day (`MON` … `FRI`, `SPECIAL`), of all users: one query for
        each shard. Raises ValueError for any other day."""
        ...

    async def save_basket(self, basket: Basket) -> None:
        """Store this version; version n replaces n − 1 only. Raises StaleVersion."""
        ...

    async def delete_basket(self, user_id: str, basket_id: str, version: int) -> None:
        """Remove this version. Raises StaleVersion."""
        ...

    async def basket(self, user_id: str, basket_id: str) -> Basket | None:
        """The present version, read strongly."""
        ...

    async def baskets(self, user_id: str) -> Sequence[Basket]:
        """All baskets of a user."""
        ...


class AccountStore(Protocol):
    """Linked broker accounts."""

    async def save_account(self, account: Account) -> None:
        """Create or replace."""
        ...

    async def change_account(self, before: Account, after: Account) -> bool:
        """Replace an account that is still as it was read; False, and nothing is written, when it is not."""
        ...

    async def delete_account(self, user_id: str, account_id: str) -> None:
        """Remove an account; nothing happens when there is none."""
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

    async def enabled_accounts(self) -> Sequence[Account]:
        """Every enabled account of every user, in one query."""
        ...


class ControlStore(Protocol):
    """The switches that stop trading and the changes of the calendar.

    Whatever changes a switch writes its audit entry in the same transaction; what leaves it as it is writes none.
    """

    async def control(self) -> Control:
        """All switches and changes, read strongly, in one query."""
        ...

    async def halts(self) -> Sequence[Halt]:
        """Every halt that holds, with who said so, by scope."""
        ...

    async def halt(self, scope: str, reason: str, by: str, *, at: datetime) -> None:
        """Stop new entries of a scope."""
        ...

    async def release(self, scope: str, by: str, *, at: datetime) -> None:
        """Allow them again."""
        ...

    async def change_day(self, change: DayChange, *, by: str, at: datetime) -> None:
        """Put a change in place of what the calendar, or an earlier change, says of its date."""
        ...

    async def withdraw_change(self, day: date, *, by: str, at: datetime) -> bool:
        """Let the calendar files speak of a date again; False when no change was in force."""
        ...

    async def note(self, entry: AuditEntry) -> bool:
        """Remember what changed no switch and must be known all the same, a refused login; False when something
        of the same instant and subject is remembered already."""
        ...

    async def audit(self, month: str) -> Sequence[AuditEntry]:
        """Every change made in a month (`2026-11`, IST), in order of time."""
        ...


@dataclass(frozen=True)
class MasterInfo:
    """The master that is in use at a broker: its day, how many contracts it has, and what was odd about it."""

    loaded_on: date
    contracts: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class MasterFailure:
    """The last attempt to load a master that failed."""

    day: date
    reason: str


class ContractStore(Protocol):
    """Instrument masters, kept compactly by broker, underlying and expiry.

    An expiry is replaced whole, and listed only once its contracts are stored. While a master is being replaced,
    a reader meets expiries of the new one and of the old one, each complete in itself; `master_of` tells of the
    new one when all of it is there.
    """

    async def save_listings(
        self, broker: str, loaded_on: date, listings: Sequence[Listing], warnings: Sequence[str] = ()
    ) -> None:
        """Replace the master of a broker: underlyings and expiries that are not among the listings are no longer
        listed. Raises ValueError, and stores nothing, for a listing that cannot be kept."""
        ...

    async def master_of(self, broker: str) -> MasterInfo | None:
        """The master that was last loaded whole; None when none ever was."""
        ...

    async def save_failure(self, broker: str, failure: MasterFailure) -> None:
        """Remember why a master could not be loaded, in place of the failure before."""
        ...

    async def last_failure(self, broker: str) -> MasterFailure | None:
        """The last failure, also when a master was loaded since."""
        ...

    async def expiries(self, broker: str, underlying: str) -> Sequence[date]:
        """Listed expiries, in order; empty when no master is loaded."""
        ...

    async def chain(self, broker: str, underlying: str, expiry: date) -> Chain | None:
        """The options and the future of one expiry. Ask for a listed one: of an expiry that is no longer listed,
        the contracts last known may still be there."""
        ...

    async def chains(self, broker: str, underlying: str, expiries: Collection[date]) -> Mapping[date, Chain]:
        """The chains of several expiries, read at once; an expiry of which nothing is known is absent."""
        ...


@dataclass(frozen=True)
class DayOfUser:
    """All that a user did on a date, and the last marks of what was open then."""

    runs: Sequence[Run]
    orders: Sequence[Order]
    marks: Marks = field(default_factory=dict)


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

    async def close_run(self, run: Run, reason: str) -> bool:
        """Write on a run that it is being squared off, and why: EXITING, and `closing` for good. False, and nothing
        is written, when it is closed (FLAT, REFUSED, MISSED) or does not exist."""
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

    async def move_limit(self, intent: Intent, state: OrderState) -> bool:
        """Take step number `chased` of an order's chase: store its limit and the step, while the order rests and the
        step before is the last one taken. False when somebody else took it, or the order rests no more."""
        ...

    async def orders_of_run(self, user_id: str, day: date, run_id: str) -> Sequence[Order]:
        """All orders of a run, read strongly."""
        ...

    async def day(self, user_id: str, day: date) -> DayOfUser:
        """Runs, orders and marks of a user's day, in one query."""
        ...

    async def open_runs(self) -> Sequence[Run]:
        """Every run of every user and day in which something is or can become open."""
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
        """Record once what became of a minute (`dispatched`, `skipped`, `closed`); False when it was recorded."""
        ...

    async def ticks(self, day: date) -> Sequence[dict[str, Any]]:
        """The records of a day, by minute."""
        ...
