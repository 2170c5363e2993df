"""How exactly orders are sent and how long brokers take, as values of CloudWatch metrics."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from lambdas.domain.intents import Order
from shared_config.names import METRIC_ACKNOWLEDGED, METRIC_FUNCTION, METRIC_OFFSET, METRICS

MOST_VALUES = 99
"""Of one metric in one line of the log: at the 100 that CloudWatch takes, the library closes a line by itself."""


class OrderTimes:
    """Implements `Meter`: keeps the values until they are written, as distributions, into the function's log."""

    def __init__(self) -> None:
        self._offsets: list[float] = []
        self._acknowledged: list[float] = []

    def sent(self, order: Order) -> None:
        state = order.state
        if order.offset_ms is not None:
            self._offsets.append(order.offset_ms)
        if state.sent_at is not None and state.acknowledged_at is not None:
            self._acknowledged.append((state.acknowledged_at - state.sent_at).total_seconds() * 1000)

    def flush(self, function_name: str) -> None:
        """Write and forget what was measured; nothing where nothing was."""
        for name, values in ((METRIC_OFFSET, self._offsets), (METRIC_ACKNOWLEDGED, self._acknowledged)):
            for start in range(0, len(values), MOST_VALUES):
                _write(function_name, name, values[start : start + MOST_VALUES])
            values.clear()


def _write(function_name: str, name: str, values: list[float]) -> None:
    line = AmazonCloudWatchEMFProvider(namespace=METRICS, metric_set={}, dimension_set={}, metadata_set={})
    line.add_dimension(METRIC_FUNCTION, function_name)
    for value in values:
        line.add_metric(name, MetricUnit.Milliseconds, round(value, 3))
    line.flush_metrics()
