"""Routes of the signed-in user and of days."""

import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path

from lambdas.bootstrap import run
from lambdas.entrypoints.api_answers import AccountAnswer, DayAnswer, MeAnswer
from lambdas.entrypoints.api_frame import answers, caller, new_router
from lambdas.entrypoints.frame import application

router = new_router()


@router.get(
    "/me", summary="Who is signed in, and which accounts can trade", operation_id="getMe", responses=answers(MeAnswer)
)
def get_me() -> MeAnswer:
    """The signed-in user."""
    user_id, now = caller(router), application.clock.now()
    accounts = run(application.accounts.accounts(user_id))
    return MeAnswer(
        user_id=user_id,
        environment=application.runtime.environment,
        halted=run(application.controls.control()).halt_of(user_id),
        accounts=[AccountAnswer.of(account, now) for account in accounts],
    )


@router.get(
    "/days/<date>", summary="Runs, orders and positions of a day", operation_id="getDay", responses=answers(DayAnswer)
)
def get_day(date: Annotated[datetime.date, Path(description="trading date, IST")]) -> DayAnswer:
    """A user's day, in one query, and what the calendar says of it."""
    found = run(application.runs.day(caller(router), date))
    control = run(application.controls.control())
    session = application.calendar.with_changes(control.changes).day(date).reason
    return DayAnswer.of(date, found, as_of=application.clock.now(), session=session)
