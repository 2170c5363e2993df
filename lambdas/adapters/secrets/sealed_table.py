"""Account secrets in the one table, each sealed under the KMS key for its user and account."""

import asyncio
import json
from dataclasses import dataclass

from boto3.dynamodb.conditions import Attr

from lambdas.adapters.dynamo.items import Item, user_pk
from lambdas.adapters.dynamo.table import Table
from lambdas.adapters.secrets.envelope import Envelope, Sealed, Unopened
from lambdas.ports.secrets import AccountSecret, SecretMissing
from lambdas.ports.store import Contended

ATTEMPTS = 4
"""How often a version is written anew when another writer was faster; the last one stays."""


@dataclass(frozen=True)
class SealedTable:
    """Implements `Secrets`. An item holds ciphertext only; who reads the table reads nothing without the key."""

    table: Table
    envelope: Envelope

    async def read(self, user_id: str, account_id: str) -> AccountSecret:
        item = await self.table.get(*_key(user_id, account_id))
        if item is None:
            raise SecretMissing(f"no keys are stored for account {account_id}; link it again")
        sealed = Sealed(bytes(item["ciphertext"]), bytes(item["data_key"]))
        try:
            text = await asyncio.to_thread(self.envelope.open, sealed, _context(user_id, account_id))
        except Unopened as error:
            raise SecretMissing(f"the keys stored for account {account_id} cannot be opened; link it again") from error
        stored = json.loads(text)
        return AccountSecret(stored["credentials"], stored["tokens"])

    async def write(self, user_id: str, account_id: str, secret: AccountSecret) -> None:
        """Raises Contended when others write the same secret again and again."""
        text = json.dumps({"credentials": dict(secret.credentials), "tokens": dict(secret.tokens)}).encode()
        sealed = await asyncio.to_thread(self.envelope.seal, text, _context(user_id, account_id))
        for _ in range(ATTEMPTS):
            if await self._put_next(user_id, account_id, sealed):
                return
        raise Contended(f"the keys of account {account_id} are being changed by others; nothing was stored, try again")

    async def delete(self, user_id: str, account_id: str) -> None:
        pk, sk = _key(user_id, account_id)
        await self.table.transact([{"Delete": {"Key": {"pk": pk, "sk": sk}}}])

    async def _put_next(self, user_id: str, account_id: str, sealed: Sealed) -> bool:
        """Write the version after the one that is stored; False when another writer was faster."""
        pk, sk = _key(user_id, account_id)
        stored = await self.table.get(pk, sk)
        version = int(stored["version"]) if stored else 0
        item: Item = {
            "pk": pk,
            "sk": sk,
            "version": version + 1,
            "ciphertext": sealed.ciphertext,
            "data_key": sealed.data_key,
        }
        return await self.table.put(item, Attr("version").eq(version) if stored else Attr("pk").not_exists())


def _key(user_id: str, account_id: str) -> tuple[str, str]:
    return user_pk(user_id), f"SECRET#{account_id}"


def _context(user_id: str, account_id: str) -> dict[str, str]:
    return {"user": user_id, "account": account_id}
