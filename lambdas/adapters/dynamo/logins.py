"""Logins that have begun, in the one table."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lambdas.adapters.dynamo.items import user_pk
from lambdas.adapters.dynamo.table import Table
from lambdas.domain.moments import IST
from lambdas.domain.pending_login import PendingLogin
from shared_config.names import TTL_ATTRIBUTE

KEPT_AFTERWARDS = timedelta(hours=1)
"""A login that is over is still known for a while, so that a second use of it is told from an invented one."""


@dataclass(frozen=True)
class DynamoLogins:
    """Implements `LoginStore`. The state itself is not kept, only its digest."""

    table: Table

    async def begin_login(self, login: PendingLogin) -> None:
        await self.table.put(
            {
                "pk": user_pk(login.user_id),
                "sk": _login_sk(login.digest),
                "user_id": login.user_id,
                "account_id": login.account_id,
                "digest": login.digest,
                "valid_until": _stamp(login.valid_until),
                "used": login.used,
                TTL_ATTRIBUTE: int((login.valid_until + KEPT_AFTERWARDS).timestamp()),
            }
        )

    async def pending_login(self, user_id: str, digest: str) -> PendingLogin | None:
        item = await self.table.get(user_pk(user_id), _login_sk(digest))
        if item is None:
            return None
        return PendingLogin(
            user_id=item["user_id"],
            account_id=item["account_id"],
            digest=item["digest"],
            valid_until=datetime.fromisoformat(item["valid_until"]),
            used=item["used"],
        )

    async def use_login(self, login: PendingLogin, now: datetime) -> bool:
        used = await self.table.update(
            user_pk(login.user_id),
            _login_sk(login.digest),
            sets={"used": True},
            condition="#used = :no AND account_id = :account AND valid_until > :now",
            names={"#used": "used"},
            values={":no": False, ":account": login.account_id, ":now": _stamp(now)},
        )
        return used is not None


def _login_sk(digest: str) -> str:
    return f"LOGIN#{digest}"


def _stamp(instant: datetime) -> str:
    """An instant so that texts compare as instants do: IST, always with microseconds."""
    return instant.astimezone(IST).isoformat(timespec="microseconds")
