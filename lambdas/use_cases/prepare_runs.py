"""From the work of one user at one tick to intents in the ledger."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lambdas.domain.accounts import Account
from lambdas.domain.due import Due
from lambdas.domain.intents import FINAL, Intent, Phase
from lambdas.domain.moments import Tick
from lambdas.domain.planning import Chain, PlanningError, closable_positions, nearest_expiry, plan_entry, plan_exit
from lambdas.domain.runs import CLOSED, Run, RunStatus, Verdict
from lambdas.domain.strategy import Strategy
from lambdas.domain.timing import Timing
from lambdas.domain.trading_calendar import TradingCalendar
from lambdas.ports.broker import BrokerError
from lambdas.ports.brokers import Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.events import Events
from lambdas.ports.secrets import SecretMissing, Secrets
from lambdas.ports.store import AccountStore, ContractStore, ControlStore, RunStore, StrategyStore
from lambdas.use_cases.miss_entry import run_event, run_of

MAX_ORDERS_OF_A_RUN = 99
"""One transaction of at most 100 writes plans a run: its intents and its status, all of them or none."""


@dataclass(frozen=True)
class Prepared:
    """What the workflow goes on with: the runs touched, and for each account the intents to send."""

    run_ids: tuple[str, ...]
    intent_ids: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class RunPreparer:
    """Turns due work into intents. One bad strategy fails alone, and its run says why."""

    strategies: StrategyStore
    accounts: AccountStore
    controls: ControlStore
    contracts: ContractStore
    runs: RunStore
    secrets: Secrets
    brokers: Brokers
    events: Events
    clock: Clock
    calendar: TradingCalendar
    timing: Timing
    freeze_quantities: Mapping[str, int]

    async def prepare(self, user_id: str, tick: Tick, work: Sequence[Due]) -> Prepared:
        """Prepare every entry and exit. Safe to repeat: what is in the ledger is taken from there."""
        accounts = {account.account_id: account for account in await self.accounts.accounts(user_id)}
        spots: dict[str, Decimal] = {}
        run_ids: list[str] = []
        by_account: dict[str, list[str]] = defaultdict(list)
        for due in work:
            if due.strategy.user_id != user_id:
                raise ValueError(f"work of {due.strategy.user_id} in the workflow of {user_id}")
            try:
                if due.phase is Phase.ENTRY:
                    intents = await self._enter(due.strategy, tick, accounts, spots)
                else:
                    intents = await self._leave(due.strategy, tick)
            except (PlanningError, BrokerError, SecretMissing, ValueError) as error:
                await self._fail(due, tick, str(error))
                continue
            if intents:
                run_ids.append(due.strategy.run_id(tick.date))
            for intent in intents:
                by_account[intent.account_id].append(intent.intent_id)
        return Prepared(tuple(run_ids), {account: tuple(ids) for account, ids in by_account.items()})

    async def _enter(
        self, carried: Strategy, tick: Tick, accounts: Mapping[str, Account], spots: dict[str, Decimal]
    ) -> Sequence[Intent]:
        strategy = await self._present(carried)
        run = run_of(strategy, tick, RunStatus.PREPARING, "choosing contracts")
        if not await self.runs.begin_run(run) and await self._is_planned(run):
            return await self._planned_before(run, Phase.ENTRY, tick)
        await self._check_may_enter(strategy, tick, accounts)
        spot = await self._spot(strategy, accounts, spots)
        chains = await self._chains(strategy, tick, accounts)
        intents = plan_entry(
            strategy,
            tick,
            spot=spot,
            chains=chains,
            freeze_quantities=self.freeze_quantities,
            not_after=self.timing.not_after,
        )
        if len(intents) > MAX_ORDERS_OF_A_RUN:
            raise PlanningError(
                f"{len(intents)} orders at once are more than {MAX_ORDERS_OF_A_RUN}: split the strategy"
            )
        verdict = Verdict(RunStatus.ENTERING, f"{len(intents)} orders planned at spot {spot}")
        await self.runs.plan(intents, moving=(run, verdict))
        return await self._planned_before(run, Phase.ENTRY, tick)

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
        return present

    async def _check_may_enter(self, strategy: Strategy, tick: Tick, accounts: Mapping[str, Account]) -> None:
        day = self.calendar.day(tick.date)
        if day.session_at(tick.instant) is None:
            raise PlanningError(f"{tick} is in no session: {day.reason}")
        halt = (await self.controls.control()).halt_of(strategy.user_id)
        if halt:
            raise PlanningError(halt)
        for account_id in sorted(strategy.definition.account_ids()):
            if account_id not in accounts:
                raise PlanningError(f"account {account_id!r} is not linked; link it or change the allocation")

    async def _spot(self, strategy: Strategy, accounts: Mapping[str, Account], spots: dict[str, Decimal]) -> Decimal:
        """The underlying's spot (rupees) from the first of the strategy's accounts that answers."""
        underlying = strategy.definition.underlying
        if underlying in spots:
            return spots[underlying]
        failures: list[str] = []
        for account_id in sorted(strategy.definition.account_ids()):
            account = accounts[account_id]
            problem = account.session_problem(self.clock.now())
            if problem:
                failures.append(problem)
                continue
            try:
                broker = self.brokers.open(account, await self.secrets.read(account.user_id, account_id))
                try:
                    spots[underlying] = (await broker.index_quote(underlying)).last
                finally:
                    await broker.aclose()
                return spots[underlying]
            except (BrokerError, SecretMissing, ValueError) as error:
                failures.append(f"{account.broker} account {account_id}: {error}")
        raise PlanningError(f"no quote for {underlying}: {'; '.join(failures)}")

    async def _chains(self, strategy: Strategy, tick: Tick, accounts: Mapping[str, Account]) -> dict[str, Chain]:
        underlying = strategy.definition.underlying
        by_broker: dict[str, Chain] = {}
        for broker in {accounts[account_id].broker for account_id in strategy.definition.account_ids()}:
            expiries = await self.contracts.expiries(broker, underlying)
            if not expiries:
                raise PlanningError(f"no instrument master of {broker} is loaded for {underlying}")
            chain = await self.contracts.chain(broker, underlying, nearest_expiry(expiries, tick.date))
            if chain is None:
                raise PlanningError(f"the instrument master of {broker} is incomplete for {underlying}")
            by_broker[broker] = chain
        if len({chain.expiry for chain in by_broker.values()}) > 1:
            found = ", ".join(f"{chain.broker} {chain.expiry}" for chain in by_broker.values())
            raise PlanningError(f"the brokers' masters disagree on the nearest expiry: {found}")
        return {account_id: by_broker[accounts[account_id].broker] for account_id in strategy.definition.account_ids()}

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
                attempt=1 + len({order.intent.intended_at for order in exits}),
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

    async def _fail(self, due: Due, tick: Tick, reason: str) -> None:
        """Write the reason on the run and say it aloud: entries end refused, exits leave it incomplete.

        A run whose orders another invocation has planned is left to that one.
        """
        is_entry = due.phase is Phase.ENTRY
        status = RunStatus.REFUSED if is_entry else RunStatus.INCOMPLETE
        run = run_of(due.strategy, tick, status, reason)
        if not await self.runs.begin_run(run):
            if is_entry and await self.runs.orders_of_run(run.user_id, run.date, run.run_id):
                return
            await self.runs.conclude(run, Verdict(status, reason))
        await self.events.publish([run_event("RunRefused" if is_entry else "RunIncomplete", run)])
