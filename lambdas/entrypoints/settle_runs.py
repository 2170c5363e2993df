"""Judge the runs of one user at one tick."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.domain.moments import Tick
from lambdas.entrypoints.frame import application, logger
from lambdas.entrypoints.work import each_account, work_of


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`{user_id, tick, run_ids, accounts}` (`error` and `work` when preparing failed) → the statuses of the runs, and
    the accounts with what they send now to mend them."""
    user_id, tick = event["user_id"], Tick.parse(event["tick"])
    logger.append_keys(tick=str(tick), user_id=user_id)
    trouble = [account for account in event["accounts"] if "error" in account]
    if "error" in event or trouble:
        reason = str(event.get("error") or trouble)
        logger.error("a step of this tick failed", extra={"reason": reason})
        run(application.settler.report_failure(user_id, tick, reason, work_of(event)))
    settled = run(application.settler.settle(user_id, tick, event["run_ids"]))
    logger.info("settled", extra={"statuses": settled.statuses, "again": list(settled.again)})
    common = {"user_id": user_id, "tick": str(tick), "run_ids": event["run_ids"]}
    return {**common, "statuses": settled.statuses, "accounts": each_account(common, settled.again)}
