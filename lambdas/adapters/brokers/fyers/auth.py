"""Logging in at Fyers: the browser brings an auth code, which becomes the day's access token."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.fyers.client import NAME, FyersClient
from lambdas.adapters.brokers.fyers.mapping import profile_of
from lambdas.adapters.brokers.http import Wire
from lambdas.adapters.brokers.login_advice import advising
from lambdas.adapters.brokers.reading import reading, text_at
from lambdas.domain.moments import IST
from lambdas.ports.broker import BrokerRefused
from lambdas.ports.broker_login import BrokerOAuthStrategy, BrokerSession
from lambdas.ports.clock import Clock

_AUTH_CODE = "/api/v3/generate-authcode"
_VALIDATE = "/api/v3/validate-authcode"
_REFRESH = "/api/v3/validate-refresh-token"
_PROFILE = "/api/v3/profile"
_KEYS = "the App ID and the App secret"


class FyersLogin(BrokerOAuthStrategy):
    """Implements `BrokerOAuthStrategy` (myapi.fyers.in/docsv3, "Authentication & Login Flow - User Apps")."""

    def __init__(
        self, credentials: Mapping[str, str], endpoints: Endpoints, clock: Clock, proxy_url: str | None
    ) -> None:
        self._app_id = credentials["api_key"]
        self._secret = credentials["api_secret"]
        self._redirect_url = credentials["redirect_url"]
        self._pin = credentials.get("pin", "")
        self._endpoints = endpoints
        self._clock = clock
        self._proxy_url = proxy_url

    async def get_auth_url(self, state: str) -> str:
        """Fyers' login page; it sends the browser on to the app's redirect URL with `state` unchanged."""
        query = {
            "client_id": self._app_id,
            "redirect_uri": self._redirect_url,
            "response_type": "code",
            "state": state,
        }
        return f"{self._endpoints.login_url.rstrip('/')}{_AUTH_CODE}?{urlencode(query)}"

    async def handle_callback(self, answer: Mapping[str, str], now: datetime) -> BrokerSession:
        """Exchange `auth_code`, which lives for minutes, for the tokens of the day.

        Raises BrokerRefused when the callback brings no code or Fyers does not accept it.
        """
        code = answer.get("auth_code", "")
        if answer.get("s", "ok") != "ok" or not code:
            raise BrokerRefused(f"{NAME}: the login was not completed; log in again")
        body = {"grant_type": "authorization_code", "appIdHash": self._hash, "code": code}
        with advising(_KEYS, browser=True):
            return await self._session(_VALIDATE, body, {}, now)

    def session_ends_at(self, now: datetime) -> datetime:
        """Midnight IST. Fyers says "the trading day" without an hour; the earliest reading is the safe one:
        a session that ends too soon costs a login, one that ends too late costs an order."""
        return datetime.combine(now.astimezone(IST).date() + timedelta(days=1), time(), IST)

    async def refresh(self, tokens: Mapping[str, str], now: datetime) -> BrokerSession | None:
        """A new access token for the refresh token, which lives for 15 days; None without the user's PIN.

        The refresh token stays the same. Raises SessionOver or BrokerRefused when Fyers does not accept it or
        the PIN: the user must log in.
        """
        token = tokens.get("refresh_token", "")
        if not token or not self._pin:
            return None
        body = {"grant_type": "refresh_token", "appIdHash": self._hash, "refresh_token": token, "pin": self._pin}
        return await self._session(_REFRESH, body, {"refresh_token": token}, now)

    async def _session(
        self, path: str, body: Mapping[str, str], kept: Mapping[str, str], now: datetime
    ) -> BrokerSession:
        """The tokens that `path` answers with, and, since that answer does not tell, whose they are."""
        data = await self._call("POST", path, json=body)
        with reading(NAME, "the session"):
            tokens = {**kept, "access_token": text_at(data, "access_token")}
            if data.get("refresh_token"):
                tokens["refresh_token"] = str(data["refresh_token"])
        answer = await self._call("GET", _PROFILE, tokens["access_token"])
        with reading(NAME, "the profile"):
            return BrokerSession(tokens, profile_of(answer["data"]).client_id, self.session_ends_at(now))

    async def _call(
        self, method: str, path: str, access_token: str = "", json: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        secrets = (self._secret, self._pin, self._hash, access_token, *(json or {}).values())
        public = {"authorization_code", "refresh_token"}
        wire = Wire(NAME, self._clock, secrets=set(secrets) - public, proxy_url=self._proxy_url)
        try:
            client = FyersClient(wire, self._endpoints.api_url, app_id=self._app_id, access_token=access_token)
            return await client.call(client.request(method, path, json=json))
        finally:
            await wire.aclose()

    @property
    def _hash(self) -> str:
        return sha256(f"{self._app_id}:{self._secret}".encode()).hexdigest()


def open_login(
    *, credentials: Mapping[str, str], endpoints: Endpoints, clock: Clock, proxy_url: str | None
) -> BrokerOAuthStrategy:
    """The login at Fyers; credentials are api_key (the app id), api_secret, redirect_url and, if given, pin."""
    return FyersLogin(credentials, endpoints, clock, proxy_url)
