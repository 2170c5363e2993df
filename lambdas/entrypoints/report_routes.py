"""The route of reports."""

import datetime
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BeforeValidator

from lambdas.bootstrap import run
from lambdas.entrypoints.api_frame import MISFIT, ApiProblem, answers, caller, new_router
from lambdas.entrypoints.day_routes import written_out
from lambdas.entrypoints.frame import application
from lambdas.entrypoints.report_answers import ReportAnswer

router = new_router()

WRITTEN_OUT = BeforeValidator(written_out)
From = Annotated[datetime.date, WRITTEN_OUT, Query(alias="from", description="the first day, IST")]
To = Annotated[datetime.date, WRITTEN_OUT, Query(alias="to", description="the last day, IST; at most the 92nd")]


@router.get(
    "/reports",
    summary="What a range of days brought",
    operation_id="getReport",
    responses=answers(ReportAnswer),
)
def get_report(first: From, last: To) -> ReportAnswer:
    """Profits, runs, orders and the times at which they were sent, with money and on paper apart; at most 92 days,
    both included."""
    from lambdas.use_cases.report_days import RangeRefused

    try:
        return ReportAnswer.of(first, last, run(application.day_reporter.report(caller(router), first, last)))
    except RangeRefused as error:
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, MISFIT, error.problems) from error
