"""Bring to an end what workers left in flight, and compare the accounts with their brokers."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit, single_metric
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.entrypoints.frame import application, logger, told_in_full
from shared_config.names import METRIC_DIFFERING, METRIC_FUNCTION, METRICS

EVERYONE = "everyone"


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Scheduled each minute → how many intents were in flight and how many still are, how many accounts were compared
    or could not be read, and how many differences persist.

    With `{"compare": "everyone"}`, before the open, every account that is logged in is compared.
    """
    with told_in_full():
        counts = run(_reconcile_and_compare(context.function_name, everyone=event.get("compare") == EVERYONE))
    logger.info("reconciled", extra=counts)
    return counts


async def _reconcile_and_compare(function_name: str, *, everyone: bool) -> dict[str, int]:
    """What reconciling finds out is no difference any more, so it goes first; its failure keeps nothing back."""
    counts: dict[str, int] = {}
    failures: list[Exception] = []
    for work in (application.reconciler.reconcile, partial(application.book_comparer.compare, everyone=everyone)):
        try:
            counts |= await work()
        except Exception as error:
            failures.append(error)
    _measure(function_name, counts)
    if failures:
        raise ExceptionGroup(f"{len(failures)} of 2 parts failed", failures)
    return counts


def _measure(function_name: str, counts: Mapping[str, int]) -> None:
    """What the alarm watches; nothing where nothing was compared."""
    if "differing" not in counts:
        return
    with single_metric(METRIC_DIFFERING, MetricUnit.Count, counts["differing"], namespace=METRICS) as metric:
        metric.add_dimension(METRIC_FUNCTION, function_name)
