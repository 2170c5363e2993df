"""What wakes a person."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.constructs import metrics


class Alarms(Construct):
    """One alarm for each thing that must not happen, all of them to one topic."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        topic: sns.ITopic,
        functions: Sequence[str],
        watchdog: str,
        reconcile: str,
        trading_day_arn: str,
        execute_tick_arn: str,
        table_name: str,
        dead_letters: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self._prefix = prefix
        self._action = actions.SnsAction(topic)
        for name in functions:
            self._any(f"{name}-errors", metrics.function_errors(name))
        for machine, arn in (("trading_day", trading_day_arn), ("execute_tick", execute_tick_arn)):
            for state in ("ExecutionsFailed", "ExecutionsTimedOut"):
                self._any(f"{prefix}-{machine}-{state}", metrics.executions(arn, state))
        self._any(f"{prefix}-table-throttled", metrics.throttled(table_name))
        self._any(f"{prefix}-dead-letters", metrics.waiting(dead_letters))
        self._any(f"{prefix}-books-differ", metrics.books_differing(reconcile, "reconcile"))
        self._silence(f"{prefix}-watchdog-silent", metrics.function_calls(watchdog))

    def _any(self, name: str, metric: cloudwatch.IMetric) -> None:
        self._alarm(
            name,
            metric,
            cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            minutes=1,
            missing=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _silence(self, name: str, metric: cloudwatch.IMetric) -> None:
        """The one alarm on nothing happening: whoever restarts the loop must itself be alive."""
        self._alarm(
            name,
            metric,
            cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            minutes=3,
            missing=cloudwatch.TreatMissingData.BREACHING,
        )

    def _alarm(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        comparison: cloudwatch.ComparisonOperator,
        *,
        minutes: int,
        missing: cloudwatch.TreatMissingData,
    ) -> None:
        cloudwatch.Alarm(
            self,
            name,
            alarm_name=name,
            metric=metric,
            threshold=1,
            evaluation_periods=minutes,
            comparison_operator=comparison,
            treat_missing_data=missing,
        ).add_alarm_action(self._action)
