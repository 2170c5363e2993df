"""Check the public address of every egress route."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.entrypoints.frame import application, logger


@logger.inject_lambda_context(clear_state=True)
def handler(_event: Any, _context: LambdaContext) -> dict[str, list[dict[str, str | None]]]:
    """Scheduled before the open, or by hand → what was found of each route."""
    routes = [check.as_json() for check in run(application.egress_checker.check())]
    logger.info("egress", extra={"routes": routes})
    return {"routes": routes}
