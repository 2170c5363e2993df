"""How a user's session at one broker begins, and how long it lasts."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class BrokerSession:
    """A logged-in session. `tokens` are secrets: kept in the secret store, shown to nobody."""

    tokens: Mapping[str, str] = field(repr=False)
    client_id: str
    expires_at: datetime


class BrokerOAuthStrategy(ABC):
    """One broker's way from a user's credentials to a session. One implementation for each broker.

    It is made for one account; its credentials and egress route are known to it.
    """

    @abstractmethod
    async def get_auth_url(self, state: str) -> str | None:
        """Where the browser goes to log in, `state` carried along and brought back; None where no browser is needed.

        Raises a BrokerError branch where the broker has to be asked for the address.
        """

    @abstractmethod
    async def handle_callback(self, answer: Mapping[str, str], now: datetime) -> BrokerSession:
        """Exchange what the callback carried (or a one-time password) for a session.

        Raises BrokerRefused naming what was wrong, or another BrokerError branch.
        """

    @abstractmethod
    def session_ends_at(self, now: datetime) -> datetime:
        """When a session that begins at `now` ends by the broker's rules."""

    async def refresh(self, tokens: Mapping[str, str], now: datetime) -> BrokerSession | None:  # noqa: ARG002
        """A session that goes on without the user; None where the broker has no such thing.

        Raises a BrokerError branch when the broker has it and refuses.
        """
        return None
