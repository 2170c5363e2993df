"""Check the sessions of all linked accounts before the open; an operator may invoke it at any time."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.entrypoints.frame import application, logger, told_in_full


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Scheduled at 08:45 and 09:05 IST → how many accounts are usable, renewed, ended, unclear."""
    with told_in_full():
        told = dict(run(application.session_checker.check()))
    logger.info("sessions", extra={"accounts": told})
    return told
