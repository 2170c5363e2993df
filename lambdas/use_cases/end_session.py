"""Let an account say that its session is over."""

from dataclasses import replace
from datetime import datetime

from lambdas.domain.accounts import Account, SessionStatus
from lambdas.ports.store import AccountStore


async def end_session(accounts: AccountStore, account: Account, reason: str, now: datetime) -> Account | None:
    """The account with its session ended at `now`, in the broker's words; None, and nothing is written, when it was
    over already, or logged in or changed since it was read."""
    if account.session_status(now) is not SessionStatus.ACTIVE:
        return None
    ended = replace(account, session_expires_at=now, session_end_reason=reason)
    return ended if await accounts.change_account(account, ended) else None
