"""What trades, without state of its own: routes, the day's loop, the tick's workflow, operations."""

from typing import Any, Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from shared_config import names
from shared_config.settings import Settings
from stacks.auth_imports import AuthImports, egress_placement
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.alarms import Alarms
from stacks.constructs.api_routes import ApiRoutes
from stacks.constructs.budget import MonthlyBudget
from stacks.constructs.dashboard import OperationsDashboard
from stacks.constructs.dead_letters import DeadLetters
from stacks.constructs.domain_events import DomainEvents
from stacks.constructs.execute_tick import ExecuteTick
from stacks.constructs.postbacks import Postbacks
from stacks.constructs.python_function import WHOLE_CPU_MB, PythonFunction, function_name
from stacks.constructs.secret_store import secret_store
from stacks.constructs.table_access import TableAccess
from stacks.constructs.timetable import Timetable
from stacks.constructs.trading_day import TradingDay
from stacks.exports import export

TRADING_ROUTES: Final = (
    ("GET", "/me"),
    ("GET", "/days/{date}"),
    ("GET", "/days/{date}/profit"),
    ("GET", "/reports"),
    ("GET", "/strategies"),
    ("GET", "/strategies/{strategy_id}"),
    ("PUT", "/strategies/{strategy_id}"),
    ("DELETE", "/strategies/{strategy_id}"),
    ("POST", "/strategies/{strategy_id}/copy"),
    ("POST", "/strategies/{strategy_id}/enable"),
    ("POST", "/strategies/{strategy_id}/disable"),
    ("GET", "/baskets"),
    ("GET", "/baskets/{basket_id}"),
    ("PUT", "/baskets/{basket_id}"),
    ("DELETE", "/baskets/{basket_id}"),
    ("POST", "/baskets/{basket_id}/copy"),
    ("POST", "/baskets/{basket_id}/enable"),
    ("POST", "/baskets/{basket_id}/disable"),
    ("GET", "/accounts/{account_id}/comparison"),
    ("GET", "/limits"),
    ("PUT", "/limits"),
    ("GET", "/halts"),
    ("POST", "/halts"),
    ("DELETE", "/halts"),
    ("GET", "/square-off"),
    ("POST", "/square-off"),
    ("GET", "/export"),
    ("POST", "/import"),
)
PREVIEW_ROUTES: Final = (("POST", "/strategies/preview"),)
# They, and in the auth stack the accounts API, leave from the static address where there is one.
REACH_BROKERS: Final = frozenset(
    {
        "preview_api",
        "prepare_runs",
        "place_orders",
        "confirm_orders",
        "reconcile",
        "mark_runs",
        "read_postbacks",
        "load_instruments",
        "check_sessions",
        "check_egress",
    }
)
READ_POSTBACKS_SECONDS: Final = 55


