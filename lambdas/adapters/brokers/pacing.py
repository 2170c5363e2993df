"""Taking turns at a broker: one account's calls, of all processes, below its limits."""

import asyncio
import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import TypeVar

from lambdas.adapters.brokers.limits import SECOND, Limits
from lambdas.domain.rate_log import DayUsedUp, RateLimit, RateLog
from lambdas.ports.broker import BrokerBusy
from lambdas.ports.clock import Clock
from lambdas.ports.pace import CallKind, RateStore

Item = TypeVar("Item")

AMPLE = 10
"""Kinds with fewer calls a second than this ask the store before each: one call of another process would do."""
ORDER_LASTS = timedelta(milliseconds=100)
"""A reserved turn of an order that is not used for so long is given up; the limits have as much to spare."""
SHUT_FOR = timedelta(milliseconds=1100)
"""After the broker said that a limit was passed; the windows of most limits are a second long."""
PAUSE_OF_CONFLICTS = timedelta(milliseconds=5)
MOST_WRITES = 100
_LOG = logging.getLogger(__name__)


@dataclass
class MemoryRates:
    """Implements `RateStore` for one process alone."""

    _logs: dict[tuple[str, str], RateLog] = field(default_factory=dict)

    async def rate_log(self, user_id: str, account_id: str) -> RateLog:
        return self._logs.get((user_id, account_id), RateLog())

    async def save_rate_log(self, user_id: str, account_id: str, log: RateLog) -> bool:
        if (await self.rate_log(user_id, account_id)).version != log.version:
            return False
        self._logs[user_id, account_id] = log.following()
        return True


@dataclass(frozen=True)
class _Change:
    """Something that this process knows and the store does not: a call, or that buckets are shut until `at`."""

    buckets: frozenset[str]
    at: datetime
    shut: bool = False

    def on(self, log: RateLog) -> RateLog:
        return log.shut(self.buckets, self.at) if self.shut else log.noted(self.buckets, (self.at,))


class SharedPace:
    """Implements `Pace` over a log that all processes share.

    Scarce calls (quotes once a second, order books once a second) are reserved in the store before they are made.
    Orders, and reads that a broker answers by the dozen, go by what this process last knew of the log, and the store
    learns of them right after: at second 0 nobody waits for a database. Should two processes pass a limit that way,
    the broker refuses a call, which is then made again.
    """

    def __init__(
        self, store: RateStore, limits: Limits, clock: Clock, *, broker: str, user_id: str, account_id: str
    ) -> None:
        self._store, self._limits, self._clock = store, limits, clock
        self._broker, self._of = broker, (user_id, account_id)
        self._stored: RateLog | None = None
        self._unsaved: list[_Change] = []
        self._saving: asyncio.Task[None] | None = None
        self._expected: dict[str, list[datetime]] = {}

    async def turn(self, kind: CallKind) -> None:
        rules = self._limits.of_call(kind)
        if min((rule.calls for rule in rules if rule.span == SECOND), default=AMPLE) < AMPLE:
            (at,) = await self._reserve(rules, self._clock.now(), 1)
        else:
            at = await self._take(rules)
        await self._wait(at)

    async def expect_orders(self, exchanges: Sequence[str], at: datetime) -> None:
        """Without the store nothing is reserved, and each order takes its turn by what this process knows."""
        try:
            await self._expect(exchanges, at)
        except BrokerBusy:
            raise
        except Exception:
            _LOG.exception("%s: turns of account %s could not be reserved", self._broker, self._of[1])

    async def _expect(self, exchanges: Sequence[str], at: datetime) -> None:
        for exchange in sorted(set(exchanges)):
            taken = await self._reserve(self._limits.of_order(exchange), at, exchanges.count(exchange))
            self._expected.setdefault(exchange, []).extend(taken)

    async def order_turn(self, exchange: str) -> None:
        now, expected = self._clock.now(), self._expected.get(exchange, [])
        while expected and expected[0] < now - ORDER_LASTS:
            expected.pop(0)
        at = expected.pop(0) if expected else await self._take(self._limits.of_order(exchange))
        await self._wait(at)

    async def busy(self, kind: CallKind) -> None:
        if kind is CallKind.ORDER:
            self._expected.clear()
        self._tell_soon(_Change(_buckets(self._limits.of_call(kind)), self._clock.now() + SHUT_FOR, shut=True))

    async def settle(self) -> None:
        if self._saving is not None and not self._saving.done():
            await self._saving

    async def _take(self, rules: Collection[RateLimit]) -> datetime:
        """The next free instant as far as this process knows."""
        try:
            at = self._with_unsaved(await self._known()).next_free(rules, self._clock.now())
        except DayUsedUp as error:
            raise BrokerBusy(f"{self._broker}: {error}") from error
        self._tell_soon(_Change(_buckets(rules), at))
        return at

    async def _reserve(self, rules: Collection[RateLimit], at: datetime, number: int) -> Sequence[datetime]:
        """The next free instants as far as anybody knows. What is known is tried first: storing it tells."""
        await self.settle()
        log = self._stored or await self._read()
        while True:
            try:
                taken, wanted = self._with_unsaved(log).reserve(rules, at, number)
            except DayUsedUp as error:
                raise BrokerBusy(f"{self._broker}: {error}") from error
            if await self._save(wanted):
                return taken
            log = await self._read()

    async def _known(self) -> RateLog:
        """What was stored when this process last looked; nothing where it never could."""
        if self._stored is not None:
            return self._stored
        try:
            return await self._read()
        except Exception:
            _LOG.exception("%s: the rate log of account %s could not be read", self._broker, self._of[1])
            return RateLog()

    def _with_unsaved(self, log: RateLog) -> RateLog:
        for change in self._unsaved:
            log = change.on(log)
        return log

    async def _read(self) -> RateLog:
        self._stored = await self._store.rate_log(*self._of)
        return self._stored

    async def _save(self, log: RateLog) -> bool:
        """Store what holds all that is unsaved now; what is taken meanwhile stays unsaved."""
        saved, pruned = len(self._unsaved), log.pruned(self._clock.now(), self._limits.longest)
        if not await self._store.save_rate_log(*self._of, pruned):
            return False
        self._stored = pruned.following()
        del self._unsaved[:saved]
        return True

    def _tell_soon(self, change: _Change) -> None:
        self._unsaved.append(change)
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        """Store what is unsaved, in as few writes as can be. A store that fails stops no order: it is logged, and
        what it missed goes with the next write."""
        try:
            for _ in range(MOST_WRITES):
                if not self._unsaved:
                    return
                if not await self._save(self._with_unsaved(self._stored or RateLog())):
                    await self._read()
                    await self._clock.sleep(PAUSE_OF_CONFLICTS)
            _LOG.warning(
                "%s: the rate log of account %s is contended; calls are not counted", self._broker, self._of[1]
            )
        except Exception:
            _LOG.exception("%s: the rate log of account %s could not be stored", self._broker, self._of[1])

    async def _wait(self, at: datetime) -> None:
        if at > self._clock.now():
            await self._clock.sleep_until(at)


def _buckets(rules: Collection[RateLimit]) -> frozenset[str]:
    return frozenset(rule.bucket for rule in rules)


def portions(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """The items in order, at most `size` at a time."""
    for start in count(0, size):
        if start >= len(items):
            return
        yield items[start : start + size]
