"""Logins that have begun, in memory."""

from dataclasses import replace
from datetime import datetime

from lambdas.domain.pending_login import PendingLogin


class MemoryLogins:
    """Implements `LoginStore`. Nothing is forgotten."""

    def __init__(self) -> None:
        self._begun: dict[tuple[str, str], PendingLogin] = {}

    async def begin_login(self, login: PendingLogin) -> None:
        self._begun[login.user_id, login.digest] = login

    async def pending_login(self, user_id: str, digest: str) -> PendingLogin | None:
        return self._begun.get((user_id, digest))

    async def use_login(self, login: PendingLogin, now: datetime) -> bool:
        key = (login.user_id, login.digest)
        stored = self._begun.get(key)
        if stored is None or stored.problem(login.account_id, now):
            return False
        self._begun[key] = replace(stored, used=True)
        return True
