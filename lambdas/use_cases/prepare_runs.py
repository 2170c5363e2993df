"""From the work of one user at one tick to intents in the ledger."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lambdas.domain.accounts import Account
from lambdas.domain.basket import Basket
from lambdas.domain.closing import closable_positions, plan_exit
from lambdas.domain.due import Due
from lambdas.domain.engine_rules import not_carried_out
from lambdas.domain.intents import FINAL, Intent, Phase
from lambdas.domain.moments import Tick
from lambdas.domain.planning import plan_entry
from lambdas.domain.planning_error import PlanningError
from lambdas.domain.runs import CLOSED, Run, RunStatus, Verdict
from lambdas.domain.strategy import Strategy
from lambdas.domain.timing import Timing
from lambdas.domain.trading_calendar import TradingCalendar
from lambdas.ports.broker import BrokerError
from lambdas.ports.clock import Clock
from lambdas.ports.events import Events
from lambdas.ports.limits import LimitStore
from lambdas.ports.secrets import SecretMissing
from lambdas.ports.store import AccountStore, ControlStore, RunStore, StrategyStore
from lambdas.use_cases.check_limits import LimitCheck
from lambdas.use_cases.miss_entry import run_event, run_of
from lambdas.use_cases.read_market import MarketReader, Reading, Resolved
from lambdas.use_cases.unsent_orders import unsent_orders

MAX_ORDERS_OF_A_RUN = 99
"""One transaction of at most 100 writes plans a run: its intents and its status, all of them or none."""


class BasketOff(Exception):
    """The strategy's basket is switched off: its entry is not due, and no run begins."""


@dataclass(frozen=True)
class Prepared:
    """What the workflow goes on with: the runs touched, and for each account the intents to send."""

    run_ids: tuple[str, ...]
    intent_ids: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Entry:
    """What an entry is planned from; `resolved` is None when it was planned before."""

    strategy: Strategy
    basket: Basket | None
    run: Run
    resolved: Resolved | None


