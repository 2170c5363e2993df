"""Load the brokers' instrument masters of the day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lambdas.domain.accounts import Account
from lambdas.domain.moments import IST
from lambdas.ports.broker import BrokerError
from lambdas.ports.brokers import Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.events import Event, Events
from lambdas.ports.secrets import SecretMissing, Secrets
from lambdas.ports.store import AccountStore, ContractStore


@dataclass(frozen=True)
class MasterLoader:
    """One master for each broker that anybody linked; a failure keeps the master of before."""

    accounts: AccountStore
    contracts: ContractStore
    secrets: Secrets
    brokers: Brokers
    events: Events
    clock: Clock
    underlyings: frozenset[str]

    async def load(self) -> Mapping[str, str]:
        """Load the master of every linked broker that is not loaded today; returns broker → what happened."""
        today = self.clock.now().astimezone(IST).date()
        told: dict[str, str] = {}
        for account in await self.accounts.linked_brokers():
            if await self.contracts.loaded_on(account.broker) == today:
                told[account.broker] = "loaded today already"
                continue
            try:
                told[account.broker] = f"{await self._load_one(account, today)} contracts"
            except (BrokerError, SecretMissing, ValueError) as error:
                told[account.broker] = f"failed, the master of before stays in use: {error}"
                detail = {"broker": account.broker, "reason": str(error)}
                await self.events.publish([Event("MasterFailed", detail)])
        return told

    async def _load_one(self, account: Account, today: date) -> int:
        secret = await self.secrets.read(account.user_id, account.account_id)
        broker = self.brokers.open(account, secret)
        try:
            listings = await broker.listings(self.underlyings)
        finally:
            await broker.aclose()
        await self.contracts.save_listings(account.broker, today, listings)
        return len(listings)
