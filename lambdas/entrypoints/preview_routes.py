"""Routes of previews."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from lambdas.bootstrap import run
from lambdas.domain.strategy import StrategyDefinition
from lambdas.entrypoints.api_frame import answers, caller, new_router
from lambdas.entrypoints.frame import application
from lambdas.entrypoints.preview_answers import PreviewAnswer

router = new_router()


@router.post(
    "/strategies/preview",
    summary="What a strategy would do",
    operation_id="previewStrategy",
    responses=answers(PreviewAnswer),
)
def preview_strategy(definition: Annotated[StrategyDefinition, Body()]) -> PreviewAnswer:
    """Contracts, lots, orders, margin and payoff at the present quotes, and the coming runs. Nothing is stored."""
    preview = run(application.strategy_previewer.preview(caller(router), definition))
    return PreviewAnswer.of(preview)
