"""The operator's page: is the loop alive, do ticks succeed, does anything fail or wait."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks.constructs import metrics


class OperationsDashboard(Construct):
    """Four graphs side by side in two rows."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        functions: Sequence[str],
        trading_day_arn: str,
        execute_tick_arn: str,
        table_name: str,
        dead_letters: str,
    ) -> None:
        super().__init__(scope, construct_id)
        dashboard = cloudwatch.Dashboard(self, "Dashboard", dashboard_name=f"{prefix}-operations")
        dashboard.add_widgets(
            _graph("Trading day", [metrics.executions(trading_day_arn, name) for name in _EXECUTIONS]),
            _graph("Execute tick", [metrics.executions(execute_tick_arn, name) for name in _EXECUTIONS]),
        )
        dashboard.add_widgets(
            _graph("Errors by function", [metrics.function_errors(name) for name in functions]),
            _graph("Table and dead letters", [metrics.throttled(table_name), metrics.waiting(dead_letters)]),
        )


_EXECUTIONS = ("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut")


def _graph(title: str, left: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(left), width=12)
