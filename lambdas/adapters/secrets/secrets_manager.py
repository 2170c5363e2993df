"""Account secrets in AWS Secrets Manager: one secret for each account, a version for each session."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from lambdas.ports.secrets import AccountSecret, SecretMissing

CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})


def connect() -> Any:
    """A Secrets Manager client."""
    return boto3.client("secretsmanager", config=CONFIG)


@dataclass(frozen=True)
class SecretsManager:
    """Implements `Secrets`. The prefix is what the functions' policies allow."""

    client: Any
    prefix: str

    async def read(self, user_id: str, account_id: str) -> AccountSecret:
        try:
            answer = await asyncio.to_thread(self.client.get_secret_value, SecretId=self._name(user_id, account_id))
        except self.client.exceptions.ResourceNotFoundException as error:
            raise SecretMissing(f"no keys are stored for account {account_id}; link it again") from error
        stored = json.loads(answer["SecretString"])
        return AccountSecret(stored["credentials"], stored["tokens"])

    async def write(self, user_id: str, account_id: str, secret: AccountSecret) -> None:
        name = self._name(user_id, account_id)
        text = json.dumps({"credentials": dict(secret.credentials), "tokens": dict(secret.tokens)})
        try:
            await asyncio.to_thread(self.client.put_secret_value, SecretId=name, SecretString=text)
        except self.client.exceptions.ResourceNotFoundException:
            await asyncio.to_thread(self.client.create_secret, Name=name, SecretString=text)

    async def delete(self, user_id: str, account_id: str) -> None:
        """Without the usual days of grace: while they last, no account can be linked under the same id."""
        try:
            await asyncio.to_thread(
                self.client.delete_secret, SecretId=self._name(user_id, account_id), ForceDeleteWithoutRecovery=True
            )
        except self.client.exceptions.ResourceNotFoundException:
            return

    def _name(self, user_id: str, account_id: str) -> str:
        return f"{self.prefix}/{user_id}/{account_id}"
