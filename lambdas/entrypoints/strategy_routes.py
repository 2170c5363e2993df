"""Routes of strategies."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import BaseModel, ConfigDict

from lambdas.bootstrap import run
from lambdas.domain.strategy import StrategyDefinition
from lambdas.domain.values import Identifier, Name
from lambdas.entrypoints.api_answers import RemovedAnswer, StrategyAnswer, StrategyStatusAnswer
from lambdas.entrypoints.api_frame import ApiProblem, answers, caller, new_router
from lambdas.entrypoints.frame import application
from lambdas.ports.store import BasketMissing, StaleVersion
from lambdas.use_cases.change_strategy import StrategyUnknown
from lambdas.use_cases.keep_baskets import BasketUnknown
from lambdas.use_cases.save_strategy import StrategyRefused

router = new_router()

StrategyId = Annotated[Identifier, Path()]
Version = Annotated[int, Query(ge=1, le=2**31, description="the version that is meant; another one is refused")]
Replaces = Annotated[int, Query(ge=0, le=2**31, description="the version that this one replaces; 0 creates")]


class CopyRequest(BaseModel):
    """Where a copy goes. It is disabled, so that nothing trades twice unasked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    new_id: Identifier
    name: Name | None = None


@router.get(
    "/strategies",
    summary="All strategies",
    operation_id="listStrategies",
    responses=answers(list[StrategyStatusAnswer]),
)
def list_strategies() -> list[StrategyStatusAnswer]:
    """Every strategy of the user, why it would not trade now, and when it runs next."""
    told = run(application.strategy_status.of_all(caller(router)))
    return [StrategyStatusAnswer.at(one.strategy, one.reasons, one.next_run) for one in told]


@router.get(
    "/strategies/<strategy_id>",
    summary="One strategy",
    operation_id="getStrategy",
    responses=answers(StrategyStatusAnswer, HTTPStatus.NOT_FOUND),
)
def get_strategy(strategy_id: StrategyId) -> StrategyStatusAnswer:
    """One strategy of the user, why it would not trade now, and when it runs next."""
    with explained():
        stored = run(application.strategy_changer.stored(caller(router), strategy_id))
    told = run(application.strategy_status.of(stored))
    return StrategyStatusAnswer.at(stored, told.reasons, told.next_run)


@router.put(
    "/strategies/<strategy_id>",
    summary="Create or replace",
    operation_id="putStrategy",
    responses=answers(StrategyAnswer, HTTPStatus.CONFLICT),
)
def put_strategy(
    strategy_id: StrategyId, definition: Annotated[StrategyDefinition, Body()], replaces: Replaces = 0
) -> StrategyAnswer:
    """Store the next version of a strategy together with its place in the schedule."""
    with explained():
        saved = run(application.strategy_saver.save(caller(router), strategy_id, definition, replaces=replaces))
    return StrategyAnswer.of(saved)


@router.delete(
    "/strategies/<strategy_id>",
    summary="Delete",
    operation_id="deleteStrategy",
    responses=answers(RemovedAnswer, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def delete_strategy(strategy_id: StrategyId, version: Version) -> RemovedAnswer:
    """Remove a strategy and everything that is due for it; refused while its run of today is open."""
    with explained():
        run(application.strategy_changer.stored(caller(router), strategy_id))
        run(application.strategy_saver.delete(caller(router), strategy_id, version))
    return RemovedAnswer(removed=strategy_id)


@router.post(
    "/strategies/<strategy_id>/copy",
    summary="Copy",
    operation_id="copyStrategy",
    responses=answers(StrategyAnswer, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def copy_strategy(strategy_id: StrategyId, request: Annotated[CopyRequest, Body()]) -> StrategyAnswer:
    """A disabled copy under a new id."""
    with explained():
        copy = run(application.strategy_changer.copy(caller(router), strategy_id, request.new_id, request.name))
    return StrategyAnswer.of(copy)


@router.post(
    "/strategies/<strategy_id>/enable",
    summary="Enable",
    operation_id="enableStrategy",
    responses=answers(StrategyAnswer, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def enable_strategy(strategy_id: StrategyId, replaces: Version) -> StrategyAnswer:
    """Let a strategy enter from its next time on."""
    return _switch(strategy_id, enabled=True, replaces=replaces)


@router.post(
    "/strategies/<strategy_id>/disable",
    summary="Disable",
    operation_id="disableStrategy",
    responses=answers(StrategyAnswer, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def disable_strategy(strategy_id: StrategyId, replaces: Version) -> StrategyAnswer:
    """Let a strategy enter no more; what is open is still exited at its time."""
    return _switch(strategy_id, enabled=False, replaces=replaces)


def _switch(strategy_id: str, *, enabled: bool, replaces: int) -> StrategyAnswer:
    with explained():
        changer = application.strategy_changer
        changed = run(changer.switch(caller(router), strategy_id, enabled=enabled, replaces=replaces))
    return StrategyAnswer.of(changed)


@contextmanager
def explained() -> Iterator[None]:
    """Answer what goes wrong with a strategy or basket with a status and a reason."""
    try:
        yield
    except (StrategyUnknown, BasketUnknown) as error:
        raise ApiProblem(HTTPStatus.NOT_FOUND, str(error)) from error
    except StrategyRefused as error:
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "it cannot be done as asked", error.problems) from error
    except BasketMissing as error:
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "it cannot be done as asked", [str(error)]) from error
    except StaleVersion as error:
        raise ApiProblem(HTTPStatus.CONFLICT, str(error)) from error
