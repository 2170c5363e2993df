"""Bring to an end what workers left in flight."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.entrypoints.frame import application, logger


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Scheduled each minute → how many intents were in flight and how many still are."""
    counts = run(application.reconciler.reconcile())
    logger.info("reconciled", extra=counts)
    return counts
