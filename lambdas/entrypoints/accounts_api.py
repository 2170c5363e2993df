"""The HTTP API of broker accounts: the only one that writes secrets."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.entrypoints import account_routes, session_routes
from lambdas.entrypoints.api_frame import new_api
from lambdas.entrypoints.frame import logger

api = new_api()
api.include_router(account_routes.router)
api.include_router(session_routes.router)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """An HTTP API event (payload 2.0) → its answer."""
    return api.resolve(event, context)
