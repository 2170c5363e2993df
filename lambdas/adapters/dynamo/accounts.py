"""Linked accounts in the one table."""

from collections.abc import Sequence
from dataclasses import dataclass

from boto3.dynamodb.conditions import Attr

from lambdas.adapters.dynamo.items import account_item, account_of, user_pk
from lambdas.adapters.dynamo.table import Table
from lambdas.domain.accounts import Account

BROKERS_PARTITION = "BROKERS"


@dataclass(frozen=True)
class DynamoAccounts:
    """Implements `AccountStore`."""

    table: Table

    async def save_account(self, account: Account) -> None:
        await self.table.put(account_item(account))
        if account.session_expires_at is not None:
            # The latest session at each broker: whoever loads the masters finds one account without a scan.
            ends = int(account.session_expires_at.timestamp())
            pointer = {"pk": BROKERS_PARTITION, "sk": account.broker, "session_ends": ends}
            same = Attr("user_id").eq(account.user_id) & Attr("account_id").eq(account.account_id)
            earlier = Attr("session_ends").not_exists() | Attr("session_ends").lte(ends)
            await self.table.put({**account_item(account), **pointer}, same | earlier)

    async def account(self, user_id: str, account_id: str) -> Account | None:
        item = await self.table.get(user_pk(user_id), f"ACCOUNT#{account_id}")
        return account_of(item) if item else None

    async def accounts(self, user_id: str) -> Sequence[Account]:
        return [account_of(item) for item in await self.table.query(user_pk(user_id), "ACCOUNT#")]

    async def linked_brokers(self) -> Sequence[Account]:
        return [account_of(item) for item in await self.table.query(BROKERS_PARTITION)]
