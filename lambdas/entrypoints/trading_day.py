"""Begin (or, after an error, resume) the loop of a trading day."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.entrypoints.frame import application, logger
from lambdas.entrypoints.loop_step import step_document
from lambdas.use_cases.trading_day import End, Wait


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`{"execution": arn}` → what the loop does next."""
    step = step_document(run(_begin(event["execution"])))
    logger.info("trading day", extra={"step": step})
    return step


async def _begin(execution: str) -> Wait | End:
    return await application.lost_minutes.tell(await application.trading_day.begin(execution))
