"""Load the instrument masters of the day."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.entrypoints.frame import application, logger, told_in_full


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Scheduled before the open → broker → what happened."""
    with told_in_full():
        told = dict(run(application.master_loader.load()))
    logger.info("masters", extra={"brokers": told})
    return told
