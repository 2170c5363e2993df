"""Consents and tokens of the Dhan face (DhanHQ docs: authentication)."""

import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.accounts import Account
from sandbox.dhan.errors import DhanError, not_authenticated

CONSENT_LIFE = timedelta(minutes=10)
TOKEN_ID_LIFE = timedelta(minutes=5)
ACCESS_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class DhanSession:
    """The one access token of a client, valid for 24 hours."""

    account: Account
    access_token: str
    ends_at: datetime


class DhanSessions:
    """Consents (approved once), token ids (exchanged once) and access tokens (one for each client)."""

    def __init__(self) -> None:
        self._consents: dict[str, tuple[Account, datetime]] = {}
        self._token_ids: dict[str, tuple[Account, datetime]] = {}
        self._sessions: dict[str, DhanSession] = {}

    def generate(self, account: Account, now: datetime) -> str:
        """A consent that waits for the user."""
        consent = str(uuid.uuid4())
        self._consents[consent] = (account, now + CONSENT_LIFE)
        return consent

    def pending(self, consent: str, now: datetime) -> Account:
        """Who a consent is asked of. Raises for one that is unknown, used or too old."""
        account, ends = self._consents.get(consent, (None, now))
        if account is None or now >= ends:
            raise DhanError("DH-905", "Invalid consentAppId")
        return account

    def approve(self, consent: str, now: datetime) -> str:
        """The user agreed: the token id that the redirect carries."""
        account = self.pending(consent, now)
        del self._consents[consent]
        token_id = str(uuid.uuid4())
        self._token_ids[token_id] = (account, now + TOKEN_ID_LIFE)
        return token_id

    def refuse(self, consent: str, now: datetime) -> Account:
        """The user did not agree: the consent is spent."""
        account = self.pending(consent, now)
        del self._consents[consent]
        return account

    def consume(self, account: Account, token_id: str, now: datetime) -> DhanSession:
        """Trade a token id for an access token; it must have been approved for the app that asks."""
        owner, ends = self._token_ids.get(token_id, (None, now))
        if owner != account or now >= ends:
            raise DhanError("DH-905", "Invalid tokenId")
        del self._token_ids[token_id]
        return self._open(account, now)

    def renew(self, access_token: str, now: datetime) -> DhanSession:
        """A new token; the one before ends."""
        return self._open(self.check(access_token, now), now)

    def find(self, access_token: str) -> Account | None:
        """Whose token that is, expired or not."""
        for session in self._sessions.values():
            if access_token and hmac.compare_digest(session.access_token.encode(), access_token.encode()):
                return session.account
        return None

    def check(self, access_token: str, now: datetime) -> Account:
        """The account of a valid token. Raises DH-901."""
        account = self.find(access_token)
        if account is None or now >= self._sessions[account.client_id].ends_at:
            raise not_authenticated()
        return account

    def end(self, client_id: str) -> None:
        """Forget a client's session."""
        self._sessions.pop(client_id, None)

    def _open(self, account: Account, now: datetime) -> DhanSession:
        session = DhanSession(account, f"eyJ{secrets.token_urlsafe(48)}", now + ACCESS_LIFE)
        self._sessions[account.client_id] = session
        return session
