"""Log a user's account in at its broker: out through the broker's page, and back with what it gave."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from lambdas.domain.accounts import Account
from lambdas.domain.control import AuditEntry
from lambdas.domain.pending_login import PendingLogin, digest_of
from lambdas.ports.broker import BrokerRefused
from lambdas.ports.broker_login import BrokerSession
from lambdas.ports.brokers import Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.logins import LoginStore
from lambdas.ports.secrets import SecretMissing, Secrets
from lambdas.ports.store import AccountStore, Contended, ControlStore
from lambdas.use_cases.broker_accounts import AccountUnknown, account_of
from lambdas.use_cases.store_session import store_session

UNKNOWN = "state: no login of yours began with it; begin a new one"
MISSING = "state: is missing; send everything that the broker's login brought, and the state of the login"


class LoginRefused(Exception):
    """What came back belongs to no login that may be finished; the message says why and what to do."""


@dataclass(frozen=True)
class BegunLogin:
    """Where the browser goes, and the state that has to come back; both None where no browser is needed."""

    url: str | None
    state: str | None


@dataclass(frozen=True)
class LoginDesk:
    """Begins logins and finishes them.

    A callback that a stranger made up, or that somebody replays, must not put a session into an account (RFC 6749,
    section 10.12). So each login has a state that `new_state` makes up, which nobody can guess, of one user and
    account, used once, and soon over. Brokers that ask for a one-time password instead redirect nobody.
    """

    accounts: AccountStore
    secrets: Secrets
    logins: LoginStore
    controls: ControlStore
    brokers: Brokers
    clock: Clock
    new_state: Callable[[], str]

    async def begin(self, user_id: str, account_id: str) -> BegunLogin:
        """Where the user's browser logs in to the broker.

        Raises AccountUnknown, SecretMissing, and the BrokerError branches where the broker is asked for the address.
        """
        account = await account_of(self.accounts, user_id, account_id)
        login = self.brokers.login(account, await self.secrets.read(user_id, account_id))
        state = self.new_state()
        url = await login.get_auth_url(state)
        if url is None:
            return BegunLogin(None, None)
        await self.logins.begin_login(PendingLogin.begun(user_id, account_id, state, self.clock.now()))
        return BegunLogin(url, state)

    async def finish(self, user_id: str, account_id: str, answer: Mapping[str, str]) -> Account:
        """Exchange what the login brought, `state` included, for a session, and keep it.

        Raises AccountUnknown, LoginRefused and the BrokerError branches; the session before stays in use then. The
        state is used up also when the broker refuses: its own code for the exchange is worth one attempt too. What
        is refused, here or by the broker, is in the audit.
        """
        account = await account_of(self.accounts, user_id, account_id)
        if self.brokers.facts(account.broker).redirects:
            await self._use_state(user_id, account_id, answer.get("state", ""))
        secret = await self.secrets.read(user_id, account_id)
        try:
            session = await self.brokers.login(account, secret).handle_callback(answer, self.clock.now())
        except BrokerRefused as refused:
            await self._note_refusal(user_id, account_id, str(refused))
            raise
        await self._check_client(account, session)
        try:
            logged_in = await store_session(self.accounts, self.secrets, account, secret, session)
        except AccountUnknown:
            await self.secrets.delete(user_id, account_id)
            raise
        await self._follow(logged_in)
        return logged_in

    async def _follow(self, source: Account) -> None:
        """Begin sessions of the paper accounts that quote from an account which has one now. One that cannot
        begin says so itself, at its own login and in the morning's check."""
        linked = await self.accounts.accounts(source.user_id)
        for account in linked:
            if account.quotes_from == source.account_id:
                with suppress(SecretMissing, ValueError, AccountUnknown, Contended):
                    secret = await self.secrets.read(account.user_id, account.account_id)
                    session = await self.brokers.login(account, secret).handle_callback({}, self.clock.now())
                    await store_session(self.accounts, self.secrets, account, secret, session)

    async def _use_state(self, user_id: str, account_id: str, state: str) -> None:
        problem = await self._problem(user_id, account_id, state)
        if problem is None:
            return
        await self._note_refusal(user_id, account_id, problem)
        raise LoginRefused(problem)

    async def _check_client(self, account: Account, session: BrokerSession) -> None:
        """Refuse a session of another client than before: orders would go to an account that nobody meant."""
        if not account.client_id or session.client_id.casefold() == account.client_id.casefold():
            return
        problem = (
            f"client_id: the login at {account.broker} was that of {session.client_id}, the account is "
            f"{account.client_id}'s; log in as {account.client_id}, or link {session.client_id} as another account"
        )
        await self._note_refusal(account.user_id, account.account_id, problem)
        raise LoginRefused(problem)

    async def _note_refusal(self, user_id: str, account_id: str, why: str) -> None:
        subject = f"LOGIN#{user_id}#{account_id}"
        await self.controls.note(AuditEntry(self.clock.now(), subject, "refuse", before=None, after=why, by=user_id))

    async def _problem(self, user_id: str, account_id: str, state: str) -> str | None:
        """Why a login cannot be finished with this state, or None: then the state is used up."""
        if not state:
            return MISSING
        login = await self.logins.pending_login(user_id, digest_of(state))
        if login is None:
            return UNKNOWN
        now = self.clock.now()
        problem = login.problem(account_id, now)
        if problem is None and not await self.logins.use_login(login, now):
            return "state: this login is being finished already; begin a new one"
        return problem