@dataclass(frozen=True)
class RunPreparer:
    """Turns due work into intents. One bad strategy fails alone, and its run says why."""

    strategies: StrategyStore
    accounts: AccountStore
    controls: ControlStore
    limits: LimitStore
    runs: RunStore
    markets: MarketReader
    events: Events
    clock: Clock
    calendar: TradingCalendar
    timing: Timing
    freeze_quantities: Mapping[str, int]

    async def prepare(self, user_id: str, tick: Tick, work: Sequence[Due]) -> Prepared:
        """Prepare every entry and exit. Safe to repeat: what is in the ledger is taken from there."""
        accounts = {account.account_id: account for account in await self.accounts.accounts(user_id)}
        run_ids: list[str] = []
        by_account: dict[str, list[str]] = defaultdict(list)
        async with self.markets.reading(accounts) as reading:
            for due in work:
                if due.strategy.user_id != user_id:
                    raise ValueError(f"work of {due.strategy.user_id} in the workflow of {user_id}")
            looks = (self._look(due, tick, reading) for due in work)
            for due, found in zip(work, await asyncio.gather(*looks, return_exceptions=True), strict=True):
                intents = await self._intents_of(due, tick, reading, found)
                if intents:
                    run_ids.append(due.strategy.run_id(tick.date))
                for intent in intents:
                    by_account[intent.account_id].append(intent.intent_id)
        return Prepared(tuple(run_ids), {account: tuple(ids) for account, ids in by_account.items()})

    async def resume(self, user_id: str, tick: Tick, run_ids: Sequence[str]) -> Prepared:
        """What was planned to be sent at once for these runs, and was not sent yet."""
        waiting = await unsent_orders(self.runs, user_id, tick.date, run_ids, self.clock.now())
        return Prepared(tuple(run_ids), waiting)

    async def _intents_of(
        self, due: Due, tick: Tick, reading: Reading, found: Entry | BaseException | None
    ) -> Sequence[Intent]:
        """What one entry or exit means; nothing when it cannot be carried out, which its run then says."""
        try:
            if isinstance(found, BaseException):
                raise found
            if found is not None:
                return await self._enter(found, tick, reading)
            return await self._leave(due.strategy, tick)
        except BasketOff as off:
            await self._let_go(due.strategy, tick, str(off))
            return []
        except (PlanningError, BrokerError, SecretMissing, ValueError) as error:
            await self._fail(due, tick, str(error))
            return []

    async def _look(self, due: Due, tick: Tick, reading: Reading) -> Entry | None:
        """What an entry is planned from; None for an exit. Those of one user look at the same time: a broker that hangs
        costs its own strategies their entry, and the others one wait however many accounts hang."""
        if due.phase is not Phase.ENTRY:
            return None
        strategy = await self._present(due.strategy)
        basket = await self._basket(strategy)
        run = run_of(strategy, tick, RunStatus.PREPARING, "choosing contracts")
        if not await self.runs.begin_run(run) and await self._is_planned(run):
            return Entry(strategy, basket, run, None)
        await self._check_may_enter(strategy, tick, reading.accounts)
        strategy = _as_traded(strategy, reading.accounts)
        return Entry(strategy, basket, run, await reading.resolve(strategy.definition, tick.date))

    async def _enter(self, entry: Entry, tick: Tick, reading: Reading) -> Sequence[Intent]:
        run, resolved = entry.run, entry.resolved
        if resolved is None:
            return await self._planned_before(run, Phase.ENTRY, tick)
        intents = self._plan(entry.strategy, tick, resolved, reading.accounts, entry.basket)
        if len(intents) > MAX_ORDERS_OF_A_RUN:
            raise PlanningError(
                f"{len(intents)} orders at once are more than {MAX_ORDERS_OF_A_RUN}: split the strategy"
            )
        await LimitCheck(self.limits, self.runs).check(run.user_id, run.date, intents, reading)
        verdict = Verdict(RunStatus.ENTERING, _plan_in_words(intents, resolved))
        if await self.runs.plan(intents, moving=(run, verdict)):
            return intents
        return await self._planned_before(run, Phase.ENTRY, tick)

    def _plan(
        self,
        strategy: Strategy,
        tick: Tick,
        resolved: Resolved,
        accounts: Mapping[str, Account],
        basket: Basket | None,
    ) -> list[Intent]:
        return plan_entry(
            strategy,
            tick,
            resolved.legs,
            resolved.market,
            brokers={account_id: account.master for account_id, account in accounts.items()},
            basket_multiplier=basket.definition.multiplier if basket else Decimal(1),
            freeze_quantities=self.freeze_quantities,
            not_after=self.timing.not_after,
        )

    async def _is_planned(self, run: Run) -> bool:
        """Whether an earlier attempt planned this run's orders or gave it up. Planning anew could double them:
        the strategy may have been changed in between."""
        stored = await self.runs.run(run.user_id, run.date, run.run_id)
        if stored is None or stored.status is not RunStatus.PREPARING:
            return True
        return bool(await self.runs.orders_of_run(run.user_id, run.date, run.run_id))

    async def _present(self, carried: Strategy) -> Strategy:
        """The strategy as it is now, read strongly: the due index may be a moment behind."""
        present = await self.strategies.strategy(carried.user_id, carried.strategy_id)
        if present is None:
            raise PlanningError("the strategy was deleted")
        if not present.definition.enabled:
            raise PlanningError("the strategy was disabled")
        if present.version != carried.version and present.definition.schedule != carried.definition.schedule:
            raise PlanningError("the schedule was changed just before its minute; the new one applies")
        unknown = not_carried_out(present.definition)
        if unknown:
            raise PlanningError(f"it uses rules that are not carried out: {', '.join(unknown)}")
        return present

    async def _basket(self, strategy: Strategy) -> Basket | None:
        """The strategy's basket, read strongly. Raises BasketOff when it is switched off, and PlanningError when
        it is gone: its multiplier would be a guess."""
        basket_id = strategy.definition.basket_id
        if basket_id is None:
            return None
        basket = await self.strategies.basket(strategy.user_id, basket_id)
        if basket is None:
            raise PlanningError(f"basket_id: the basket {basket_id!r} was deleted; choose another")
        if not basket.definition.enabled:
            raise BasketOff(f"its basket {basket_id!r} is switched off")
        return basket

    async def _check_may_enter(self, strategy: Strategy, tick: Tick, accounts: Mapping[str, Account]) -> None:
        control = await self.controls.control()
        day = self.calendar.with_changes(control.changes).day(tick.date)
        session = day.session_at(tick.instant)
        if session is None:
            raise PlanningError(f"{tick} is in no session: {day.reason}")
        leave = strategy.definition.schedule.times_on(day.due_day or "")[1]
        if day.session_at(tick.at(leave)) is None:
            raise PlanningError(
                f"schedule.exit: {leave} is not before today's close at {session.closes:%H:%M} ({day.reason})"
            )
        for account_id in (None, *sorted(strategy.definition.account_ids())):
            halt = control.halt_of(strategy.user_id, account_id, strategy.strategy_id)
            if halt:
                raise PlanningError(halt)
        for account_id in sorted(strategy.definition.account_ids()):
            if account_id not in accounts:
                raise PlanningError(f"account {account_id!r} is not linked; link it or change the allocation")

    async def _leave(self, strategy: Strategy, tick: Tick) -> Sequence[Intent]:
        run = await self.runs.run(strategy.user_id, tick.date, strategy.run_id(tick.date))
        if run is None or run.status in CLOSED:
            return []
        orders = await self.runs.orders_of_run(run.user_id, run.date, run.run_id)
        exits = [order for order in orders if order.intent.phase is Phase.EXIT]
        if not any(order.intent.intended_at == tick for order in exits):
            intents = plan_exit(
                run.user_id,
                closable_positions(orders),
                tick,
                attempt=1 + max((order.intent.attempt for order in exits), default=0),
                freeze_quantities=self.freeze_quantities,
                not_after=self.timing.not_after,
            )
            if intents:
                await self.runs.plan(intents)
                await self.runs.conclude(run, Verdict(RunStatus.EXITING, f"{len(intents)} closing orders planned"))
        return await self._planned_before(run, Phase.EXIT, tick)

    async def _planned_before(self, run: Run, phase: Phase, tick: Tick) -> list[Intent]:
        orders = await self.runs.orders_of_run(run.user_id, run.date, run.run_id)
        return [
            order.intent
            for order in orders
            if order.intent.phase is phase and order.intent.intended_at == tick and order.state.status not in FINAL
        ]

    async def _let_go(self, strategy: Strategy, tick: Tick, reason: str) -> None:
        """End a run that an attempt before this one began and did not plan; without one there is nothing to end."""
        run = await self.runs.run(strategy.user_id, tick.date, strategy.run_id(tick.date))
        if run is not None and not await self._is_planned(run):
            await self.runs.conclude(run, Verdict(RunStatus.REFUSED, reason))

    async def _fail(self, due: Due, tick: Tick, reason: str) -> None:
        """Write the reason on the run and say it aloud: entries end refused, exits leave it incomplete.

        A run whose orders another invocation has planned is left to that one. Told before it is written: who dies in
        between tells it twice, not never.
        """
        is_entry = due.phase is Phase.ENTRY
        status = RunStatus.REFUSED if is_entry else RunStatus.INCOMPLETE
        run = run_of(due.strategy, tick, status, reason)
        if is_entry and await self.runs.orders_of_run(run.user_id, run.date, run.run_id):
            return
        await self.events.publish([run_event("RunRefused" if is_entry else "RunIncomplete", run)])
        if not await self.runs.begin_run(run):
            if is_entry and await self.runs.orders_of_run(run.user_id, run.date, run.run_id):
                return
            await self.runs.conclude(run, Verdict(status, reason))


def _as_traded(strategy: Strategy, accounts: Mapping[str, Account]) -> Strategy:
    """The strategy with the accounts that trade it. Raises PlanningError when paper accounts are missing."""
    if strategy.definition.mode == "live":
        return strategy
    from lambdas.domain.on_paper import as_traded

    traded = as_traded(strategy.definition, accounts)
    if traded.problems:
        raise PlanningError("; ".join(traded.problems))
    return strategy.model_copy(update={"definition": traded.definition})


def _plan_in_words(intents: Sequence[Intent], resolved: Resolved) -> str:
    legs = "; ".join(f"leg {leg.number} {leg.contract}: {leg.reason}" for leg in resolved.legs)
    return f"{len(intents)} orders planned at spot {resolved.market.spot}. {legs}"
