"""The one place that wires ports to adapters.

Adapters are imported inside the property that builds them, so that a function loads only what it uses.
"""

import asyncio
import json
import os
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import shared_config
from lambdas.domain.timing import Timing
from lambdas.domain.trading_calendar import SessionRule, TradingCalendar
from shared_config.names import (
    ENV_API_URL,
    ENV_EGRESS_ADDRESS,
    ENV_EVENT_BUS,
    ENV_EXECUTE_TICK,
    ENV_POSTBACKS,
    ENV_RUNTIME,
    ENV_SECRETS_KEY,
    ENV_SECRETS_PREFIX,
    ENV_TABLE,
)
from shared_config.runtime import Runtime

if TYPE_CHECKING:
    from lambdas.adapters.brokers.gateway import BrokerGateway
    from lambdas.adapters.clock import SystemClock
    from lambdas.adapters.dynamo.accounts import DynamoAccounts
    from lambdas.adapters.dynamo.comparisons import DynamoComparisons
    from lambdas.adapters.dynamo.contracts import DynamoContracts
    from lambdas.adapters.dynamo.controls import DynamoControls
    from lambdas.adapters.dynamo.limits import DynamoLimits
    from lambdas.adapters.dynamo.logins import DynamoLogins
    from lambdas.adapters.dynamo.loop import DynamoLoop
    from lambdas.adapters.dynamo.marks import DynamoMarks
    from lambdas.adapters.dynamo.rates import DynamoRates
    from lambdas.adapters.dynamo.runs import DynamoRuns
    from lambdas.adapters.dynamo.strategies import DynamoStrategies
    from lambdas.adapters.dynamo.table import Table
    from lambdas.adapters.events.event_bridge import EventBridge
    from lambdas.adapters.events.order_times import OrderTimes
    from lambdas.adapters.events.step_functions import StateMachine
    from lambdas.adapters.secrets.sealed_table import SealedTable
    from lambdas.adapters.secrets.secrets_manager import SecretsManager
    from lambdas.domain.accounts import Account
    from lambdas.ports.broker import Broker
    from lambdas.ports.secrets import AccountSecret
    from lambdas.use_cases.broker_accounts import AccountLinker
    from lambdas.use_cases.change_calendar import CalendarChanger
    from lambdas.use_cases.change_strategy import StrategyChanger
    from lambdas.use_cases.check_egress import EgressChecker
    from lambdas.use_cases.check_sessions import SessionChecker
    from lambdas.use_cases.close_runs import RunCloser
    from lambdas.use_cases.compare_books import BookComparer
    from lambdas.use_cases.confirm_orders import OrderConfirmer
    from lambdas.use_cases.dispatch_tick import TickDispatcher
    from lambdas.use_cases.give_up import LostMinutes
    from lambdas.use_cases.keep_accounts import AccountKeeper
    from lambdas.use_cases.keep_baskets import BasketKeeper
    from lambdas.use_cases.keep_limits import LimitKeeper
    from lambdas.use_cases.kill_switch import KillSwitch
    from lambdas.use_cases.load_contracts import MasterLoader
    from lambdas.use_cases.log_in import LoginDesk
    from lambdas.use_cases.mark_runs import RunMarker
    from lambdas.use_cases.place_orders import OrderPlacer
    from lambdas.use_cases.prepare_runs import RunPreparer
    from lambdas.use_cases.preview_strategy import StrategyPreviewer
    from lambdas.use_cases.probe_account import AccountProbe
    from lambdas.use_cases.read_market import MarketReader
    from lambdas.use_cases.read_postbacks import PostbackReader
    from lambdas.use_cases.reconcile import Reconciler
    from lambdas.use_cases.report_days import DayReporter
    from lambdas.use_cases.save_strategy import StrategySaver
    from lambdas.use_cases.settle_runs import RunSettler
    from lambdas.use_cases.square_off import SquareOff
    from lambdas.use_cases.switch_halts import HaltSwitch
    from lambdas.use_cases.take_postback import PostbackTaker
    from lambdas.use_cases.tell_day import DayTeller
    from lambdas.use_cases.tell_postback import PostbackDesk
    from lambdas.use_cases.tell_status import StrategyStatus
    from lambdas.use_cases.trading_day import TradingDayLoop
    from lambdas.use_cases.transfer_strategies import StrategyTransfer

