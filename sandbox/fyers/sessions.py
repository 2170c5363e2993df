"""Login and tokens of the Fyers face (docs: authentication and login flow)."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.accounts import FYERS, Account, Accounts
from sandbox.fyers.errors import EXPIRED, INVALID_TOKEN, NOT_AUTHENTICATED, FyersError

AUTH_CODE_LIFE = timedelta(minutes=5)
REFRESH_LIFE = timedelta(days=15)
_TOKENS_END_AT_HOUR = 6
"""The `exp` of the token in the docs' sample answer is 06:00 IST of the next day."""
_WRONG_HASH, _WRONG_CODE, _WRONG_REFRESH, _WRONG_PIN = -371, -437, -501, -502


@dataclass(frozen=True, slots=True)
class FyersSession:
    """The tokens of an app: the access token for the day, the refresh token for fifteen."""

    account: Account
    access_token: str
    refresh_token: str
    ends_at: datetime
    refreshable_until: datetime


class FyersSessions:
    """Auth codes (single use, a few minutes) and one session for each app."""

    def __init__(self) -> None:
        self._codes: dict[str, tuple[Account, datetime]] = {}
        self._sessions: dict[str, FyersSession] = {}

    def issue_code(self, account: Account, now: datetime) -> str:
        """A login was approved: the auth code that the redirect carries."""
        code = secrets.token_urlsafe(48)
        self._codes[code] = (account, now + AUTH_CODE_LIFE)
        return code

    def exchange(self, accounts: Accounts, app_id_hash: str, code: str, now: datetime) -> FyersSession:
        """Trade an auth code for the tokens; `appIdHash` is SHA-256("app_id:secret")."""
        account = _by_hash(accounts, app_id_hash)
        owner, ends = self._codes.get(code, (None, now))
        if owner != account or now >= ends:
            raise FyersError(_WRONG_CODE, "invalid auth code")
        del self._codes[code]
        session = FyersSession(
            account, secrets.token_urlsafe(48), secrets.token_urlsafe(48), _next_end(now), now + REFRESH_LIFE
        )
        self._sessions[account.api_key] = session
        return session

    def refresh(self, accounts: Accounts, app_id_hash: str, token: str, pin: str, now: datetime) -> FyersSession:
        """A new access token for a refresh token and the user's PIN."""
        account = _by_hash(accounts, app_id_hash)
        session = self._sessions.get(account.api_key)
        if session is None or not _same(session.refresh_token, token) or now >= session.refreshable_until:
            raise FyersError(_WRONG_REFRESH, "invalid refresh token", 401)
        if not _same(account.pin, pin):
            raise FyersError(_WRONG_PIN, "invalid pin")
        fresh = FyersSession(
            account, secrets.token_urlsafe(48), token, _next_end(now), session.refreshable_until
        )  # fmt: skip
        self._sessions[account.api_key] = fresh
        return fresh

    def check(self, app_id: str, access_token: str, now: datetime) -> Account:
        """The account of a valid token. Raises -15 (missing), -16 (wrong) or -8 (expired)."""
        if not app_id or not access_token:
            raise FyersError(INVALID_TOKEN, "Please provide a valid token")
        session = self._sessions.get(app_id)
        if session is None or not _same(session.access_token, access_token):
            raise FyersError(NOT_AUTHENTICATED, "Could not authenticate the user")
        if now >= session.ends_at:
            raise FyersError(EXPIRED, "Your token has expired. Please generate a new token")
        return session.account

    def end(self, app_id: str) -> None:
        """Forget an app's session."""
        self._sessions.pop(app_id, None)


def _by_hash(accounts: Accounts, app_id_hash: str) -> Account:
    for account in accounts.all():
        expected = hashlib.sha256(f"{account.api_key}:{account.api_secret}".encode()).hexdigest()
        if account.broker == FYERS and _same(expected, app_id_hash):
            return account
    raise FyersError(_WRONG_HASH, "invalid app id hash")


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(), right.encode())


def _next_end(now: datetime) -> datetime:
    end = now.replace(hour=_TOKENS_END_AT_HOUR, minute=0, second=0, microsecond=0)
    return end if now < end else end + timedelta(days=1)
