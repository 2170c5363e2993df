"""Routes of broker accounts."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import BaseModel, ConfigDict, Field

from lambdas.bootstrap import run
from lambdas.domain.values import Identifier, Name
from lambdas.entrypoints.api_answers import AccountAnswer, Answer
from lambdas.entrypoints.api_frame import ApiProblem, answers, caller, new_router
from lambdas.entrypoints.frame import application
from lambdas.ports.broker import BrokerError
from lambdas.ports.secrets import SecretMissing
from lambdas.use_cases.broker_accounts import AccountUnknown, LinkRefused

router = new_router()


class BrokerAnswer(Answer):
    """A broker and what linking an account there needs."""

    name: str
    credential_fields: list[str]


class LinkRequest(BaseModel):
    """A broker account to link. The credentials go to the secret store and never come back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    broker: str
    label: Annotated[Name, Field(max_length=40)]
    egress: str = "default"
    credentials: dict[str, str]


class LoginAnswer(Answer):
    """Where the user's browser logs in; null where the broker needs no browser."""

    login_url: str | None


@router.get("/brokers", summary="Supported brokers", operation_id="listBrokers", responses=answers(list[BrokerAnswer]))
def list_brokers() -> list[BrokerAnswer]:
    """Every broker that an account can be linked at."""
    brokers = application.brokers
    return [
        BrokerAnswer(name=name, credential_fields=list(brokers.credential_fields(name)))
        for name in sorted(brokers.names)
    ]


@router.get("/accounts", summary="Linked accounts", operation_id="listAccounts", responses=answers(list[AccountAnswer]))
def list_accounts() -> list[AccountAnswer]:
    """The user's broker accounts and the state of their sessions."""
    now = application.clock.now()
    return [AccountAnswer.of(account, now) for account in run(application.accounts.accounts(caller(router)))]


@router.put(
    "/accounts/<account_id>",
    summary="Link an account",
    operation_id="linkAccount",
    responses=answers(AccountAnswer, HTTPStatus.BAD_GATEWAY),
)
def link_account(account_id: Annotated[Identifier, Path()], request: Annotated[LinkRequest, Body()]) -> AccountAnswer:
    """Store an account and its keys; it trades after its first login."""
    with explained():
        account = run(
            application.account_linker.link(
                caller(router),
                account_id,
                broker=request.broker,
                label=request.label,
                egress=request.egress,
                credentials=request.credentials,
            )
        )
    return AccountAnswer.of(account, application.clock.now())


@router.post(
    "/accounts/<account_id>/login",
    summary="Begin a login",
    operation_id="beginLogin",
    responses=answers(LoginAnswer, HTTPStatus.NOT_FOUND, HTTPStatus.BAD_GATEWAY),
)
def begin_login(account_id: Annotated[Identifier, Path()]) -> LoginAnswer:
    """Where to send the user's browser."""
    with explained():
        return LoginAnswer(login_url=run(application.account_linker.login_url(caller(router), account_id, account_id)))


@router.post(
    "/accounts/<account_id>/session",
    summary="Finish a login",
    operation_id="startSession",
    responses=answers(AccountAnswer, HTTPStatus.NOT_FOUND, HTTPStatus.BAD_GATEWAY),
)
def start_session(
    account_id: Annotated[Identifier, Path()], answer: Annotated[dict[str, str], Body()]
) -> AccountAnswer:
    """Exchange what the broker's login brought for a session."""
    with explained():
        account = run(application.account_linker.start_session(caller(router), account_id, answer))
    return AccountAnswer.of(account, application.clock.now())


@contextmanager
def explained() -> Iterator[None]:
    """Answer what goes wrong with an account or its broker with a status and a reason."""
    try:
        yield
    except AccountUnknown as error:
        raise ApiProblem(HTTPStatus.NOT_FOUND, str(error)) from error
    except (LinkRefused, SecretMissing, ValueError) as error:
        message = "the account cannot be used as asked"
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, message, [str(error)]) from error
    except BrokerError as error:
        raise ApiProblem(HTTPStatus.BAD_GATEWAY, "the broker did not open a session", [str(error)]) from error
