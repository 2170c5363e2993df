"""Start everything that is due at a tick."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.domain.moments import Tick
from lambdas.entrypoints.frame import application, logger, told_in_full
from lambdas.entrypoints.loop_step import lease_of, step_document


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """A waiting step of the loop → the next one."""
    tick = Tick.parse(event["tick"])
    logger.append_keys(tick=str(tick))
    overdue = [Tick.parse(text) for text in event["overdue"]]
    with told_in_full():
        step = step_document(run(application.dispatcher.dispatch(lease_of(event), tick, overdue)))
    logger.info("dispatched", extra={"step": step})
    return step
