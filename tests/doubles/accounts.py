"""Linked accounts in memory."""

from collections.abc import Sequence

from lambdas.domain.accounts import Account


class MemoryAccounts:
    """Implements `AccountStore`."""

    def __init__(self, *linked: Account) -> None:
        self._linked = {(account.user_id, account.account_id): account for account in linked}

    async def save_account(self, account: Account) -> None:
        self._linked[account.user_id, account.account_id] = account

    async def change_account(self, before: Account, after: Account) -> bool:
        key = (before.user_id, before.account_id)
        if self._linked.get(key) != before:
            return False
        self._linked[key] = after
        return True

    async def delete_account(self, user_id: str, account_id: str) -> None:
        self._linked.pop((user_id, account_id), None)

    async def account(self, user_id: str, account_id: str) -> Account | None:
        return self._linked.get((user_id, account_id))

    async def accounts(self, user_id: str) -> Sequence[Account]:
        return [self._linked[key] for key in sorted(self._linked) if key[0] == user_id]

    async def linked_brokers(self) -> Sequence[Account]:
        latest: dict[str, Account] = {}
        for account in (one for one in self._linked.values() if not one.quotes_from):
            if account.session_expires_at is None:
                continue
            known = latest.get(account.broker)
            if known is None or not known.session_expires_at or known.session_expires_at <= account.session_expires_at:
                latest[account.broker] = account
        return [latest[broker] for broker in sorted(latest)]

    async def enabled_accounts(self) -> Sequence[Account]:
        return [self._linked[key] for key in sorted(self._linked) if self._linked[key].enabled]
