"""Everything that a use case needs, in memory, on a virtual clock."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import shared_config
from lambdas.domain.accounts import Account
from lambdas.domain.control import Lease
from lambdas.domain.due import Due
from lambdas.domain.intents import Intent, Order, OrderState, Phase
from lambdas.domain.moments import Tick
from lambdas.domain.runs import Run
from lambdas.domain.strategy import Strategy
from lambdas.domain.trading_calendar import SessionRule, TradingCalendar
from lambdas.ports.secrets import AccountSecret
from lambdas.use_cases.compare_books import BookComparer
from lambdas.use_cases.confirm_orders import OrderConfirmer
from lambdas.use_cases.dispatch_tick import TickDispatcher
from lambdas.use_cases.mark_runs import RunMarker
from lambdas.use_cases.place_orders import OrderPlacer
from lambdas.use_cases.prepare_runs import RunPreparer
from lambdas.use_cases.read_market import MarketReader
from lambdas.use_cases.reconcile import Reconciler
from lambdas.use_cases.settle_runs import RunSettler
from lambdas.use_cases.trading_day import TradingDayLoop
from tests.doubles.accounts import MemoryAccounts
from tests.doubles.broker import FakeBroker
from tests.doubles.brokers import FakeBrokers
from tests.doubles.clock import VirtualClock
from tests.doubles.comparisons import MemoryComparisons
from tests.doubles.contracts import MemoryContracts
from tests.doubles.controls import MemoryControls
from tests.doubles.events import RecordedEvents, RecordedWorkflows
from tests.doubles.examples import FREEZE, TICK, TIMING, USER, an_account, at, listings_of
from tests.doubles.limits import MemoryLimits
from tests.doubles.logins import MemoryLogins
from tests.doubles.loop import MemoryLoop
from tests.doubles.marks import MemoryMarks
from tests.doubles.runs import MemoryRuns
from tests.doubles.secrets import MemorySecrets
from tests.doubles.strategies import MemoryStrategies

DOCUMENT = json.loads((Path(shared_config.__file__).parent / "calendar" / "2026.json").read_text("utf-8"))
CALENDAR = TradingCalendar.from_documents(SessionRule.EXCHANGE, [DOCUMENT])
RAN_SINCE_THE_OPEN = Lease("earlier", 0, at("09:00"), str(TICK))
"""An earlier loop has dealt with every minute before the tick, and is not alive any more."""


class Scene:
    """The stores, brokers and clock of one test, and the use cases over them."""

    def __init__(self, start: datetime | None = None, *, first_loop: bool = False) -> None:
        self.clock = VirtualClock(start or at("09:19:45"))
        self.strategies = MemoryStrategies()
        self.accounts = MemoryAccounts()
        self.calendar = CALENDAR
        self.controls = MemoryControls()
        self.limits = MemoryLimits()
        self.comparisons = MemoryComparisons()
        self.contracts = MemoryContracts()
        self.runs = MemoryRuns()
        self.marks = MemoryMarks(self.runs)
        self.loop = MemoryLoop({} if first_loop else {TICK.date: RAN_SINCE_THE_OPEN})
        self.secrets = MemorySecrets()
        self.logins = MemoryLogins()
        self.events = RecordedEvents()
        self.workflows = RecordedWorkflows()
        self.brokers = FakeBrokers(self.clock)
        self.freeze = FREEZE

    async def link(self, account: Account | None = None) -> FakeBroker:
        """Link an account that is logged in; its broker."""
        account = account or an_account()
        await self.accounts.save_account(account)
        await self.secrets.write(account.user_id, account.account_id, AccountSecret({"api_key": "key"}))
        broker = FakeBroker(self.clock, client_id=account.account_id)
        self.brokers.accounts[account.user_id, account.account_id] = broker
        return broker

    async def load_masters(self) -> None:
        """Today's NIFTY at both brokers."""
        for broker in ("zerodha", "angel_one"):
            await self.contracts.save_listings(broker, TICK.date, listings_of())

    async def plan(self, *intents: Intent) -> list[str]:
        """Write intents into the ledger; their ids."""
        assert await self.runs.plan(intents)
        return [intent.intent_id for intent in intents]

    def put(self, *orders: Order) -> None:
        """Write orders into the ledger as they are."""
        for order in orders:
            self.runs.put(order)

    async def states(self, user_id: str = USER, tick: Tick = TICK) -> dict[str, OrderState]:
        """What the ledger knows of a user's day, by intent."""
        day = await self.runs.day(user_id, tick.date)
        return {order.intent.intent_id: order.state for order in day.orders}

    async def state(self, intent: Intent) -> OrderState:
        """What the ledger knows of one intent."""
        return (await self.states(intent.user_id, intent.intended_at))[intent.intent_id]

    async def run(self, strategy: Strategy, tick: Tick = TICK) -> Run:
        """The run of a strategy on a day."""
        run = await self.runs.run(strategy.user_id, tick.date, strategy.run_id(tick.date))
        assert run is not None
        return run

    @property
    def day(self) -> TradingDayLoop:
        return TradingDayLoop(self.loop, self.controls, self.calendar, self.clock, TIMING)

    @property
    def dispatcher(self) -> TickDispatcher:
        return TickDispatcher(
            day=self.day,
            strategies=self.strategies,
            controls=self.controls,
            runs=self.runs,
            loop=self.loop,
            workflows=self.workflows,
            events=self.events,
            clock=self.clock,
            calendar=self.calendar,
        )

    @property
    def preparer(self) -> RunPreparer:
        return RunPreparer(
            strategies=self.strategies,
            accounts=self.accounts,
            controls=self.controls,
            limits=self.limits,
            runs=self.runs,
            markets=MarketReader(self.contracts, self.secrets, self.brokers, self.clock),
            events=self.events,
            clock=self.clock,
            calendar=self.calendar,
            timing=TIMING,
            freeze_quantities=self.freeze,
        )

    @property
    def placer(self) -> OrderPlacer:
        return OrderPlacer(
            accounts=self.accounts,
            controls=self.controls,
            limits=self.limits,
            strategies=self.strategies,
            runs=self.runs,
            secrets=self.secrets,
            brokers=self.brokers,
            clock=self.clock,
            calendar=self.calendar,
            timing=TIMING,
        )

    @property
    def confirmer(self) -> OrderConfirmer:
        return OrderConfirmer(self.accounts, self.runs, self.secrets, self.brokers, self.clock, TIMING)

    @property
    def settler(self) -> RunSettler:
        return RunSettler(self.runs, self.controls, self.events, self.clock, self.calendar, TIMING, self.freeze)

    @property
    def reconciler(self) -> Reconciler:
        return Reconciler(self.runs, self.confirmer, self.settler, self.workflows, self.clock, TIMING)

    @property
    def marker(self) -> RunMarker:
        return RunMarker(
            accounts=self.accounts,
            runs=self.runs,
            marks=self.marks,
            controls=self.controls,
            secrets=self.secrets,
            brokers=self.brokers,
            calendar=self.calendar,
            clock=self.clock,
        )

    @property
    def comparer(self) -> BookComparer:
        return BookComparer(
            accounts=self.accounts,
            runs=self.runs,
            comparisons=self.comparisons,
            secrets=self.secrets,
            brokers=self.brokers,
            events=self.events,
            clock=self.clock,
            timing=TIMING,
        )


def entries(strategies: Iterable[Strategy]) -> Sequence[Due]:
    """The entries of these strategies as due work."""
    return [Due(strategy, Phase.ENTRY) for strategy in strategies]


def exits(strategies: Iterable[Strategy]) -> Sequence[Due]:
    """The exits of these strategies as due work."""
    return [Due(strategy, Phase.EXIT) for strategy in strategies]
