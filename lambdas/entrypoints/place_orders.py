"""Send the orders of one account at second 0."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.domain.moments import Tick
from lambdas.entrypoints.frame import application, logger


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{user_id, account_id, tick, run_ids, intent_ids}` → the same, with how many orders left."""
    user_id, account_id, tick = event["user_id"], event["account_id"], Tick.parse(event["tick"])
    logger.append_keys(tick=str(tick), user_id=user_id, account_id=account_id)
    try:
        sent = run(application.placer.place(user_id, account_id, tick, event["intent_ids"]))
    finally:
        application.order_times.flush(context.function_name)
    logger.info("placed", extra={"sent": sent, "intents": len(event["intent_ids"])})
    return {**event, "sent": sent}
