"""Mark what users hold, once in a minute, when brokers are asked for nothing else."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.entrypoints.frame import application, logger, told_in_full


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Scheduled each minute → how many users may hold something, and how many of them were marked."""
    with told_in_full():
        counts = run(application.run_marker.mark())
    logger.info("marked", extra=counts)
    return counts
