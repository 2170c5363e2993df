"""Follow the orders of one account to their end."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.domain.moments import Tick
from lambdas.entrypoints.frame import application, logger


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`{user_id, account_id, tick, run_ids}` → how many orders are still not final."""
    user_id, account_id, tick = event["user_id"], event["account_id"], Tick.parse(event["tick"])
    logger.append_keys(tick=str(tick), user_id=user_id, account_id=account_id)
    left = run(application.confirmer.confirm_tick(user_id, account_id, tick, event["run_ids"]))
    logger.info("confirmed", extra={"left": left})
    return {"account_id": account_id, "sent": event["sent"], "left": left}
