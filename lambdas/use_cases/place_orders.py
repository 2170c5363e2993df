"""Send the orders of one account at second 0."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import partial

from lambdas.domain.accounts import PAPER, Account
from lambdas.domain.contracts import Quote, Side
from lambdas.domain.control import Control
from lambdas.domain.intents import Intent, Order, Phase
from lambdas.domain.leaning import lacks
from lambdas.domain.limit_checks import blocked
from lambdas.domain.moments import IST, Tick
from lambdas.domain.risk_limits import LimitsOf
from lambdas.domain.timing import Timing
from lambdas.domain.trading_calendar import TradingCalendar
from lambdas.ports.broker import Broker, BrokerBusy, BrokerError, BrokerRefused, SessionOver
from lambdas.ports.brokers import Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.limits import LimitStore, LimitsUnreadable
from lambdas.ports.meter import Meter, Unmeasured
from lambdas.ports.pace import Pace
from lambdas.ports.secrets import SecretMissing, Secrets
from lambdas.ports.store import AccountStore, ControlStore, RunStore, StrategyStore
from lambdas.use_cases.chase_orders import Chaser
from lambdas.use_cases.end_session import end_session
from lambdas.use_cases.entry_gate import EntryGate
from lambdas.use_cases.ledger_writes import LedgerWrites
from lambdas.use_cases.send_orders import (
    ClosedTo,
    PriceInsane,
    Ready,
    RunSender,
    all_of,
    first_of,
    ready_order,
    withhold,
)
from lambdas.use_cases.watch_fills import FillWatch

MAX_CONNECTIONS = 4
PRICING_LEAD = timedelta(seconds=3)
"""Orders are priced this long before T: enough for a slow broker, short enough for the price to hold."""
LAST_LOOK = timedelta(seconds=1)
"""So long before T everything that may stop an entry is read once more: whoever throws a switch later is too late."""
PAUSE_BEFORE_ASKING_AGAIN = timedelta(seconds=1)
FEW_RUNS = 3
"""The orders of more runs than these are read with their whole day, in one query."""


UNMEASURED = Unmeasured()


class NothingCanBeSent(Exception):
    """This account cannot trade at this tick; the message is the reason recorded on its orders."""


@dataclass(frozen=True)
class OrderPlacer:
    """The worker of one account: prepares during the lead, sends at T or after, never before."""

    accounts: AccountStore
    controls: ControlStore
    limits: LimitStore
    strategies: StrategyStore
    runs: RunStore
    secrets: Secrets
    brokers: Brokers
    clock: Clock
    calendar: TradingCalendar
    timing: Timing
    meter: Meter = UNMEASURED

    async def place(self, user_id: str, account_id: str, tick: Tick, intent_ids: Sequence[str]) -> int:
        """Claim and send these intents; returns how many were sent.

        Every intent that this call claims ends with a recorded state. One that another invocation has
        claimed is left to it. Runs do not wait for each other; within a run buys go first, sells when
        the buys are filled.
        """
        (control, blind), (limits, unreadable) = await asyncio.gather(self._switches(), self._limits(user_id))
        claimed = await self._claim(user_id, tick, intent_ids)
        if not claimed:
            return 0
        try:
            claimed = await self._in_session(claimed, tick, control)
            account = await self._account(user_id, account_id)
            claimed = await self._not_halted(claimed, control.halt_of(user_id, account_id) or blind or unreadable)
            claimed = await self._within_limits(user_id, claimed, limits)
            if not claimed:
                return 0
            broker = self.brokers.open(account, await self.secrets.read(user_id, account_id))
        except (NothingCanBeSent, SecretMissing, ValueError) as error:
            await withhold(self.runs, claimed, str(error))
            return 0
        try:
            await self.clock.sleep_until(tick.instant - PRICING_LEAD)
            ready = await self._make_ready(broker, account, claimed, limits.price_sanity_percent(account_id))
            ready = await self._without_bare_sells(ready)
            await self.clock.sleep_until(tick.instant - LAST_LOOK)
            gate = EntryGate(self.controls, self.accounts, self.strategies, self.runs, self.clock)
            closed_to = partial(gate.closed_to, user_id, account_id)
            groups = _by_run(await self._still_allowed(ready, closed_to))
            pace = self.brokers.pace(account)
            if not await self._expect(pace, groups, tick):
                return 0
            await self.clock.sleep_until(tick.instant)
            facts = self.brokers.facts(account.broker).limits
            chaser = Chaser(broker, self.runs, self.clock, facts.modifications)
            writes = LedgerWrites(self.runs)
            fills = FillWatch(broker, self.clock, self.timing.poll, facts.books_per_second)
            sender = RunSender(broker, pace, self.runs, self.clock, chaser, closed_to, self.meter, writes, fills)
            try:
                return sum(await all_of(sender.send(group) for group in groups))
            finally:
                await fills.aclose()
        finally:
            await broker.aclose()

    async def _claim(self, user_id: str, tick: Tick, intent_ids: Sequence[str]) -> list[Intent]:
        claims = await asyncio.gather(*(self.runs.claim(user_id, tick.date, intent_id) for intent_id in intent_ids))
        return [intent for intent in claims if intent is not None]

    async def _switches(self) -> tuple[Control, str | None]:
        """The switches, and the changes of the calendar; when they cannot be read, why nothing may be entered. Exits go
        on by the calendar files."""
        try:
            return await self.controls.control(), None
        except Exception as error:  # whatever a store raises: to stay in is the larger risk
            return Control(), f"the switches could not be read: {error}"

    async def _limits(self, user_id: str) -> tuple[LimitsOf, str | None]:
        """The user's risk limits; when they cannot be read, why nothing may be entered. Exits go on without them."""
        try:
            return (await self.limits.limits(user_id)).definition, None
        except LimitsUnreadable as error:
            return LimitsOf(), str(error)

    async def _in_session(self, claimed: Sequence[Intent], tick: Tick, control: Control) -> list[Intent]:
        """What is sent at second 0 needs a session at its tick, whoever planned it; what is sent at once needs one now,
        whatever its tick is, and is not sent after its close."""
        now, calendar = self.clock.now(), self.calendar.with_changes(control.changes)
        today, of_tick = calendar.day(now.astimezone(IST).date()), calendar.day(tick.date)
        session, at_once = today.session_at(now), [intent for intent in claimed if intent.at_once]
        kept = [intent for intent in claimed if not intent.at_once]
        if of_tick.session_at(tick.instant) is None:
            await withhold(self.runs, kept, f"{tick} is in no session: {of_tick.reason}")
            kept = []
        if session is None:
            await withhold(self.runs, at_once, f"the market is closed ({today.reason})")
            return kept
        close = session.closes - timedelta(milliseconds=1)
        return kept + [replace(intent, not_after=min(intent.not_after, close)) for intent in at_once]

    async def _account(self, user_id: str, account_id: str) -> Account:
        """The account, if it may trade now."""
        account = await self.accounts.account(user_id, account_id)
        if account is None:
            raise NothingCanBeSent(f"account {account_id!r} is not linked any more")
        problem = account.session_problem(self.clock.now())
        if problem:
            raise NothingCanBeSent(problem)
        return account

    async def _not_halted(self, claimed: Sequence[Intent], halt: str | None) -> list[Intent]:
        """What a halt lets through: it stops entries, never exits."""
        if halt is None:
            return list(claimed)
        await withhold(self.runs, [intent for intent in claimed if intent.phase is Phase.ENTRY], halt)
        return [intent for intent in claimed if intent.phase is Phase.EXIT]

    async def _within_limits(self, user_id: str, claimed: Sequence[Intent], limits: LimitsOf) -> list[Intent]:
        """Entries that are tried again are held against the limits of lots and orders once more; the loss was asked
        about when the run was prepared."""
        again = [intent for intent in claimed if intent.at_once and intent.phase is Phase.ENTRY]
        if not again:
            return list(claimed)
        accounts, day = await asyncio.gather(
            self.accounts.accounts(user_id), self.runs.day(user_id, again[0].intended_at.date)
        )
        paper = {account.account_id for account in accounts if account.broker == PAPER}
        found = blocked(again, day.orders, limits.of_counts, paper=paper)
        if not found:
            return list(claimed)
        await withhold(self.runs, again, f"risk limit: {'; '.join(one.words for one in found)}")
        return [intent for intent in claimed if intent not in again]

    async def _make_ready(
        self, broker: Broker, account: Account, claimed: Sequence[Intent], sanity_percent: Decimal
    ) -> list[Ready]:
        """Open connections, price every intent from fresh quotes and build its request.

        What cannot be priced or expressed is withheld, with the reason; the others go on, but for entries of a run
        of which one has a price that cannot be believed: half of it would be another strategy. An account whose
        session its broker no longer accepts says so from now on.
        """
        try:
            quotes = await self._quotes(broker, claimed)
        except BrokerError as error:
            if isinstance(error, SessionOver):
                await end_session(self.accounts, account, str(error), self.clock.now())
            await withhold(self.runs, claimed, f"the broker could not be used: {error}")
            return []
        quoted_at = self.clock.now()
        ready: list[Ready] = []
        insane: dict[tuple[str, str], str] = {}
        for intent in claimed:
            try:
                ready.append(ready_order(broker, intent, quotes, quoted_at, sanity_percent))
            except ValueError as error:
                await withhold(self.runs, [intent], str(error))
                if isinstance(error, PriceInsane):
                    insane[_phase_of_run(intent)] = str(error)
        return await self._without_insane(ready, insane)

    async def _without_insane(self, ready: Sequence[Ready], insane: Mapping[tuple[str, str], str]) -> list[Ready]:
        """Withhold what belongs to a run that must not be entered at its prices."""
        for item in ready:
            if _phase_of_run(item.intent) in insane:
                await withhold(self.runs, [item.intent], insane[_phase_of_run(item.intent)])
        return [item for item in ready if _phase_of_run(item.intent) not in insane]

    async def _still_allowed(self, ready: Sequence[Ready], closed_to: ClosedTo) -> list[Ready]:
        """Withhold entries that were forbidden since they were claimed, each with the reason. Exits always go."""
        closed = await closed_to([item.intent for item in ready])
        kept: list[Ready] = []
        for item in ready:
            if item.intent.phase is Phase.ENTRY and item.intent.run_id in closed:
                await withhold(self.runs, [item.intent], closed[item.intent.run_id])
            else:
                kept.append(item)
        return kept

    async def _expect(self, pace: Pace, groups: Sequence[Sequence[Ready]], tick: Tick) -> bool:
        """Reserve the turns of all that leaves at second 0, before anything else takes them; False when the account
        may send nothing more today."""
        first = [item.intent for group in groups for item in first_of(group)]
        try:
            await pace.expect_orders([intent.exchange for intent in first], max(tick.instant, self.clock.now()))
        except BrokerBusy as busy:
            await withhold(self.runs, [item.intent for group in groups for item in group], str(busy))
            return False
        return True

    async def _without_bare_sells(self, ready: Sequence[Ready]) -> list[Ready]:
        """Withhold sales that lean on something which is neither done nor sent here: nobody here would wait for it.

        The ledger tells: a worker that died, or another one, may hold a part of the run.
        """
        groups = _by_run(ready)
        of_runs = await self._orders_of([group[0].intent for group in groups if _sells(group)])
        kept: list[Ready] = []
        for group in groups:
            orders = of_runs.get(group[0].intent.run_id, ())
            at_hand = [item.intent for item in group]
            for item in group:
                missing = lacks(item.intent, orders, at_hand) if item.intent.side is Side.SELL else None
                if missing is None:
                    kept.append(item)
                else:
                    await withhold(self.runs, [item.intent], missing)
        return kept

    async def _orders_of(self, of_runs: Sequence[Intent]) -> Mapping[str, Sequence[Order]]:
        """The orders of the runs of these intents, by run: of few one by one, else the whole day at once."""
        if len(of_runs) <= FEW_RUNS:
            keys = [(intent.user_id, intent.intended_at.date, intent.run_id) for intent in of_runs]
            asked = await asyncio.gather(*(self.runs.orders_of_run(*key) for key in keys))
            return {run_id: orders for (_, _, run_id), orders in zip(keys, asked, strict=True)}
        by_run: dict[str, list[Order]] = defaultdict(list)
        for order in (await self.runs.day(of_runs[0].user_id, of_runs[0].intended_at.date)).orders:
            by_run[order.intent.run_id].append(order)
        return by_run

    async def _quotes(self, broker: Broker, claimed: Sequence[Intent]) -> Mapping[str, Quote]:
        """Quotes, asked for over warm connections, again and again while an order could still be sent.

        Raises the last BrokerError when no order could, or at once when asking again cannot help.
        """
        instruments = {intent.symbol: (intent.exchange, intent.symbol, intent.token) for intent in claimed}
        give_up_at = max(intent.not_after for intent in claimed)
        while True:
            try:
                await broker.warm(min(len(claimed), MAX_CONNECTIONS))
                return await broker.quotes(list(instruments.values()))
            except (SessionOver, BrokerRefused):
                raise
            except BrokerError:
                if self.clock.now() + PAUSE_BEFORE_ASKING_AGAIN > give_up_at:
                    raise
                await self.clock.sleep(PAUSE_BEFORE_ASKING_AGAIN)


def _phase_of_run(intent: Intent) -> tuple[str, str]:
    """What belongs together: the orders that enter a run, or those that leave it."""
    return intent.run_id, str(intent.phase)


def _sells(group: Sequence[Ready]) -> bool:
    return any(item.intent.side is Side.SELL for item in group)


def _by_run(ready: Sequence[Ready]) -> list[list[Ready]]:
    groups: dict[tuple[str, str], list[Ready]] = defaultdict(list)
    for item in ready:
        groups[_phase_of_run(item.intent)].append(item)
    return list(groups.values())
