"""Account secrets in memory."""

from lambdas.ports.secrets import AccountSecret, SecretMissing


class MemorySecrets:
    """Implements `Secrets`."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], AccountSecret] = {}

    async def read(self, user_id: str, account_id: str) -> AccountSecret:
        try:
            return self._kept[user_id, account_id]
        except KeyError as error:
            raise SecretMissing(f"no keys are stored for account {account_id}; link it again") from error

    async def write(self, user_id: str, account_id: str, secret: AccountSecret) -> None:
        self._kept[user_id, account_id] = AccountSecret(dict(secret.credentials), dict(secret.tokens))

    async def delete(self, user_id: str, account_id: str) -> None:
        self._kept.pop((user_id, account_id), None)
