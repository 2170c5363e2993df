"""Where logins wait for the user's browser to come back."""

from datetime import datetime
from typing import Protocol

from lambdas.domain.pending_login import PendingLogin


class LoginStore(Protocol):
    """Logins that have begun. They are forgotten some time after they stop being valid."""

    async def begin_login(self, login: PendingLogin) -> None:
        """Keep a login that has begun."""
        ...

    async def pending_login(self, user_id: str, digest: str) -> PendingLogin | None:
        """A login of this user, used and expired ones included; None for every other user's."""
        ...

    async def use_login(self, login: PendingLogin, now: datetime) -> bool:
        """Finish a login: True for exactly one caller, and only while it is valid."""
        ...
