"""Ask a broker whether an account is usable, by calls that move nothing."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from lambdas.domain.accounts import Account
from lambdas.ports.brokers import Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.secrets import AccountSecret, Secrets
from lambdas.ports.store import AccountStore
from lambdas.use_cases.broker_accounts import LinkRefused, account_of


@dataclass(frozen=True)
class Findings:
    """What the broker said of an account: whose it is, its rupees for derivatives, and how long both calls took."""

    client_id: str
    name: str
    available: Decimal
    used: Decimal
    took: timedelta
    problems: tuple[str, ...]


@dataclass(frozen=True)
class AccountProbe:
    """Tries accounts."""

    accounts: AccountStore
    secrets: Secrets
    brokers: Brokers
    clock: Clock

    async def probe(self, user_id: str, account_id: str) -> Findings:
        """Ask for the profile and the funds of a user's account.

        Raises AccountUnknown, LinkRefused before the first login, SecretMissing and the BrokerError branches.
        """
        account = await account_of(self.accounts, user_id, account_id)
        if account.session_expires_at is None:
            raise LinkRefused(f"account_id: {account_id} has never been logged in to {account.broker}; log in first")
        return await self.ask(account, await self.secrets.read(user_id, account_id))

    async def ask(self, account: Account, secret: AccountSecret) -> Findings:
        """The same of an account whose secret is at hand. A session of another client is a problem: orders would
        go to an account that nobody meant."""
        broker = self.brokers.open(account, secret)
        try:
            began = self.clock.now()
            profile = await broker.warm(1)
            funds = await broker.funds()
            took = self.clock.now() - began
        finally:
            await broker.aclose()
        problems = []
        if profile.client_id.casefold() != account.client_id.casefold():
            told = f"the session belongs to {profile.client_id}, the account to {account.client_id}"
            problems.append(f"client_id: {told}; log in again")
        return Findings(profile.client_id, profile.name, funds.available, funds.used, took, tuple(problems))
