"""Plan the intents of one user at one tick."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.domain.moments import Tick
from lambdas.entrypoints.frame import application, logger
from lambdas.entrypoints.work import each_account, work_of


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`{user_id, tick, work}`, or `{user_id, tick, resume}` for runs whose orders are planned already, or
    `{user_id, tick, close: {run_ids, reason, by}}` for runs that are squared off, → the runs touched and, for each
    account, the intents to send."""
    user_id, tick = event["user_id"], Tick.parse(event["tick"])
    logger.append_keys(tick=str(tick), user_id=user_id)
    if "resume" in event:
        prepared = run(application.preparer.resume(user_id, tick, event["resume"]))
    elif "close" in event:
        close = event["close"]
        reason = f"squared off by {close['by']}: {close['reason']}"
        prepared = run(application.closer.close(user_id, tick, close["run_ids"], reason))
    else:
        prepared = run(application.preparer.prepare(user_id, tick, work_of(event)))
    logger.info("prepared", extra={"run_ids": prepared.run_ids, "accounts": list(prepared.intent_ids)})
    common = {"user_id": user_id, "tick": str(tick), "run_ids": prepared.run_ids}
    return {**common, "accounts": each_account(common, prepared.intent_ids)}
