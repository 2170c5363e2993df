"""Stop everything, or a part of it: for operators, invoked directly. It works when the loop of the day is dead."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.entrypoints.frame import application, logger, told_in_full
from lambdas.entrypoints.square_off_answers import document_of


@logger.inject_lambda_context(clear_state=True)
def handler(event: Any, _context: LambdaContext) -> dict[str, Any]:
    """`{action, scope, reason, by}` → what holds of the scope now and how far its runs are, or `problems`."""
    with told_in_full():
        answer = run(application.kill_switch.answer(event))
    document = document_of(answer)
    logger.info("square off", extra={"request": event, "answer": document})
    return document
