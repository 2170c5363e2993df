"""The HTTP API of strategies and days."""

import datetime
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.domain.strategy import Identifier, StrategyDefinition
from lambdas.entrypoints.api_answers import AccountAnswer, DayAnswer, MeAnswer, StrategyAnswer
from lambdas.entrypoints.api_frame import ApiProblem, answers, caller, new_api
from lambdas.entrypoints.frame import application, logger
from lambdas.ports.store import StaleVersion
from lambdas.use_cases.save_strategy import StrategyRefused

api = new_api()


@api.get(
    "/me", summary="Who is signed in, and which accounts can trade", operation_id="getMe", responses=answers(MeAnswer)
)
def get_me() -> MeAnswer:
    """The signed-in user."""
    user_id, now = caller(api), application.clock.now()
    accounts = run(application.accounts.accounts(user_id))
    return MeAnswer(
        user_id=user_id,
        environment=application.runtime.environment,
        halted=run(application.controls.control()).halt_of(user_id),
        accounts=[AccountAnswer.of(account, now) for account in accounts],
    )


@api.get(
    "/days/<date>", summary="Runs, orders and positions of a day", operation_id="getDay", responses=answers(DayAnswer)
)
def get_day(date: Annotated[datetime.date, Path(description="trading date, IST")]) -> DayAnswer:
    """A user's day, in one query."""
    found = run(application.runs.day(caller(api), date))
    session = application.calendar.day(date).reason
    return DayAnswer.of(date, found, as_of=application.clock.now(), session=session)


@api.get(
    "/strategies", summary="All strategies", operation_id="listStrategies", responses=answers(list[StrategyAnswer])
)
def list_strategies() -> list[StrategyAnswer]:
    """Every strategy of the user."""
    return [StrategyAnswer.of(strategy) for strategy in run(application.strategies.strategies(caller(api)))]


@api.get(
    "/strategies/<strategy_id>",
    summary="One strategy",
    operation_id="getStrategy",
    responses=answers(StrategyAnswer, HTTPStatus.NOT_FOUND),
)
def get_strategy(strategy_id: Annotated[Identifier, Path()]) -> StrategyAnswer:
    """One strategy of the user."""
    strategy = run(application.strategies.strategy(caller(api), strategy_id))
    if strategy is None:
        raise ApiProblem(HTTPStatus.NOT_FOUND, f"you have no strategy {strategy_id!r}")
    return StrategyAnswer.of(strategy)


@api.put(
    "/strategies/<strategy_id>",
    summary="Create or replace",
    operation_id="putStrategy",
    responses=answers(StrategyAnswer, HTTPStatus.CONFLICT),
)
def put_strategy(
    strategy_id: Annotated[Identifier, Path()],
    definition: Annotated[StrategyDefinition, Body()],
    replaces: Annotated[int, Query(ge=0, description="the version that this one replaces; 0 creates")] = 0,
) -> StrategyAnswer:
    """Store the next version of a strategy together with its place in the schedule."""
    try:
        saved = run(application.strategy_saver.save(caller(api), strategy_id, definition, replaces=replaces))
    except StrategyRefused as error:
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "the strategy cannot be saved", error.problems) from error
    except StaleVersion as error:
        raise ApiProblem(HTTPStatus.CONFLICT, str(error)) from error
    return StrategyAnswer.of(saved)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """An HTTP API event (payload 2.0) → its answer."""
    return api.resolve(event, context)
