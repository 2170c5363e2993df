"""Linked accounts in the one table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.conditions import Attr

from lambdas.adapters.dynamo.items import SELDOM_OF_ACCOUNT, Item, account_item, account_of, user_pk
from lambdas.adapters.dynamo.table import Table
from lambdas.domain.accounts import Account

BROKERS_PARTITION = "BROKERS"
SESSIONS_PARTITION = "SESSIONS"


@dataclass(frozen=True)
class DynamoAccounts:
    """Implements `AccountStore`. An enabled account lies a second time in the partition of all sessions, written in
    the same transaction: whoever checks them reads that partition and no other."""

    table: Table

    async def save_account(self, account: Account) -> None:
        pointer = _put_session(account) if account.enabled else _delete_session(account.user_id, account.account_id)
        await self.table.transact([{"Put": {"Item": account_item(account)}}, pointer])
        await self._remember_session(account)

    async def change_account(self, before: Account, after: Account) -> bool:
        operations = [{"Put": {"Item": account_item(after), **_is_still(before)}}]
        if after.enabled:
            operations.append(_put_session(after))
        elif before.enabled:
            operations.append(_delete_session(after.user_id, after.account_id))
        if not await self.table.transact(operations):
            return False
        await self._remember_session(after)
        return True

    async def delete_account(self, user_id: str, account_id: str) -> None:
        account = await self.account(user_id, account_id)
        if account is None:
            return
        key = {"pk": user_pk(user_id), "sk": _account_sk(account_id)}
        await self.table.transact([{"Delete": {"Key": key}}, _delete_session(user_id, account_id)])
        await self.table.transact([_forget_session(account)])

    async def account(self, user_id: str, account_id: str) -> Account | None:
        item = await self.table.get(user_pk(user_id), _account_sk(account_id))
        return account_of(item) if item else None

    async def accounts(self, user_id: str) -> Sequence[Account]:
        return [account_of(item) for item in await self.table.query(user_pk(user_id), "ACCOUNT#")]

    async def linked_brokers(self) -> Sequence[Account]:
        return [account_of(item) for item in await self.table.query(BROKERS_PARTITION)]

    async def enabled_accounts(self) -> Sequence[Account]:
        return [account_of(item) for item in await self.table.query(SESSIONS_PARTITION)]

    async def _remember_session(self, account: Account) -> None:
        """The latest session at each broker: whoever loads the masters finds one account without a scan. A paper
        account has no master of its own."""
        if account.session_expires_at is None or account.quotes_from:
            return
        ends = int(account.session_expires_at.timestamp())
        pointer = {"pk": BROKERS_PARTITION, "sk": account.broker, "session_ends": ends}
        same = Attr("user_id").eq(account.user_id) & Attr("account_id").eq(account.account_id)
        earlier = Attr("session_ends").not_exists() | Attr("session_ends").lte(ends)
        await self.table.put({**account_item(account), **pointer}, same | earlier)


def _account_sk(account_id: str) -> str:
    return f"ACCOUNT#{account_id}"


def _session_key(user_id: str, account_id: str) -> Item:
    return {"pk": SESSIONS_PARTITION, "sk": f"{user_id}#{account_id}"}


def _put_session(account: Account) -> dict[str, Any]:
    return {"Put": {"Item": {**account_item(account), **_session_key(account.user_id, account.account_id)}}}


def _delete_session(user_id: str, account_id: str) -> dict[str, Any]:
    return {"Delete": {"Key": _session_key(user_id, account_id)}}


def _forget_session(account: Account) -> dict[str, Any]:
    """Take an account away that was the last to log in at its broker; the next login there is remembered again."""
    return {
        "Delete": {
            "Key": {"pk": BROKERS_PARTITION, "sk": account.broker},
            "ConditionExpression": "user_id = :user AND account_id = :account",
            "ExpressionAttributeValues": {":user": account.user_id, ":account": account.account_id},
        }
    }


def _is_still(account: Account) -> dict[str, Any]:
    """The condition that every attribute is as it was read, and that those which were not there are not there."""
    held = account_item(account)
    names = {f"#a{number}": name for number, name in enumerate(held)}
    conditions = [f"{name} = {name.replace('#', ':')}" for name in names]
    conditions += [f"attribute_not_exists({name})" for name in SELDOM_OF_ACCOUNT if name not in held]
    return {
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {f":a{number}": value for number, value in enumerate(held.values())},
    }
