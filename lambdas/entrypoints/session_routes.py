"""Routes of logins at brokers, and of trying out what came of them."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from lambdas.bootstrap import run
from lambdas.domain.values import Identifier
from lambdas.entrypoints.account_answers import AccountTestAnswer, LoginAnswer
from lambdas.entrypoints.account_problems import explained
from lambdas.entrypoints.api_answers import AccountAnswer
from lambdas.entrypoints.api_frame import answers, caller, new_router
from lambdas.entrypoints.frame import application, logger

router = new_router()

AccountId = Annotated[Identifier, Path()]
BROKER_FAILS = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE)


@router.post(
    "/accounts/<account_id>/login",
    summary="Begin a login",
    operation_id="beginLogin",
    responses=answers(LoginAnswer, HTTPStatus.NOT_FOUND, *BROKER_FAILS),
)
def begin_login(account_id: AccountId) -> LoginAnswer:
    """Where to send the user's browser; what begins here has to be finished within ten minutes."""
    with explained():
        return LoginAnswer.of(run(application.login_desk.begin(caller(router), account_id)))


@router.post(
    "/accounts/<account_id>/session",
    summary="Finish a login",
    operation_id="startSession",
    responses=answers(AccountAnswer, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, *BROKER_FAILS),
)
def start_session(account_id: AccountId, answer: Annotated[dict[str, str], Body()]) -> AccountAnswer:
    """Exchange the whole query of the broker's callback, and the `state` of the login, for a session."""
    logger.append_keys(user_id=caller(router), account_id=account_id)
    with explained():
        account = run(application.login_desk.finish(caller(router), account_id, answer))
    return AccountAnswer.of(account, application.clock.now())


@router.post(
    "/accounts/<account_id>/test",
    summary="Try an account out",
    operation_id="testAccount",
    responses=answers(AccountTestAnswer, HTTPStatus.NOT_FOUND, *BROKER_FAILS),
)
def test_account(account_id: AccountId) -> AccountTestAnswer:
    """Ask the broker now whose the session is, and for its funds. Moves nothing."""
    with explained():
        return AccountTestAnswer.of(run(application.account_probe.probe(caller(router), account_id)))
