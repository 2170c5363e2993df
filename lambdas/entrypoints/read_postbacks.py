"""Look into what brokers posted, several letters at once."""

import json
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.domain.postbacks import Letter
from lambdas.entrypoints.frame import application, logger


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Messages of the queue → those that failed, all of an account together, which are delivered once more."""
    letters = {record["messageId"]: Letter(**json.loads(record["body"])) for record in event["Records"]}
    failed = run(application.postback_reader.read(list(letters.values())))
    for (user_id, account_id), error in failed.items():
        logger.error("postbacks not looked into", exc_info=error, extra={"user_id": user_id, "account_id": account_id})
    logger.info("postbacks", extra={"letters": len(letters), "failed_accounts": len(failed)})
    again = [name for name, letter in letters.items() if (letter.user_id, letter.account_id) in failed]
    return {"batchItemFailures": [{"itemIdentifier": name} for name in again]}