Result = TypeVar("Result")


class Misconfigured(RuntimeError):
    """A function was deployed without something that it needs; the message names the variable."""


CALLS_AT_ONCE = 40
"""Calls to AWS that may be on their way at the same time; asyncio alone would allow the processors plus 4."""


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run one use case to its end."""
    return asyncio.run(_with_enough_threads(work))


async def _with_enough_threads(work: Coroutine[Any, Any, Result]) -> Result:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(CALLS_AT_ONCE))
    return await work


@dataclass(frozen=True)
class Application:
    """Everything that a function may use, built on first use and kept while the function is warm."""

    variables: Mapping[str, str]

    @classmethod
    def from_environment(cls) -> Self:
        """The application of this process, from its environment variables."""
        return cls(os.environ)

    def variable(self, name: str) -> str:
        """A variable that must be set. Raises Misconfigured naming it."""
        value = self.variables.get(name)
        if not value:
            raise Misconfigured(f"the environment variable {name} is not set on this function")
        return value

    @cached_property
    def runtime(self) -> Runtime:
        """The validated settings."""
        return Runtime.model_validate_json(self.variable(ENV_RUNTIME))

    @cached_property
    def timing(self) -> Timing:
        """Durations around a tick."""
        timing = self.runtime.timing
        return Timing(
            lead=timedelta(seconds=timing.lead_seconds),
            not_after=timedelta(seconds=timing.not_after_seconds),
            confirm=timedelta(seconds=timing.confirm_seconds),
            poll=timedelta(milliseconds=timing.poll_ms),
            heartbeat_grace=timedelta(seconds=timing.heartbeat_grace_seconds),
        )

    @cached_property
    def calendar(self) -> TradingCalendar:
        """The trading days of the dated files; who asks puts the changes in force on top."""
        folder = Path(shared_config.__file__).with_name(self.runtime.market.calendar)
        documents = [json.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.json"))]
        return TradingCalendar.from_documents(SessionRule(self.runtime.market.sessions), documents)

    @cached_property
    def clock(self) -> "SystemClock":
        """The machine's clock."""
        from lambdas.adapters.clock import SystemClock

        return SystemClock(timedelta(milliseconds=self.runtime.timing.guard_ms))

    @cached_property
    def table(self) -> "Table":
        """The one table."""
        from lambdas.adapters.dynamo.table import Table, connect

        return Table(connect(), self.variable(ENV_TABLE))

    @cached_property
    def strategies(self) -> "DynamoStrategies":
        """Strategies and the due index."""
        from lambdas.adapters.dynamo.strategies import DynamoStrategies

        return DynamoStrategies(self.table, self.runtime.limits.due_shards)

    @cached_property
    def accounts(self) -> "DynamoAccounts":
        """Linked accounts."""
        from lambdas.adapters.dynamo.accounts import DynamoAccounts

        return DynamoAccounts(self.table)

    @cached_property
    def logins(self) -> "DynamoLogins":
        """Logins that have begun."""
        from lambdas.adapters.dynamo.logins import DynamoLogins

        return DynamoLogins(self.table)

    @cached_property
    def controls(self) -> "DynamoControls":
        """Trading switches and changes of the calendar."""
        from lambdas.adapters.dynamo.controls import DynamoControls

        return DynamoControls(self.table)

    @cached_property
    def limits(self) -> "DynamoLimits":
        """What users allow at most."""
        from lambdas.adapters.dynamo.limits import DynamoLimits

        return DynamoLimits(self.table)

    @cached_property
    def contracts(self) -> "DynamoContracts":
        """Instrument masters."""
        from lambdas.adapters.dynamo.contracts import DynamoContracts

        return DynamoContracts(self.table)

    @cached_property
    def runs(self) -> "DynamoRuns":
        """Runs and the ledger of intents."""
        from lambdas.adapters.dynamo.runs import DynamoRuns

        return DynamoRuns(self.table)

    @cached_property
    def marks(self) -> "DynamoMarks":
        """What open contracts were last worth, and the profit of days."""
        from lambdas.adapters.dynamo.marks import DynamoMarks

        return DynamoMarks(self.table)

    @cached_property
    def comparisons(self) -> "DynamoComparisons":
        """What was last found when accounts were compared with their brokers."""
        from lambdas.adapters.dynamo.comparisons import DynamoComparisons

        return DynamoComparisons(self.table)

    @cached_property
    def rates(self) -> "DynamoRates":
        """What each account asked of its broker of late."""
        from lambdas.adapters.dynamo.rates import DynamoRates

        return DynamoRates(self.table)

    @cached_property
    def loop(self) -> "DynamoLoop":
        """The lease of the trading day."""
        from lambdas.adapters.dynamo.loop import DynamoLoop

        return DynamoLoop(self.table)

    @cached_property
    def secrets(self) -> "SecretsManager | SealedTable":
        """Credentials and session tokens, kept as the configuration says."""
        if self.runtime.secrets.store == "sealed_table":
            return self._sealed_table()
        from lambdas.adapters.secrets.secrets_manager import SecretsManager, connect

        return SecretsManager(connect(), self.variable(ENV_SECRETS_PREFIX))

    def _sealed_table(self) -> "SealedTable":
        from lambdas.adapters.secrets.envelope import Envelope, connect
        from lambdas.adapters.secrets.sealed_table import SealedTable

        return SealedTable(self.table, Envelope(connect(), self.variable(ENV_SECRETS_KEY)))

    @cached_property
    def events(self) -> "EventBridge":
        """The event bus."""
        from lambdas.adapters.events.event_bridge import EventBridge, connect

        return EventBridge(connect(), self.variable(ENV_EVENT_BUS))

    def workflow(self, variable: str) -> "StateMachine":
        """The state machine whose address is in a variable."""
        from lambdas.adapters.events.step_functions import StateMachine, connect

        return StateMachine(connect(), self.variable(variable))

    @cached_property
    def brokers(self) -> "BrokerGateway":
        """Broker accounts, reached as the configuration says."""
        from lambdas.adapters.brokers.endpoints import Endpoints
        from lambdas.adapters.brokers.gateway import BrokerGateway

        endpoints = {
            name: Endpoints(
                api_url=urls.api_url,
                login_url=urls.login_url,
                master_url=urls.master_url,
                order_url=urls.order_url or urls.api_url,
            )
            for name, urls in self.runtime.brokers.items()
        }
        proxies = {name: route.proxy_url for name, route in self.runtime.egress.items()}
        return BrokerGateway(endpoints, proxies, self.clock, self.rates, self._open_paper)

    def _open_paper(self, account: "Account", secret: "AccountSecret") -> "Broker":
        from lambdas.adapters.brokers.paper.adapter import PaperDesk
        from lambdas.adapters.brokers.paper.source import source_of
        from lambdas.adapters.brokers.registry import open_paper
        from lambdas.adapters.dynamo.paper import DynamoPaper

        desk = PaperDesk(DynamoPaper(self.table), self.contracts)
        open_source = source_of(
            account, accounts=self.accounts, secrets=self.secrets, brokers=self.brokers, clock=self.clock
        )
        return open_paper(account, secret, desk=desk, open_source=open_source, clock=self.clock)

    @cached_property
    def trading_day(self) -> "TradingDayLoop":
        """The loop of the day."""
        from lambdas.use_cases.trading_day import TradingDayLoop

        return TradingDayLoop(self.loop, self.controls, self.calendar, self.clock, self.timing)

    @cached_property
    def lost_minutes(self) -> "LostMinutes":
        """Says at the end of a day what was missed."""
        from lambdas.use_cases.give_up import LostMinutes

        return LostMinutes(self.strategies, self.controls, self.runs, self.events, self.calendar)

    @cached_property
    def dispatcher(self) -> "TickDispatcher":
        """Finds and starts the work of a minute."""
        from lambdas.use_cases.dispatch_tick import TickDispatcher

        return TickDispatcher(
            day=self.trading_day,
            strategies=self.strategies,
            controls=self.controls,
            runs=self.runs,
            loop=self.loop,
            workflows=self.workflow(ENV_EXECUTE_TICK),
            events=self.events,
            clock=self.clock,
            calendar=self.calendar,
        )

    @cached_property
    def calendar_changer(self) -> "CalendarChanger":
        """Changes single days of the calendar."""
        from lambdas.use_cases.change_calendar import CalendarChanger

        return CalendarChanger(self.controls, self.calendar, self.clock)

    @cached_property
    def markets(self) -> "MarketReader":
        """Spots, chains and quotes through users' accounts."""
        from lambdas.use_cases.read_market import MarketReader

        return MarketReader(self.contracts, self.secrets, self.brokers, self.clock)

    @cached_property
    def preparer(self) -> "RunPreparer":
        """Plans the intents of a tick."""
        from lambdas.use_cases.prepare_runs import RunPreparer

        return RunPreparer(
            strategies=self.strategies,
            accounts=self.accounts,
            controls=self.controls,
            limits=self.limits,
            runs=self.runs,
            markets=self.markets,
            events=self.events,
            clock=self.clock,
            calendar=self.calendar,
            timing=self.timing,
            freeze_quantities=self.runtime.market.freeze_quantities,
        )

    @cached_property
    def order_times(self) -> "OrderTimes":
        """How exactly orders are sent."""
        from lambdas.adapters.events.order_times import OrderTimes

        return OrderTimes()

    @cached_property
    def placer(self) -> "OrderPlacer":
        """Sends the orders of one account."""
        from lambdas.use_cases.place_orders import OrderPlacer

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
            timing=self.timing,
            meter=self.order_times,
        )

    @cached_property
    def confirmer(self) -> "OrderConfirmer":
        """Follows orders to their end."""
        from lambdas.use_cases.confirm_orders import OrderConfirmer

        return OrderConfirmer(
            accounts=self.accounts,
            runs=self.runs,
            secrets=self.secrets,
            brokers=self.brokers,
            clock=self.clock,
            timing=self.timing,
        )

    @cached_property
    def settler(self) -> "RunSettler":
        """Says what became of runs."""
        from lambdas.use_cases.settle_runs import RunSettler

        return RunSettler(
            runs=self.runs,
            controls=self.controls,
            events=self.events,
            clock=self.clock,
            calendar=self.calendar,
            timing=self.timing,
            freeze_quantities=self.runtime.market.freeze_quantities,
        )

    @cached_property
    def closer(self) -> "RunCloser":
        """Squares runs off."""
        from lambdas.use_cases.close_runs import RunCloser

        freeze_quantities = self.runtime.market.freeze_quantities
        return RunCloser(self.runs, self.confirmer, self.clock, self.timing, freeze_quantities)

    @cached_property
    def halt_switch(self) -> "HaltSwitch":
        """Stops entries and allows them again."""
        from lambdas.use_cases.switch_halts import HaltSwitch

        return HaltSwitch(self.controls, self.clock)

    @cached_property
    def square_off(self) -> "SquareOff":
        """Stops a scope and closes what is open in it."""
        from lambdas.use_cases.square_off import SquareOff

        return SquareOff(self.runs, self.halt_switch, self.workflow(ENV_EXECUTE_TICK), self.clock)

    @cached_property
    def kill_switch(self) -> "KillSwitch":
        """Does what operators ask of it."""
        from lambdas.use_cases.kill_switch import KillSwitch

        return KillSwitch(self.square_off)

    @cached_property
    def reconciler(self) -> "Reconciler":
        """Finishes what workers left in flight."""
        from lambdas.use_cases.reconcile import Reconciler

        workflows = self.workflow(ENV_EXECUTE_TICK)
        return Reconciler(self.runs, self.confirmer, self.settler, workflows, self.clock, self.timing)

    @cached_property
    def postback_taker(self) -> "PostbackTaker":
        """Takes what brokers post."""
        from lambdas.adapters.brokers.postbacks import BrokerPostbacks
        from lambdas.adapters.events.letter_queue import LetterQueue, connect
        from lambdas.use_cases.take_postback import PostbackTaker

        box = LetterQueue(connect(), self.variable(ENV_POSTBACKS))
        return PostbackTaker(self.accounts, self.secrets, BrokerPostbacks(), box)

    @cached_property
    def postback_reader(self) -> "PostbackReader":
        """Looks into what brokers posted."""
        from lambdas.use_cases.read_postbacks import PostbackReader

        return PostbackReader(self.accounts, self.runs, self.secrets, self.brokers, self.reconciler, self.clock)

    @cached_property
    def postback_desk(self) -> "PostbackDesk":
        """Tells where brokers post to."""
        from lambdas.use_cases.tell_postback import PostbackDesk

        return PostbackDesk(self.accounts, self.secrets, self.brokers, self.variable(ENV_API_URL))

    @cached_property
    def book_comparer(self) -> "BookComparer":
        """Compares accounts with their brokers."""
        from lambdas.use_cases.compare_books import BookComparer

        return BookComparer(
            accounts=self.accounts,
            runs=self.runs,
            comparisons=self.comparisons,
            secrets=self.secrets,
            brokers=self.brokers,
            events=self.events,
            clock=self.clock,
            timing=self.timing,
        )

    @cached_property
    def master_loader(self) -> "MasterLoader":
        """Loads instrument masters."""
        from lambdas.use_cases.load_contracts import MasterLoader

        return MasterLoader(
            accounts=self.accounts,
            controls=self.controls,
            contracts=self.contracts,
            secrets=self.secrets,
            brokers=self.brokers,
            events=self.events,
            clock=self.clock,
            calendar=replace(self.calendar, rule=SessionRule.EXCHANGE),
            underlyings=frozenset(self.runtime.market.freeze_quantities),
        )

    @cached_property
    def egress_checker(self) -> "EgressChecker":
        """Compares public addresses with the registered ones."""
        from lambdas.adapters.public_address import WebPublicAddress
        from lambdas.use_cases.check_egress import EgressChecker, Route

        routes = {name: Route(route.proxy_url, route.expected_ip) for name, route in self.runtime.egress.items()}
        return EgressChecker(routes, WebPublicAddress(self.runtime.egress_check_url), self.events)

    @cached_property
    def egress_addresses(self) -> Mapping[str, IPv4Address | None]:
        """The static address of each egress route; None where none is configured."""
        told = self.variables.get(ENV_EGRESS_ADDRESS)
        of_network = IPv4Address(told) if told else None
        return {name: route.static_address(of_network) for name, route in self.runtime.egress.items()}

    @cached_property
    def account_linker(self) -> "AccountLinker":
        """Links accounts."""
        from lambdas.use_cases.broker_accounts import AccountLinker

        return AccountLinker(
            accounts=self.accounts,
            secrets=self.secrets,
            runs=self.runs,
            brokers=self.brokers,
            clock=self.clock,
            egress_routes=frozenset(self.runtime.egress),
        )

    @cached_property
    def account_keeper(self) -> "AccountKeeper":
        """Renames, switches and unlinks accounts, and keeps what their orders carry."""
        from lambdas.use_cases.keep_accounts import AccountKeeper

        return AccountKeeper(self.accounts, self.secrets, self.strategies, self.runs, self.brokers, self.clock)

    @cached_property
    def login_desk(self) -> "LoginDesk":
        """Begins and finishes logins at brokers."""
        from secrets import token_urlsafe

        from lambdas.use_cases.log_in import LoginDesk

        return LoginDesk(
            accounts=self.accounts,
            secrets=self.secrets,
            logins=self.logins,
            controls=self.controls,
            brokers=self.brokers,
            clock=self.clock,
            new_state=token_urlsafe,
        )

    @cached_property
    def account_probe(self) -> "AccountProbe":
        """Tries accounts out."""
        from lambdas.use_cases.probe_account import AccountProbe

        return AccountProbe(self.accounts, self.secrets, self.brokers, self.clock)

    @cached_property
    def session_checker(self) -> "SessionChecker":
        """Checks the sessions of all users."""
        from lambdas.use_cases.check_sessions import SessionChecker

        return SessionChecker(
            accounts=self.accounts,
            secrets=self.secrets,
            strategies=self.strategies,
            controls=self.controls,
            brokers=self.brokers,
            events=self.events,
            clock=self.clock,
            calendar=self.calendar,
        )

    @cached_property
    def strategy_status(self) -> "StrategyStatus":
        """Tells which strategies would not trade, and when each runs next."""
        from lambdas.use_cases.tell_status import StrategyStatus

        return StrategyStatus(self.strategies, self.accounts, self.controls, self.clock, self.calendar)

    @cached_property
    def strategy_saver(self) -> "StrategySaver":
        """Checks and stores strategies."""
        from lambdas.use_cases.save_strategy import StrategySaver

        limits = self.runtime.limits
        return StrategySaver(
            strategies=self.strategies,
            accounts=self.accounts,
            controls=self.controls,
            runs=self.runs,
            clock=self.clock,
            calendar=self.calendar,
            max_lots_per_leg=limits.max_lots_per_leg,
            max_strategies_per_user=limits.max_strategies_per_user,
        )

    @cached_property
    def strategy_changer(self) -> "StrategyChanger":
        """Copies strategies and switches them."""
        from lambdas.use_cases.change_strategy import StrategyChanger

        return StrategyChanger(self.strategies, self.strategy_saver)

    @cached_property
    def basket_keeper(self) -> "BasketKeeper":
        """Checks and stores baskets."""
        from lambdas.use_cases.keep_baskets import BasketKeeper

        limits = self.runtime.limits
        return BasketKeeper(
            self.strategies, self.strategy_saver, limits.max_lots_per_leg, limits.max_strategies_per_user
        )

    @cached_property
    def limit_keeper(self) -> "LimitKeeper":
        """Tells and replaces risk limits."""
        from lambdas.use_cases.keep_limits import LimitKeeper

        return LimitKeeper(self.limits, self.accounts, self.runs, self.clock)

    @cached_property
    def run_marker(self) -> "RunMarker":
        """Marks what users hold."""
        from lambdas.use_cases.mark_runs import RunMarker

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

    @cached_property
    def day_teller(self) -> "DayTeller":
        """Tells of a day."""
        from lambdas.use_cases.tell_day import DayTeller

        return DayTeller(self.accounts, self.runs, self.marks, self.controls, self.calendar, self.clock)

    @cached_property
    def day_reporter(self) -> "DayReporter":
        """Tells what a range of days brought."""
        from lambdas.use_cases.report_days import DayReporter

        return DayReporter(self.accounts, self.runs, self.clock)

    @cached_property
    def strategy_transfer(self) -> "StrategyTransfer":
        """Exports and imports strategies and baskets."""
        from lambdas.use_cases.transfer_strategies import StrategyTransfer

        return StrategyTransfer(self.strategies, self.strategy_saver, self.basket_keeper)

    @cached_property
    def strategy_previewer(self) -> "StrategyPreviewer":
        """Shows what a definition would do."""
        from lambdas.use_cases.preview_strategy import StrategyPreviewer

        return StrategyPreviewer(
            strategies=self.strategies,
            accounts=self.accounts,
            controls=self.controls,
            contracts=self.contracts,
            saver=self.strategy_saver,
            markets=self.markets,
            clock=self.clock,
            calendar=self.calendar,
            freeze_quantities=self.runtime.market.freeze_quantities,
        )
