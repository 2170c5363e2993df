"""Routes of brokers, the ways to them, and linked accounts."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from lambdas.bootstrap import run
from lambdas.domain.accounts import Account, Algo
from lambdas.domain.values import HeaderText, Identifier, Name
from lambdas.entrypoints.account_answers import BrokerAnswer, EgressRouteAnswer, PostbackAnswer
from lambdas.entrypoints.account_problems import explained
from lambdas.entrypoints.api_answers import AccountAnswer, RemovedAnswer
from lambdas.entrypoints.api_frame import answers, caller, new_router
from lambdas.entrypoints.frame import application
from lambdas.use_cases.broker_accounts import account_of

router = new_router()

AccountId = Annotated[Identifier, Path()]
Label = Annotated[Name, Field(max_length=40)]
Overwrite = Annotated[bool, Query(description="also while runs are open in it; it must log in again to close them")]
Unlink = Annotated[bool, Query(description="also while enabled strategies trade through it")]


class AlgoRequest(BaseModel):
    """What exchange and broker registered the algorithm as; it goes out with every order of the account.

    What is empty or left out is not sent. Which of the two a broker's orders carry is told by `GET /brokers`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    algo_id: HeaderText = ""
    algo_name: HeaderText = ""

    @property
    def algo(self) -> Algo:
        """Both, for the account."""
        return Algo(self.algo_id, self.algo_name)


class LinkRequest(AlgoRequest):
    """A broker account to link. The credentials go to the secret store and never come back."""

    broker: str
    label: Label
    egress: str = "default"
    credentials: dict[str, str]


class RenameRequest(BaseModel):
    """Another label."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: Label


@router.get("/brokers", summary="Supported brokers", operation_id="listBrokers", responses=answers(list[BrokerAnswer]))
def list_brokers() -> list[BrokerAnswer]:
    """Every broker that an account can be linked at, what that needs, and what the broker limits."""
    return [BrokerAnswer.of(application.brokers.facts(name)) for name in sorted(application.brokers.names)]


@router.get("/egress", summary="Ways out", operation_id="listEgress", responses=answers(list[EgressRouteAnswer]))
def list_egress() -> list[EgressRouteAnswer]:
    """Every route on which calls to brokers leave, and the address from which brokers see them come."""
    addresses = application.egress_addresses
    return [EgressRouteAnswer(name=name, address=addresses[name]) for name in sorted(addresses)]


@router.get("/accounts", summary="Linked accounts", operation_id="listAccounts", responses=answers(list[AccountAnswer]))
def list_accounts() -> list[AccountAnswer]:
    """The user's broker accounts and the state of their sessions."""
    now = application.clock.now()
    return [AccountAnswer.of(account, now) for account in run(application.accounts.accounts(caller(router)))]


@router.get(
    "/accounts/<account_id>",
    summary="One account",
    operation_id="getAccount",
    responses=answers(AccountAnswer, HTTPStatus.NOT_FOUND),
)
def get_account(account_id: AccountId) -> AccountAnswer:
    """One broker account, whether it is logged in, and until when."""
    with explained():
        return _answer(run(account_of(application.accounts, caller(router), account_id)))


@router.get(
    "/accounts/<account_id>/postback",
    summary="Where its broker posts to",
    operation_id="getPostbackAddress",
    responses=answers(PostbackAnswer, HTTPStatus.NOT_FOUND),
)
def get_postback_address(account_id: AccountId) -> PostbackAnswer:
    """The address for order updates, to be entered at the broker; keep it to yourself. New keys give another one."""
    with explained():
        return PostbackAnswer.of(run(application.postback_desk.address(caller(router), account_id)))


@router.put(
    "/accounts/<account_id>",
    summary="Link an account",
    operation_id="linkAccount",
    responses=answers(AccountAnswer, HTTPStatus.CONFLICT),
)
def link_account(
    account_id: AccountId, request: Annotated[LinkRequest, Body()], force: Overwrite = False
) -> AccountAnswer:
    """Store an account and its keys; it trades after its first login. One that is linked already gets the new keys."""
    with explained():
        linked = application.account_linker.link(
            caller(router),
            account_id,
            broker=request.broker,
            label=request.label,
            egress=request.egress,
            credentials=request.credentials,
            algo=request.algo,
            force=force,
        )
        return _answer(run(linked))


@router.delete(
    "/accounts/<account_id>",
    summary="Unlink an account",
    operation_id="unlinkAccount",
    responses=answers(RemovedAnswer, HTTPStatus.NOT_FOUND),
)
def unlink_account(account_id: AccountId, force: Unlink = False) -> RemovedAnswer:
    """Destroy its keys and remove it; never while a run is open in it."""
    with explained():
        run(application.account_keeper.unlink(caller(router), account_id, force=force))
    return RemovedAnswer(removed=account_id)


@router.post(
    "/accounts/<account_id>/rename",
    summary="Rename an account",
    operation_id="renameAccount",
    responses=answers(AccountAnswer, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def rename_account(account_id: AccountId, request: Annotated[RenameRequest, Body()]) -> AccountAnswer:
    """Give an account another label."""
    with explained():
        return _answer(run(application.account_keeper.rename(caller(router), account_id, request.label)))


@router.post(
    "/accounts/<account_id>/algo",
    summary="Set what the orders carry",
    operation_id="setAccountAlgo",
    responses=answers(AccountAnswer, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def set_account_algo(account_id: AccountId, request: Annotated[AlgoRequest, Body()]) -> AccountAnswer:
    """Send another algo id or name with the orders of an account from now on; an empty one ends that."""
    with explained():
        return _answer(run(application.account_keeper.register(caller(router), account_id, request.algo)))


@router.post(
    "/accounts/<account_id>/enable",
    summary="Enable an account",
    operation_id="enableAccount",
    responses=answers(AccountAnswer, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def enable_account(account_id: AccountId) -> AccountAnswer:
    """Let an account trade again."""
    with explained():
        return _answer(run(application.account_keeper.enable(caller(router), account_id)))


@router.post(
    "/accounts/<account_id>/disable",
    summary="Disable an account",
    operation_id="disableAccount",
    responses=answers(AccountAnswer, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def disable_account(account_id: AccountId) -> AccountAnswer:
    """Let an account trade no more, exits included; not while a run is open in it."""
    with explained():
        return _answer(run(application.account_keeper.disable(caller(router), account_id)))


def _answer(account: Account) -> AccountAnswer:
    return AccountAnswer.of(account, application.clock.now())
