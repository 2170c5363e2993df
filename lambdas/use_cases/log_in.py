"""Log a user's account in at its broker: out through the broker's page, and back with what it gave."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lambdas.domain.accounts import Account
from lambdas.domain.control import AuditEntry
from lambdas.domain.pending_login import PendingLogin, digest_of
from lambdas.ports.brokers import Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.logins import LoginStore
from lambdas.ports.secrets import Secrets
from lambdas.ports.store import AccountStore, ControlStore
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
        state is used up also when the broker refuses: its own code for the exchange is worth one attempt too.
        """
        account = await account_of(self.accounts, user_id, account_id)
        if self.brokers.facts(account.broker).redirects:
            await self._use_state(user_id, account_id, answer.get("state", ""))
        secret = await self.secrets.read(user_id, account_id)
        session = await self.brokers.login(account, secret).handle_callback(answer, self.clock.now())
        try:
            return await store_session(self.accounts, self.secrets, account, secret, session)
        except AccountUnknown:
            await self.secrets.delete(user_id, account_id)
            raise

    async def _use_state(self, user_id: str, account_id: str, state: str) -> None:
        problem = await self._problem(user_id, account_id, state)
        if problem is None:
            return
        now = self.clock.now()
        subject = f"LOGIN#{user_id}#{account_id}"
        await self.controls.note(AuditEntry(now, subject, "refuse", before=None, after=problem, by=user_id))
        raise LoginRefused(problem)

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
