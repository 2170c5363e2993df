"""Login and tokens of the SmartAPI face (SmartAPI docs: user)."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sandbox.accounts import Account
from sandbox.clock import IST
from sandbox.smartapi import totp
from sandbox.smartapi.errors import BrokerError, GatewayError


@dataclass(frozen=True, slots=True)
class SmartSession:
    """The three tokens of a login; they end with the IST day."""

    account: Account
    jwt: str
    refresh: str
    feed: str
    ends_at: datetime


class SmartSessions:
    """One session for each client; a new login replaces the one before."""

    def __init__(self) -> None:
        self._signing_key = secrets.token_bytes(32)
        self._sessions: dict[str, SmartSession] = {}

    def login(self, account: Account | None, client: str, pin: str, code: str, now: datetime) -> SmartSession:
        """loginByPassword: client code and PIN, then the one-time password."""
        if (
            account is None
            or account.client_id != client
            or not hmac.compare_digest(account.pin.encode(), pin.encode())
        ):
            raise BrokerError("AB1007", "Invalid LoginId or PIN")
        if not totp.is_valid(account.totp_secret, code, now):
            raise BrokerError("AB1050", "Invalid totp")
        return self._open(account, now)

    def renew(self, refresh: str, now: datetime) -> SmartSession:
        """generateTokens: fresh tokens for a refresh token."""
        for session in self._sessions.values():
            if refresh and hmac.compare_digest(session.refresh.encode(), refresh.encode()):
                if now >= session.ends_at:
                    raise BrokerError("AB8051", "Refresh Token Expired")
                return self._open(session.account, now)
        raise BrokerError("AB8050", "Invalid Refresh Token")

    def check(self, jwt: str, now: datetime) -> SmartSession:
        """The session of a bearer token. Raises AG8001 (invalid), AG8002 (expired), AG8003 (missing)."""
        if not jwt:
            raise GatewayError("AG8003", "Token missing")
        for session in self._sessions.values():
            if hmac.compare_digest(session.jwt.encode(), jwt.encode()):
                if now >= session.ends_at:
                    raise GatewayError("AG8002", "Token Expired")
                return session
        raise GatewayError("AG8001", "Invalid Token")

    def end(self, client_id: str) -> None:
        """Forget a client's session."""
        self._sessions.pop(client_id, None)

    def _open(self, account: Account, now: datetime) -> SmartSession:
        ends_at = datetime.combine(now.date() + timedelta(days=1), time(), IST)
        session = SmartSession(
            account,
            self._token(account, ends_at, "access"),
            self._token(account, ends_at, "refresh"),
            secrets.token_hex(16),
            ends_at,
        )
        self._sessions[account.client_id] = session
        return session

    def _token(self, account: Account, ends_at: datetime, use: str) -> str:
        claims = {
            "username": account.client_id,
            "use": use,
            "exp": int(ends_at.timestamp()),
            "jti": secrets.token_hex(8),
        }
        head = _b64(json.dumps({"alg": "HS512"}).encode()) + "." + _b64(json.dumps(claims).encode())
        return head + "." + _b64(hmac.new(self._signing_key, head.encode(), hashlib.sha512).digest())


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
