"""The HTTP API of strategies, baskets, limits, days and reports. It has no access to secrets."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.entrypoints import (
    basket_routes,
    comparison_routes,
    day_routes,
    file_routes,
    halt_routes,
    limit_routes,
    report_routes,
    strategy_routes,
)
from lambdas.entrypoints.api_frame import new_api
from lambdas.entrypoints.frame import logger

api = new_api()
for routes in (
    day_routes,
    report_routes,
    comparison_routes,
    strategy_routes,
    basket_routes,
    limit_routes,
    halt_routes,
    file_routes,
):
    api.include_router(routes.router)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """An HTTP API event (payload 2.0) → its answer."""
    return api.resolve(event, context)
