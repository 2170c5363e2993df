"""The HTTP API of previews: it reads quotes, so it may open the sessions of the caller's accounts."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.domain.strategy import StrategyDefinition
from lambdas.entrypoints.api_frame import answers, caller, new_api
from lambdas.entrypoints.frame import application, logger
from lambdas.entrypoints.preview_answers import PreviewAnswer

api = new_api()


@api.post(
    "/strategies/preview",
    summary="What a strategy would do",
    operation_id="previewStrategy",
    responses=answers(PreviewAnswer),
)
def preview_strategy(definition: Annotated[StrategyDefinition, Body()]) -> PreviewAnswer:
    """Contracts, lots, orders, margin and payoff at the present quotes, and the coming runs. Nothing is stored."""
    preview = run(application.strategy_previewer.preview(caller(api), definition))
    return PreviewAnswer.of(preview)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """An HTTP API event (payload 2.0) → its answer."""
    return api.resolve(event, context)
