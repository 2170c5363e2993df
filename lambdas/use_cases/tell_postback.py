"""Tell a user which address to enter at the broker of an account."""

from dataclasses import dataclass

from lambdas.domain.postbacks import path_of, proof_of
from lambdas.ports.brokers import Brokers
from lambdas.ports.secrets import Secrets
from lambdas.ports.store import AccountStore
from lambdas.use_cases.broker_accounts import account_of


@dataclass(frozen=True)
class PostbackAddress:
    """Where the broker of an account posts order updates to, and where the user enters that."""

    url: str
    enter_at: str


@dataclass(frozen=True)
class PostbackDesk:
    """Knows the addresses; `api_url` is that of the HTTP API."""

    accounts: AccountStore
    secrets: Secrets
    brokers: Brokers
    api_url: str

    async def address(self, user_id: str, account_id: str) -> PostbackAddress | None:
        """None where the broker posts no order updates. Raises AccountUnknown, SecretMissing."""
        account = await account_of(self.accounts, user_id, account_id)
        enter_at = self.brokers.facts(account.broker).postback_at
        if not enter_at:
            return None
        secret = await self.secrets.read(user_id, account_id)
        path = path_of(user_id, account_id, proof_of(user_id, account_id, secret.credentials))
        return PostbackAddress(f"{self.api_url.rstrip('/')}{path}", enter_at)
