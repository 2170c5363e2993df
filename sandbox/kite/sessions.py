"""Login and tokens of the Kite face (Kite Connect v3 docs: user, login flow)."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.accounts import Account
from sandbox.kite.errors import KiteError, bad_input

REQUEST_TOKEN_LIFE = timedelta(minutes=5)
_TOKEN_ENDS_AT_HOUR = 6


@dataclass(frozen=True, slots=True)
class KiteSession:
    """An access token of an app, valid until 06:00 IST of the next day."""

    account: Account
    access_token: str
    public_token: str
    logged_in_at: datetime
    ends_at: datetime


class KiteSessions:
    """Request tokens (single use, a few minutes) and access tokens (one for each app)."""

    def __init__(self) -> None:
        self._requests: dict[str, tuple[Account, datetime]] = {}
        self._sessions: dict[str, KiteSession] = {}

    def issue_request_token(self, account: Account, now: datetime) -> str:
        """A login was approved: the token that the redirect carries."""
        token = secrets.token_hex(16)
        self._requests[token] = (account, now + REQUEST_TOKEN_LIFE)
        return token

    def exchange(self, account: Account | None, request_token: str, checksum: str, now: datetime) -> KiteSession:
        """Trade a request token for an access token; checksum = SHA-256(api_key + request_token + secret)."""
        if account is None:
            raise KiteError("TokenException", "Invalid `api_key`.")
        if not request_token or not checksum:
            raise bad_input("Missing `request_token` or `checksum`.")
        expected = hashlib.sha256((account.api_key + request_token + account.api_secret).encode()).hexdigest()
        if not hmac.compare_digest(expected, checksum):
            raise KiteError("TokenException", "Invalid `checksum`.")
        owner, ends = self._requests.get(request_token, (None, now))
        if owner != account or now >= ends:
            raise KiteError("TokenException", "Token is invalid or has expired.")
        del self._requests[request_token]
        session = KiteSession(account, secrets.token_hex(16), secrets.token_hex(16), now, _next_six(now))
        self._sessions[account.api_key] = session
        return session

    def check(self, api_key: str, access_token: str, now: datetime) -> Account:
        """The account of a valid token. Raises TokenException."""
        session = self._sessions.get(api_key)
        if (
            session is None
            or now >= session.ends_at
            or not hmac.compare_digest(session.access_token.encode(), access_token.encode())
        ):
            raise KiteError("TokenException", "Incorrect `api_key` or `access_token`.")
        return session.account

    def end(self, api_key: str) -> None:
        """Forget an app's session."""
        self._sessions.pop(api_key, None)


def _next_six(now: datetime) -> datetime:
    six = now.replace(hour=_TOKEN_ENDS_AT_HOUR, minute=0, second=0, microsecond=0)
    return six if now < six else six + timedelta(days=1)
