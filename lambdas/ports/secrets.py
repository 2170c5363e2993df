"""Where credentials and session tokens live."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class SecretMissing(Exception):
    """No secret is stored for the account."""


@dataclass(frozen=True)
class AccountSecret:
    """What opens one broker account: the user's application keys, and the tokens of the present session."""

    credentials: Mapping[str, str] = field(repr=False)
    tokens: Mapping[str, str] = field(repr=False, default_factory=dict)


class Secrets(Protocol):
    """One secret for each account."""

    async def read(self, user_id: str, account_id: str) -> AccountSecret:
        """Raises SecretMissing."""
        ...

    async def write(self, user_id: str, account_id: str, secret: AccountSecret) -> None:
        """Create the secret or give it a new version."""
        ...

    async def delete(self, user_id: str, account_id: str) -> None:
        """Destroy the secret at once, for good; nothing happens when there is none."""
        ...
