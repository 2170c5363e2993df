"""The account whose quotes a paper account trades at."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from lambdas.adapters.brokers.paper.auth import NAME
from lambdas.domain.accounts import Account
from lambdas.ports.broker import Broker, BrokerError, BrokerGarbled, BrokerRefused, SessionOver
from lambdas.ports.brokers import Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.secrets import SecretMissing, Secrets
from lambdas.ports.store import AccountStore

OpenSource = Callable[[], Awaitable[Broker]]
"""Opens the account that gives the quotes. Raises a BrokerError branch."""


def source_of(
    account: Account, *, accounts: AccountStore, secrets: Secrets, brokers: Brokers, clock: Clock
) -> OpenSource:
    """How the account that `account` quotes from is opened: SessionOver when it is not logged in."""

    async def open_it() -> Broker:
        source = await accounts.account(account.user_id, account.quotes_from)
        if source is None:
            raise BrokerRefused("it is not linked any more; link it again")
        problem = source.session_problem(clock.now())
        if problem:
            raise SessionOver(problem)
        try:
            return brokers.open(source, await secrets.read(source.user_id, source.account_id))
        except (SecretMissing, ValueError) as error:
            raise BrokerRefused(str(error)) from error

    return open_it


class Source:
    """That account, opened when it is first asked for; what goes wrong there says where."""

    def __init__(self, account_id: str, open_it: OpenSource) -> None:
        self._account_id = account_id
        self._open_it = open_it
        self._opened: Broker | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def asked(self) -> AsyncIterator[Broker]:
        """The open account. Raises the same branch of BrokerError as it does."""
        try:
            yield await self._broker()
        except BrokerError as error:
            raise type(error)(f"{NAME}: quotes of account {self._account_id}: {error}") from error

    async def _broker(self) -> Broker:
        async with self._opening:
            if self._opened is None:
                try:
                    self._opened = await self._open_it()
                except BrokerError:
                    raise
                except Exception as error:
                    raise BrokerGarbled(f"it could not be opened: {type(error).__name__}") from error
            return self._opened

    async def aclose(self) -> None:
        """Close its connections."""
        if self._opened is not None:
            await self._opened.aclose()
