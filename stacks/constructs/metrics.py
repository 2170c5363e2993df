"""The numbers that alarms watch and the dashboard draws, addressed by name so that any stack's may be among them."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from shared_config.names import METRIC_DIFFERING, METRIC_FUNCTION, METRIC_SERVICE, METRICS

_MINUTE = Duration.minutes(1)


def function_errors(function_name: str) -> cloudwatch.Metric:
    """Invocations of a function that ended in an error."""
    return _sum("AWS/Lambda", "Errors", {"FunctionName": function_name})


def function_calls(function_name: str) -> cloudwatch.Metric:
    """Invocations of a function."""
    return _sum("AWS/Lambda", "Invocations", {"FunctionName": function_name})


def executions(state_machine_arn: str, name: str) -> cloudwatch.Metric:
    """`ExecutionsFailed`, `ExecutionsTimedOut`, … of a state machine."""
    return _sum("AWS/States", name, {"StateMachineArn": state_machine_arn})


def throttled(table_name: str) -> cloudwatch.MathExpression:
    """Reads and writes that the table refused for their rate."""
    return cloudwatch.MathExpression(
        label="throttled",
        expression="reads + writes",
        period=_MINUTE,
        using_metrics={
            "reads": _sum("AWS/DynamoDB", "ReadThrottleEvents", {"TableName": table_name}),
            "writes": _sum("AWS/DynamoDB", "WriteThrottleEvents", {"TableName": table_name}),
        },
    )


def books_differing(function_name: str, module: str) -> cloudwatch.Metric:
    """Differences between the ledger and the brokers that persist, as the function that compares last counted them."""
    return cloudwatch.Metric(
        namespace=METRICS,
        metric_name=METRIC_DIFFERING,
        dimensions_map={METRIC_FUNCTION: function_name, METRIC_SERVICE: module},
        statistic="Maximum",
        period=_MINUTE,
    )


def order_times(function_name: str, name: str, statistic: str) -> cloudwatch.Metric:
    """A statistic (`p50`, `p99`, `Maximum`) of the milliseconds that the sending function measured of each order."""
    return cloudwatch.Metric(
        namespace=METRICS,
        metric_name=name,
        dimensions_map={METRIC_FUNCTION: function_name},
        statistic=statistic,
        label=f"{name} {statistic}",
        period=_MINUTE,
    )


def waiting(queue_name: str) -> cloudwatch.Metric:
    """Messages that wait in a queue."""
    return cloudwatch.Metric(
        namespace="AWS/SQS",
        metric_name="ApproximateNumberOfMessagesVisible",
        dimensions_map={"QueueName": queue_name},
        statistic="Maximum",
        period=_MINUTE,
    )


def _sum(namespace: str, name: str, dimensions: dict[str, str]) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace, metric_name=name, dimensions_map=dimensions, statistic="Sum", period=_MINUTE
    )
