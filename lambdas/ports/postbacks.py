"""How order updates that brokers post are read, and where they wait to be looked into."""

from collections.abc import Mapping
from typing import Any, Protocol

from lambdas.domain.postbacks import Letter, OrderNamed


class PostbackUnreadable(Exception):
    """Nobody can say which order a postback is about; the message says what is missing, and quotes nothing."""


class PostbackForged(Exception):
    """A postback does not carry what its broker signs it with."""


class PostbackWords(Protocol):
    """The brokers' own words for order updates."""

    def are_posted_by(self, broker: str) -> bool:
        """Whether a broker posts order updates."""
        ...

    def read(self, broker: str, body: Mapping[str, Any], credentials: Mapping[str, str]) -> OrderNamed:
        """The order that a postback is about. Raises PostbackForged, where the broker signs, and PostbackUnreadable."""
        ...


class LetterBox(Protocol):
    """Letters wait in it, for a moment, until several are looked into together."""

    async def put(self, letter: Letter) -> None:
        """Keep a letter. Raises when it was not taken."""
        ...
