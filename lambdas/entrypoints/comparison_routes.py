"""The route of what was found when an account was compared with its broker."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path

from lambdas.bootstrap import run
from lambdas.domain.values import Identifier
from lambdas.entrypoints.api_frame import ApiProblem, answers, caller, new_router
from lambdas.entrypoints.comparison_answers import ComparisonAnswer
from lambdas.entrypoints.frame import application

router = new_router()

AccountId = Annotated[Identifier, Path()]


@router.get(
    "/accounts/<account_id>/comparison",
    summary="What the broker says otherwise",
    operation_id="getComparison",
    responses=answers(ComparisonAnswer, HTTPStatus.NOT_FOUND),
)
def get_comparison(account_id: AccountId) -> ComparisonAnswer:
    """The last comparison of an account with its broker, which is not asked again: what differs from the orders and
    positions of the runs, what runs of earlier days left open, and what is the trader's own."""
    user_id = caller(router)
    if run(application.accounts.account(user_id, account_id)) is None:
        raise ApiProblem(HTTPStatus.NOT_FOUND, f"you have no account {account_id!r}")
    return ComparisonAnswer.of(account_id, run(application.comparisons.comparison(user_id, account_id)))
