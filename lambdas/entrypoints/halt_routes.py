"""Routes that stop entries and square off. They reach what is the caller's only; the platform is for operators."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from lambdas.bootstrap import run
from lambdas.domain.scopes import Scope, ScopeKind
from lambdas.domain.values import ThingId
from lambdas.entrypoints.api_frame import MISFIT, ApiProblem, answers, caller, new_router
from lambdas.entrypoints.frame import application
from lambdas.entrypoints.halt_answers import (
    HaltAnswer,
    HaltKind,
    HaltRequest,
    ReleasedAnswer,
    SquareOffAnswer,
    SquareOffKind,
    SquareOffRequest,
    scope_of,
)
from lambdas.use_cases.square_off import NothingOfThatName
from lambdas.use_cases.switch_halts import HeldByAnother

router = new_router()
HaltKindAsked = Annotated[HaltKind, Query()]
SquareOffKindAsked = Annotated[SquareOffKind, Query()]
IdAsked = Annotated[ThingId | None, Query(description="of the account, strategy or run; none for the user")]


@router.get("/halts", summary="What is halted", operation_id="listHalts", responses=answers(list[HaltAnswer]))
def list_halts() -> list[HaltAnswer]:
    """Every halt that stops entries of the user, an operator's and the platform's too."""
    user_id = caller(router)
    return [HaltAnswer.of(halt, user_id) for halt in run(application.halt_switch.of_user(user_id))]


@router.post(
    "/halts",
    summary="Stop new entries",
    operation_id="halt",
    responses=answers(list[HaltAnswer], HTTPStatus.NOT_FOUND),
)
def halt(request: Annotated[HaltRequest, Body()]) -> list[HaltAnswer]:
    """Let something enter no more until it is released; what is open stays, and is exited at its time."""
    user_id = caller(router)
    scope = _own(request.kind, user_id, request.id)
    run(application.halt_switch.halt(scope, request.reason, user_id, over_others=False))
    return list_halts()


@router.delete(
    "/halts",
    summary="Allow entries again",
    operation_id="releaseHalt",
    responses=answers(ReleasedAnswer, HTTPStatus.CONFLICT),
)
def release_halt(kind: HaltKindAsked, id: IdAsked = None) -> ReleasedAnswer:
    """Release what the user halted; what an operator halted is refused."""
    user_id = caller(router)
    try:
        released = run(application.halt_switch.release(_scope(kind, user_id, id), user_id, over_others=False))
    except HeldByAnother as error:
        raise ApiProblem(HTTPStatus.CONFLICT, str(error)) from error
    return ReleasedAnswer(released=released)


@router.post(
    "/square-off",
    summary="Stop entries and close what is open, now",
    operation_id="squareOff",
    responses=answers(SquareOffAnswer, HTTPStatus.NOT_FOUND, done=HTTPStatus.ACCEPTED),
)
def square_off(request: Annotated[SquareOffRequest, Body()]) -> Response[SquareOffAnswer]:
    """Halt it (a run is no more entered either) and begin to close its open runs whole; what was found."""
    user_id = caller(router)
    scope = _own(request.kind, user_id, request.id)
    try:
        begun = run(application.square_off.run(scope, request.reason, user_id))
    except NothingOfThatName as error:
        raise ApiProblem(HTTPStatus.NOT_FOUND, str(error)) from error
    return Response(HTTPStatus.ACCEPTED.value, content_types.APPLICATION_JSON, SquareOffAnswer.of(begun, user_id))


@router.get(
    "/square-off",
    summary="How far the closing is",
    operation_id="getSquareOff",
    responses=answers(SquareOffAnswer, HTTPStatus.NOT_FOUND),
)
def get_square_off(kind: SquareOffKindAsked, id: IdAsked = None) -> SquareOffAnswer:
    """Today's runs of something, with what is open in them and what became of their closing orders."""
    user_id = caller(router)
    found = run(application.square_off.progress(_own(kind, user_id, id)))
    if found.scope.kind is ScopeKind.RUN and not found.runs:
        raise ApiProblem(HTTPStatus.NOT_FOUND, f"there is no run {found.scope.thing_id!r} today")
    return SquareOffAnswer.of(found, user_id)


def _scope(kind: HaltKind | SquareOffKind, user_id: str, thing_id: str | None) -> Scope:
    try:
        return scope_of(kind, user_id, thing_id)
    except ValueError as error:
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, MISFIT, [str(error)]) from error


def _own(kind: HaltKind | SquareOffKind, user_id: str, thing_id: str | None) -> Scope:
    """A scope of things that exist. A run is looked for among those of today by whoever closes it."""
    scope = _scope(kind, user_id, thing_id)
    found: object = True
    if scope.kind is ScopeKind.ACCOUNT:
        found = run(application.accounts.account(user_id, scope.thing_id))
    elif scope.kind is ScopeKind.STRATEGY:
        found = run(application.strategies.strategy(user_id, scope.thing_id))
    if not found:
        raise ApiProblem(HTTPStatus.NOT_FOUND, f"you have no {kind} {scope.thing_id!r}")
    return scope
