"""Login and tokens of the Groww face (Groww docs: authentication)."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.accounts import Account
from sandbox.groww.errors import GatewayError
from sandbox.smartapi import totp

CHECKSUM_LIFE = timedelta(minutes=10)
_TOKENS_END_AT_HOUR = 6


@dataclass(frozen=True, slots=True)
class GrowwSession:
    """An access token, valid until the next 06:00 IST."""

    account: Account
    token: str
    reference: str
    ends_at: datetime


class GrowwSessions:
    """One session for each account; a new login replaces the one before."""

    def __init__(self) -> None:
        self._sessions: dict[str, GrowwSession] = {}

    def by_totp(self, account: Account, code: str, now: datetime) -> GrowwSession:
        """`key_type: totp`. Raises HTTP 400 in the words of the login."""
        if not totp.is_valid(account.totp_secret, code, now):
            raise GatewayError(400, "Invalid TOTP")
        return self._open(account, now)

    def by_checksum(self, account: Account, checksum: str, timestamp: str, now: datetime) -> GrowwSession:
        """`key_type: approval`: SHA-256(secret + epoch seconds), the seconds at most ten minutes off.

        The daily approval on Groww's page counts as given.
        """
        expected = hashlib.sha256(f"{account.api_secret}{timestamp}".encode()).hexdigest()
        if not hmac.compare_digest(expected, checksum):
            raise GatewayError(400, "Invalid checksum")
        if not timestamp.isdigit() or abs(now.timestamp() - int(timestamp)) > CHECKSUM_LIFE.total_seconds():
            raise GatewayError(400, "Invalid timestamp")
        return self._open(account, now)

    def owner(self, token: str) -> Account | None:
        """Whose token it is, valid or not any more."""
        session = self._find(token)
        return session.account if session else None

    def check(self, token: str, now: datetime) -> Account:
        """The account of a valid token. Raises HTTP 401."""
        session = self._find(token)
        if session is None or now >= session.ends_at:
            raise GatewayError(401, "Invalid or expired access token")
        return session.account

    def end(self, client_id: str) -> None:
        """Forget an account's session."""
        self._sessions.pop(client_id, None)

    def _find(self, token: str) -> GrowwSession | None:
        for session in self._sessions.values():
            if hmac.compare_digest(session.token.encode(), token.encode()):
                return session
        return None

    def _open(self, account: Account, now: datetime) -> GrowwSession:
        session = GrowwSession(account, secrets.token_urlsafe(48), secrets.token_hex(12), _next_six(now))
        self._sessions[account.client_id] = session
        return session


def _next_six(now: datetime) -> datetime:
    six = now.replace(hour=_TOKENS_END_AT_HOUR, minute=0, second=0, microsecond=0)
    return six if now < six else six + timedelta(days=1)
