"""The operator's page: is the loop alive, do ticks succeed, does anything fail or wait."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from shared_config.names import METRIC_ACKNOWLEDGED, METRIC_OFFSET
from stacks.constructs import metrics


class OperationsDashboard(Construct):
    """Graphs side by side in three rows."""

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
        place_orders: str,
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
        dashboard.add_widgets(
            _graph(
                "Orders: milliseconds after second 0",
                [metrics.order_times(place_orders, METRIC_OFFSET, one) for one in _STATISTICS],
            ),
            _graph(
                "Orders: milliseconds to the broker's acknowledgement",
                [metrics.order_times(place_orders, METRIC_ACKNOWLEDGED, one) for one in _STATISTICS],
            ),
        )


_STATISTICS = ("p50", "p99", "Maximum")
_EXECUTIONS = ("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut")


def _graph(title: str, left: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(left), width=12)
