"""Routes of the signed-in user and of days."""

import datetime
import re
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import BeforeValidator

from lambdas.bootstrap import run
from lambdas.entrypoints.api_answers import AccountAnswer, MeAnswer
from lambdas.entrypoints.api_frame import answers, caller, new_router
from lambdas.entrypoints.day_answers import DayAnswer, DayProfitAnswer
from lambdas.entrypoints.frame import application

router = new_router()


def written_out(text: object) -> object:
    """A date must be written as one. Raises ValueError for other text."""
    if isinstance(text, str) and not DATE.match(text):
        raise ValueError("is no date; write it like 2026-11-23")
    return text


DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
Day = Annotated[datetime.date, BeforeValidator(written_out), Path(description="trading date, IST")]
"""A date as it is written; pydantic alone would also take seconds since 1970, and instants."""


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
def get_day(date: Day) -> DayAnswer:
    """A user's day with what it has made until now, and what the calendar says of it."""
    return DayAnswer.of(run(application.day_teller.day(caller(router), date)))


@router.get(
    "/days/<date>/profit",
    summary="How the profit of a day went",
    operation_id="getDayProfit",
    responses=answers(DayProfitAnswer),
)
def get_day_profit(date: Day) -> DayProfitAnswer:
    """The profit of a user's day, minute by minute while something was open."""
    return DayProfitAnswer.of(date, run(application.day_teller.profit(caller(router), date)))
