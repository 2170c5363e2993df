"""Start a new trading-day loop when none is alive."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.domain.moments import IST
from lambdas.entrypoints.frame import application, logger
from lambdas.use_cases.trading_day import heartbeat_is_stale
from shared_config.names import ENV_TRADING_DAY

workflow = application.workflow(ENV_TRADING_DAY)


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Scheduled each minute → whether a loop was started, and why."""
    now = application.clock.now().astimezone(IST)
    calendar = application.calendar.with_changes(run(application.controls.control()).changes)
    reason = run(heartbeat_is_stale(now.date(), loop=application.loop, calendar=calendar, now=now))
    if reason is None:
        logger.info("the loop is alive or not needed")
        return {"started": False, "reason": "the loop is alive or not needed"}
    started = run(workflow.start(f"watchdog-{now:%Y%m%dT%H%M}", {"started_by": "watchdog", "reason": reason}))
    logger.warning("started a loop", extra={"reason": reason, "new": started})
    return {"started": started, "reason": reason}
