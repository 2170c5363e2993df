"""Link broker accounts and begin their sessions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lambdas.domain.accounts import Account
from lambdas.ports.brokers import Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.secrets import AccountSecret, Secrets
from lambdas.ports.store import AccountStore


class LinkRefused(Exception):
    """The account cannot be linked as asked; the message names the field and what to do."""


class AccountUnknown(Exception):
    """The user has no account of that id."""


@dataclass(frozen=True)
class AccountLinker:
    """Keeps a user's broker accounts: their public part in the table, their keys among the secrets."""

    accounts: AccountStore
    secrets: Secrets
    brokers: Brokers
    clock: Clock
    egress_routes: frozenset[str]

    async def link(
        self,
        user_id: str,
        account_id: str,
        *,
        broker: str,
        label: str,
        egress: str,
        credentials: Mapping[str, str],
    ) -> Account:
        """Store an account and its keys; it can trade after its first login.

        Raises LinkRefused for an unknown broker or egress route and for missing or unknown credentials.
        """
        if broker not in self.brokers.names:
            raise LinkRefused(
                f"broker: {broker!r} is not supported; choose one of {', '.join(sorted(self.brokers.names))}"
            )
        if egress not in self.egress_routes:
            raise LinkRefused(f"egress: {egress!r} is no route; choose one of {', '.join(sorted(self.egress_routes))}")
        fields = self.brokers.credential_fields(broker)
        missing = [name for name in fields if not credentials.get(name, "").strip()]
        unknown = sorted(set(credentials) - set(fields))
        if missing or unknown:
            raise LinkRefused(
                f"credentials: {broker} needs {', '.join(fields)}"
                + (f"; missing: {', '.join(missing)}" if missing else "")
                + (f"; unknown: {', '.join(unknown)}" if unknown else "")
            )
        account = Account(user_id, account_id, broker, label, client_id="", enabled=True, egress=egress)
        await self.secrets.write(user_id, account_id, AccountSecret(credentials))
        await self.accounts.save_account(account)
        return account

    async def login_url(self, user_id: str, account_id: str, state: str) -> str | None:
        """Where the user's browser logs in to the broker; None where no browser is needed."""
        account = await self._account(user_id, account_id)
        return self.brokers.login(account, await self.secrets.read(user_id, account_id)).login_url(state)

    async def start_session(self, user_id: str, account_id: str, answer: Mapping[str, str]) -> Account:
        """Exchange what the login brought for a session, and keep it.

        Raises AccountUnknown and the BrokerError branches; the session before stays in use then.
        """
        account = await self._account(user_id, account_id)
        secret = await self.secrets.read(user_id, account_id)
        session = await self.brokers.login(account, secret).start_session(answer, self.clock.now())
        await self.secrets.write(user_id, account_id, AccountSecret(secret.credentials, session.tokens))
        logged_in = replace(account, client_id=session.client_id, session_expires_at=session.expires_at)
        await self.accounts.save_account(logged_in)
        return logged_in

    async def _account(self, user_id: str, account_id: str) -> Account:
        account = await self.accounts.account(user_id, account_id)
        if account is None:
            raise AccountUnknown(f"you have no account {account_id!r}")
        return account
