"""Login and tokens of the Upstox face (Upstox developer API: authorize, get token)."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.accounts import Account
from sandbox.upstox.errors import UpstoxError, bad_input, bad_token

CODE_LIFE = timedelta(minutes=5)
_TOKEN_ENDS_AT = (3, 30)


@dataclass(frozen=True, slots=True)
class UpstoxSession:
    """An access token, valid until the next 03:30 IST."""

    account: Account
    access_token: str
    ends_at: datetime


class UpstoxSessions:
    """Authorization codes (single use, a few minutes) and access tokens (one for each account)."""

    def __init__(self) -> None:
        self._codes: dict[str, tuple[Account, datetime]] = {}
        self._sessions: dict[str, UpstoxSession] = {}

    def issue_code(self, account: Account, now: datetime) -> str:
        """A login was approved: the code that the redirect carries."""
        code = secrets.token_urlsafe(6)
        self._codes[code] = (account, now + CODE_LIFE)
        return code

    def exchange(self, account: Account | None, form: dict[str, str], now: datetime) -> UpstoxSession:
        """Trade a code for an access token; the code is used up whether that succeeds or not."""
        owner, ends = self._codes.pop(form.get("code", ""), (None, now))
        if form.get("grant_type") != "authorization_code":
            raise bad_input("The 'grant_type' is invalid")
        if account is None or not _same(account.api_secret, form.get("client_secret", "")):
            raise UpstoxError("UDAPI100016", "Invalid Credentials", 401)
        if owner != account or now >= ends:
            raise UpstoxError("UDAPI100057", "Invalid Auth code", 401)
        if form.get("redirect_uri") != account.redirect_url:
            raise wrong_app()
        session = UpstoxSession(account, f"sandbox.{secrets.token_urlsafe(24)}", _next_end(now))
        self._sessions[account.client_id] = session
        return session

    def owner(self, access_token: str) -> Account | None:
        """Whose token it is, even when its time is over."""
        for session in self._sessions.values():
            if _same(session.access_token, access_token):
                return session.account
        return None

    def check(self, access_token: str, now: datetime) -> Account:
        """The account of a valid token. Raises UDAPI100050."""
        account = self.owner(access_token)
        if account is None or now >= self._sessions[account.client_id].ends_at:
            raise bad_token()
        return account

    def end(self, client_id: str) -> None:
        """Forget an account's session."""
        self._sessions.pop(client_id, None)


def wrong_app() -> UpstoxError:
    """The app is unknown, or the redirect is not the one it was made with."""
    return UpstoxError("UDAPI100068", "Check your 'client_id' and 'redirect_uri'; one or both are incorrect.", 401)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _next_end(now: datetime) -> datetime:
    hour, minute = _TOKEN_ENDS_AT
    end = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return end if now < end else end + timedelta(days=1)
