"""Routes of baskets."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from lambdas.bootstrap import run
from lambdas.domain.basket import BasketDefinition
from lambdas.domain.values import Identifier
from lambdas.entrypoints.api_answers import BasketAnswer, BasketCopyAnswer, RemovedAnswer, StrategyAnswer
from lambdas.entrypoints.api_frame import answers, caller, new_router
from lambdas.entrypoints.frame import application
from lambdas.entrypoints.strategy_routes import CopyRequest, Replaces, Version, explained

router = new_router()

BasketId = Annotated[Identifier, Path()]


@router.get("/baskets", summary="All baskets", operation_id="listBaskets", responses=answers(list[BasketAnswer]))
def list_baskets() -> list[BasketAnswer]:
    """Every basket of the user."""
    return [BasketAnswer.of(basket) for basket in run(application.strategies.baskets(caller(router)))]


@router.get(
    "/baskets/<basket_id>",
    summary="One basket",
    operation_id="getBasket",
    responses=answers(BasketAnswer, HTTPStatus.NOT_FOUND),
)
def get_basket(basket_id: BasketId) -> BasketAnswer:
    """One basket of the user."""
    with explained():
        return BasketAnswer.of(run(application.basket_keeper.stored(caller(router), basket_id)))


@router.put(
    "/baskets/<basket_id>",
    summary="Create or replace",
    operation_id="putBasket",
    responses=answers(BasketAnswer, HTTPStatus.CONFLICT),
)
def put_basket(
    basket_id: BasketId, definition: Annotated[BasketDefinition, Body()], replaces: Replaces = 0
) -> BasketAnswer:
    """Store the next version of a basket; its strategies follow it from their next entry on."""
    with explained():
        saved = run(application.basket_keeper.save(caller(router), basket_id, definition, replaces=replaces))
    return BasketAnswer.of(saved)


@router.delete(
    "/baskets/<basket_id>",
    summary="Delete",
    operation_id="deleteBasket",
    responses=answers(RemovedAnswer, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def delete_basket(basket_id: BasketId, version: Version) -> RemovedAnswer:
    """Remove a basket; refused while it holds strategies."""
    with explained():
        run(application.basket_keeper.delete(caller(router), basket_id, version))
    return RemovedAnswer(removed=basket_id)


@router.post(
    "/baskets/<basket_id>/copy",
    summary="Copy",
    operation_id="copyBasket",
    responses=answers(BasketCopyAnswer, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def copy_basket(basket_id: BasketId, request: Annotated[CopyRequest, Body()]) -> BasketCopyAnswer:
    """A disabled copy with disabled copies of its strategies."""
    with explained():
        keeper = application.basket_keeper
        basket, strategies = run(keeper.copy(caller(router), basket_id, request.new_id, request.name))
    return BasketCopyAnswer(
        basket=BasketAnswer.of(basket), strategies=[StrategyAnswer.of(strategy) for strategy in strategies]
    )


@router.post(
    "/baskets/<basket_id>/enable",
    summary="Enable",
    operation_id="enableBasket",
    responses=answers(BasketAnswer, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def enable_basket(basket_id: BasketId, replaces: Version) -> BasketAnswer:
    """Let the strategies of a basket enter again."""
    return _switch(basket_id, enabled=True, replaces=replaces)


@router.post(
    "/baskets/<basket_id>/disable",
    summary="Disable",
    operation_id="disableBasket",
    responses=answers(BasketAnswer, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def disable_basket(basket_id: BasketId, replaces: Version) -> BasketAnswer:
    """Let no strategy of a basket enter; what is open is still exited at its time."""
    return _switch(basket_id, enabled=False, replaces=replaces)


def _switch(basket_id: str, *, enabled: bool, replaces: int) -> BasketAnswer:
    with explained():
        keeper = application.basket_keeper
        changed = run(keeper.switch(caller(router), basket_id, enabled=enabled, replaces=replaces))
    return BasketAnswer.of(changed)
