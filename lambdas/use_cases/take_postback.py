"""Take an order update that a broker posts: is it ours to read, and which order is it about."""

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.domain.postbacks import Letter, proof_of
from lambdas.ports.postbacks import LetterBox, PostbackUnreadable, PostbackWords
from lambdas.ports.secrets import SecretMissing, Secrets
from lambdas.ports.store import AccountStore

MOST_CHARACTERS = 64 * 1024
"""Of a body; the largest that a broker posts has two thousand."""

MakeProof = Callable[[str, str, Mapping[str, str]], str]


class NotAnAddress(Exception):
    """No account has this address."""


@dataclass(frozen=True)
class PostbackTaker:
    """Puts aside which order a postback is about. What it says of that order nobody believes: its broker is asked."""

    accounts: AccountStore
    secrets: Secrets
    words: PostbackWords
    box: LetterBox
    make_proof: MakeProof = proof_of

    async def take(self, user_id: str, account_id: str, proof: str, text: str) -> None:
        """Raises NotAnAddress, whatever of the address is wrong; PostbackForged; PostbackUnreadable."""
        account = await self.accounts.account(user_id, account_id)
        if account is None or not self.words.are_posted_by(account.broker):
            raise NotAnAddress
        try:
            secret = await self.secrets.read(user_id, account_id)
        except SecretMissing as error:
            raise NotAnAddress from error
        expected = self.make_proof(user_id, account_id, secret.credentials)
        if not hmac.compare_digest(expected.encode(), proof.encode()):
            raise NotAnAddress
        named = self.words.read(account.broker, _object(text), secret.credentials)
        await self.box.put(Letter(user_id, account_id, named.broker_order_id, named.tag))


def _object(text: str) -> dict[str, Any]:
    if len(text) > MOST_CHARACTERS:
        raise PostbackUnreadable(f"it has {len(text)} characters; at most {MOST_CHARACTERS} are read")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PostbackUnreadable("it is not JSON") from error
    if not isinstance(body, dict):
        raise PostbackUnreadable("it is no JSON object")
    return body
