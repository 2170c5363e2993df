"""What starts by the clock. Nothing here is precise: rules fire somewhere within their minute."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from shared_config.settings import Settings

# Rules know UTC only; India has no summer time, so IST is always 5 h 30 min ahead.
_OPEN: Final = events.Schedule.expression("cron(30 3 ? * * *)")  # 09:00 IST
# From 07:30 IST until the close: each run loads only the masters that are not loaded today, so that an account
# which logs in late, or a broker that was away, is caught up with.
_INSTRUMENTS: Final = events.Schedule.expression("cron(0/15 2-9 ? * * *)")
_SESSIONS: Final = (
    events.Schedule.expression("cron(15 3 ? * * *)"),  # 08:45 IST
    events.Schedule.expression("cron(35 3 ? * * *)"),  # 09:05 IST
)
# Before the logins of the day and the open: some brokers want the login from the registered address too.
_EGRESS: Final = events.Schedule.expression("cron(10 3 ? * * *)")  # 08:40 IST
# When the sessions were checked: what is in the accounts before anything is traded.
_BOOKS: Final = events.Schedule.expression("cron(20 3 ? * * *)")  # 08:50 IST
_EVERY_MINUTE: Final = events.Schedule.rate(Duration.minutes(1))


class Timetable(Construct):
    """The rules that check the way out and the sessions, open the day, watch its loop, load instruments, reconcile
    orders, compare the accounts with their brokers and mark what is open.

    The opening fires on every day of the week; the calendar decides whether there is a session.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        prefix: str,
        trading_day: sfn.IStateMachine,
        watchdog: lambda_.IFunction,
        load_instruments: lambda_.IFunction,
        reconcile: lambda_.IFunction,
        mark_runs: lambda_.IFunction,
        check_sessions: lambda_.IFunction,
        check_egress: lambda_.IFunction,
        dead_letters: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self._prefix = prefix
        self._dead_letters = dead_letters
        # A continuous session has no opening: the watchdog finds that no loop runs and starts one.
        if settings.market.sessions == "exchange":
            self._rule("open", _OPEN, self._start(trading_day))
        self._rule("watchdog", _EVERY_MINUTE, self._call(watchdog))
        self._rule("instruments", _INSTRUMENTS, self._call(load_instruments))
        self._rule("reconcile", _EVERY_MINUTE, self._call(reconcile))
        self._rule("marks", _EVERY_MINUTE, self._call(mark_runs))
        self._rule("books", _BOOKS, self._call(reconcile, {"compare": "everyone"}))
        for number, schedule in enumerate(_SESSIONS, 1):
            self._rule(f"sessions{number}", schedule, self._call(check_sessions))
        self._rule("egress", _EGRESS, self._call(check_egress))

    def _rule(self, name: str, schedule: events.Schedule, target: events.IRuleTarget) -> None:
        events.Rule(self, name, rule_name=f"{self._prefix}-{name}", schedule=schedule, targets=[target])

    def _start(self, machine: sfn.IStateMachine) -> events.IRuleTarget:
        return targets.SfnStateMachine(
            machine,
            input=events.RuleTargetInput.from_object({"started_by": "open"}),
            dead_letter_queue=self._dead_letters,
            retry_attempts=3,
            max_event_age=Duration.minutes(10),
        )

    def _call(self, function: lambda_.IFunction, event: Mapping[str, str] | None = None) -> events.IRuleTarget:
        return targets.LambdaFunction(
            function,
            event=events.RuleTargetInput.from_object(dict(event)) if event else None,
            dead_letter_queue=self._dead_letters,
            retry_attempts=2,
            max_event_age=Duration.minutes(5),
        )
