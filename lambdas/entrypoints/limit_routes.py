"""Routes of risk limits."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from lambdas.bootstrap import run
from lambdas.domain.risk_limits import LimitsOf
from lambdas.entrypoints.api_frame import ApiProblem, answers, caller, new_router
from lambdas.entrypoints.frame import application
from lambdas.entrypoints.limit_answers import LimitsAnswer
from lambdas.entrypoints.strategy_routes import Replaces
from lambdas.ports.limits import LimitsUnreadable, StaleLimits
from lambdas.use_cases.keep_limits import LimitsRefused

router = new_router()


@router.get(
    "/limits",
    summary="Risk limits, and what today has used of them",
    operation_id="getLimits",
    responses=answers(LimitsAnswer, HTTPStatus.CONFLICT),
)
def get_limits() -> LimitsAnswer:
    """What the user allows at most; fields without a value are no limit."""
    try:
        return LimitsAnswer.of(run(application.limit_keeper.today(caller(router))))
    except LimitsUnreadable as error:
        raise ApiProblem(HTTPStatus.CONFLICT, str(error)) from error


@router.put(
    "/limits",
    summary="Replace the risk limits",
    operation_id="putLimits",
    responses=answers(LimitsAnswer, HTTPStatus.CONFLICT),
)
def put_limits(definition: Annotated[LimitsOf, Body()], replaces: Replaces = 0) -> LimitsAnswer:
    """Store the next version of the limits; they hold from the next entry on."""
    try:
        kept = run(application.limit_keeper.replace(caller(router), definition, replaces=replaces))
    except StaleLimits as error:
        raise ApiProblem(HTTPStatus.CONFLICT, str(error)) from error
    except LimitsRefused as error:
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "it cannot be done as asked", error.problems) from error
    return LimitsAnswer.of(kept)