class OptionsStack(Stack):
    """Imports from the auth stack by export name; may be removed and deployed again without loss."""

    def __init__(self, scope: Construct, *, settings: Settings, code: lambda_.Code, **options: Any) -> None:
        self._settings = settings
        self._code = code
        self._prefix = settings.prefix(settings.modules.options)
        self._auth_prefix = settings.prefix(settings.modules.auth)
        super().__init__(scope, self._prefix, **options)
        self._auth = AuthImports.of(self._auth_prefix)
        self._placement = egress_placement(settings, self._auth_prefix)
        self._dead_letters = DeadLetters(self, "DeadLetters", prefix=self._prefix)
        self._make_functions()
        self._make_workflows()
        self._make_operations()
        self._grant()

    def _make_functions(self) -> None:
        failed = self._dead_letters.queue
        self._trading_api = self._function("trading_api", seconds=29)
        self._preview_api = self._function("preview_api", seconds=29, memory_mb=WHOLE_CPU_MB)
        self._begin_day = self._function("trading_day", seconds=30)
        self._dispatch_tick = self._function("dispatch_tick", seconds=30)
        self._prepare_runs = self._function("prepare_runs", seconds=45)
        self._place_orders = self._function("place_orders", seconds=80, memory_mb=WHOLE_CPU_MB)
        self._confirm_orders = self._function("confirm_orders", seconds=75)
        self._settle_runs = self._function("settle_runs", seconds=30)
        self._watchdog = self._function("watchdog", seconds=30, on_failure=failed)
        # An operator invokes these two; nothing else does.
        self._function("change_calendar", seconds=30)
        self._square_off = self._function("square_off", seconds=60)
        self._load_instruments = self._function(
            "load_instruments", seconds=300, memory_mb=WHOLE_CPU_MB, on_failure=failed
        )
        self._reconcile = self._function("reconcile", seconds=55, on_failure=failed)
        # It may wait half a minute for its turn, and takes half a minute at most.
        self._mark_runs = self._function("mark_runs", seconds=75, on_failure=failed)
        self._take_postback = self._function("take_postback", seconds=10)
        self._read_postbacks = self._function("read_postbacks", seconds=READ_POSTBACKS_SECONDS)
        self._check_sessions = self._function("check_sessions", seconds=300, memory_mb=WHOLE_CPU_MB, on_failure=failed)
        self._check_egress = self._function("check_egress", seconds=30, on_failure=failed)

    def _function(
        self, module: str, *, seconds: int, memory_mb: int = 512, on_failure: sqs.IQueue | None = None
    ) -> PythonFunction:
        return PythonFunction(
            self,
            "".join(word.capitalize() for word in module.split("_")) + "Function",
            settings=self._settings,
            prefix=self._prefix,
            module=module,
            code=self._code,
            table_name=self._auth.table_name,
            timeout=Duration.seconds(seconds),
            memory_mb=memory_mb,
            on_failure=on_failure,
            placement=self._placement if module in REACH_BROKERS else None,
        )

    def _make_workflows(self) -> None:
        for name, function, routes in (
            ("TradingRoutes", self._trading_api, TRADING_ROUTES),
            ("PreviewRoutes", self._preview_api, PREVIEW_ROUTES),
        ):
            ApiRoutes(
                self,
                name,
                api_id=self._auth.api_id,
                authorizer_id=self._auth.authorizer_id,
                function=function.function,
                routes=routes,
            )
        self._trading_day = TradingDay(
            self,
            "TradingDay",
            settings=self._settings,
            prefix=self._prefix,
            begin=self._begin_day.function,
            dispatch=self._dispatch_tick.function,
        )
        self._execute_tick = ExecuteTick(
            self,
            "ExecuteTick",
            settings=self._settings,
            prefix=self._prefix,
            prepare_runs=self._prepare_runs.function,
            place_orders=self._place_orders.function,
            confirm_orders=self._confirm_orders.function,
            settle_runs=self._settle_runs.function,
        )
        Timetable(
            self,
            "Timetable",
            settings=self._settings,
            prefix=self._prefix,
            trading_day=self._trading_day.machine,
            watchdog=self._watchdog.function,
            load_instruments=self._load_instruments.function,
            reconcile=self._reconcile.function,
            mark_runs=self._mark_runs.function,
            check_sessions=self._check_sessions.function,
            check_egress=self._check_egress.function,
            dead_letters=self._dead_letters.queue,
        )
        self._postbacks = Postbacks(
            self,
            "Postbacks",
            prefix=self._prefix,
            api_id=self._auth.api_id,
            take=self._take_postback.function,
            read=self._read_postbacks.function,
            read_timeout=Duration.seconds(READ_POSTBACKS_SECONDS),
            dead_letters=self._dead_letters.queue,
        )
        for name, machine in (
            (names.EXPORT_TRADING_DAY_ARN, self._trading_day.machine),
            (names.EXPORT_EXECUTE_TICK_ARN, self._execute_tick.machine),
        ):
            export(self, prefix=self._prefix, name=name, value=machine.state_machine_arn)

    def _make_operations(self) -> None:
        queue = self._dead_letters.queue
        topic = AlarmTopic(self, "AlarmTopic", settings=self._settings, prefix=self._prefix, dead_letters=queue).topic
        self._events = DomainEvents(self, "Events", prefix=self._prefix, topic=topic, dead_letters=queue)
        if self._settings.features.budget:
            MonthlyBudget(self, "Budget", prefix=self._prefix, limit_usd=self._settings.monthly_budget_usd, topic=topic)
        if self._settings.features.alarms:
            watched: dict[str, Any] = {
                "prefix": self._prefix,
                "functions": self._function_names(),
                "trading_day_arn": self._trading_day.machine.state_machine_arn,
                "execute_tick_arn": self._execute_tick.machine.state_machine_arn,
                "table_name": self._auth.table_name,
                "dead_letters": queue.queue_name,
            }
            Alarms(
                self,
                "Alarms",
                topic=topic,
                watchdog=function_name(self._prefix, "watchdog"),
                reconcile=function_name(self._prefix, "reconcile"),
                **watched,
            )
            OperationsDashboard(self, "Dashboard", place_orders=function_name(self._prefix, "place_orders"), **watched)

    def _grant(self) -> None:
        table = TableAccess(table_arn=self._auth.table_arn, key_arn=self._auth.key_arn)
        only_read = {self._watchdog, self._preview_api, self._take_postback}
        for function in only_read:
            table.grant_read(function.role)
        # Checking addresses needs no data.
        for function in set(self._functions()) - only_read - {self._check_egress}:
            table.grant_read_write(function.role)
        # A strategy's old entries in the due index go when its schedule changes.
        table.grant_delete(self._trading_api.role)
        secrets = secret_store(self, settings=self._settings, auth_prefix=self._auth_prefix, key_arn=self._auth.key_arn)
        for function in (
            self._preview_api,
            self._prepare_runs,
            self._place_orders,
            self._confirm_orders,
            self._reconcile,
            self._mark_runs,
            self._take_postback,
            self._read_postbacks,
            self._load_instruments,
        ):
            secrets.grant_read(function.role)
            for name, value in secrets.environment.items():
                function.function.add_environment(name, value)
        secrets.grant_renew(self._check_sessions.role)
        for name, value in secrets.environment.items():
            self._check_sessions.function.add_environment(name, value)
        for function in (
            self._begin_day,
            self._dispatch_tick,
            self._prepare_runs,
            self._settle_runs,
            self._reconcile,
            self._read_postbacks,
            self._check_sessions,
            self._load_instruments,
            self._check_egress,
        ):
            self._events.bus.grant_put_events_to(function.role)
            function.function.add_environment(names.ENV_EVENT_BUS, self._events.bus.event_bus_name)
        for function in (
            self._dispatch_tick,
            self._reconcile,
            self._read_postbacks,
            self._square_off,
            self._trading_api,
        ):
            self._execute_tick.machine.grant_start_execution(function.role)
            function.function.add_environment(names.ENV_EXECUTE_TICK, self._execute_tick.machine.state_machine_arn)
        self._take_postback.function.add_environment(names.ENV_POSTBACKS, self._postbacks.queue.queue_url)
        self._trading_day.machine.grant_start_execution(self._watchdog.role)
        self._watchdog.function.add_environment(names.ENV_TRADING_DAY, self._trading_day.machine.state_machine_arn)

    def _functions(self) -> tuple[PythonFunction, ...]:
        return tuple(child for child in self.node.children if isinstance(child, PythonFunction))

    def _function_names(self) -> tuple[str, ...]:
        """Every function of the product, the auth stack's by name."""
        return (
            function_name(self._auth_prefix, "accounts_api"),
            *(function_name(self._prefix, function.module) for function in self._functions()),
        )
