"""Logging in at Angel One: client code, PIN and a one-time password, without a browser."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from lambdas.adapters.brokers.angel_one.client import NAME, UNDECIDED_CODES, SmartClient
from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.http import Wire
from lambdas.adapters.brokers.login_advice import advising
from lambdas.adapters.brokers.reading import reading, text_at
from lambdas.adapters.brokers.totp import totp
from lambdas.domain.moments import IST
from lambdas.ports.broker import BrokerRefused, SessionOver
from lambdas.ports.broker_login import BrokerOAuthStrategy, BrokerSession
from lambdas.ports.clock import Clock

_LOGIN = "/rest/auth/angelbroking/user/v1/loginByPassword"
_RENEW = "/rest/auth/angelbroking/jwt/v1/generateTokens"
_UNDECIDED = UNDECIDED_CODES - {"AB1007"}
"""At the login AB1007 says that client code or PIN are wrong: trying again would lock the account."""
_KEYS = "the API key, the client code, the PIN and the TOTP secret"


class AngelOneLogin(BrokerOAuthStrategy):
    """Implements `BrokerOAuthStrategy` (smartapi.angelbroking.com/docs/User, "Login")."""

    def __init__(
        self, credentials: Mapping[str, str], endpoints: Endpoints, clock: Clock, proxy_url: str | None
    ) -> None:
        self._credentials = credentials
        self._endpoints = endpoints
        self._clock = clock
        self._proxy_url = proxy_url

    async def get_auth_url(self, state: str) -> None:  # noqa: ARG002
        """None: there is no login page."""
        return

    async def handle_callback(self, answer: Mapping[str, str], now: datetime) -> BrokerSession:
        """Log in with the stored PIN and the `totp` of the answer, or else the one of the stored secret.

        Raises BrokerRefused when Angel One does not accept them or the stored secret is not base32.
        """
        code = answer.get("totp") or self._totp(now)
        api_key, pin = self._credentials["api_key"], self._credentials["pin"]
        secrets = (api_key, pin, code, self._credentials["totp_secret"])
        wire = Wire(NAME, self._clock, secrets=secrets, proxy_url=self._proxy_url)
        client = SmartClient(wire, self._endpoints, api_key=api_key)
        body = {"clientcode": self._credentials["client_code"], "password": pin, "totp": code}
        with advising(_KEYS, browser=False):
            try:
                data = await client.call(client.request("POST", _LOGIN, json=body), undecided=_UNDECIDED)
            finally:
                await wire.aclose()
            return self._session(data, now)

    async def refresh(self, tokens: Mapping[str, str], now: datetime) -> BrokerSession:
        """New tokens for the refresh token; the ones before may end at once.

        Raises SessionOver when there is no refresh token or Angel One does not accept it any more.
        Source: smartapi.angelbroking.com/docs/User, "Generate Token".
        """
        refresh_token = tokens.get("refresh_token")
        if not refresh_token:
            raise SessionOver(f"{NAME}: there is no refresh token; log in again")
        api_key = self._credentials["api_key"]
        wire = Wire(NAME, self._clock, secrets=(api_key, *tokens.values()), proxy_url=self._proxy_url)
        client = SmartClient(wire, self._endpoints, api_key=api_key, jwt_token=tokens.get("jwt_token", ""))
        try:
            data = await client.call(client.request("POST", _RENEW, json={"refreshToken": refresh_token}))
        finally:
            await wire.aclose()
        return self._session(data, now)

    def session_ends_at(self, now: datetime) -> datetime:
        """Midnight IST. Angel One says "one trading day" without an hour; the earliest reading is the safe one:
        a session that ends too soon costs a login, one that ends too late costs an order."""
        return datetime.combine(now.astimezone(IST).date() + timedelta(days=1), time(), IST)

    def _session(self, data: Any, now: datetime) -> BrokerSession:
        with reading(NAME, "the session"):
            tokens = {
                "jwt_token": text_at(data, "jwtToken"),
                "refresh_token": str(data["refreshToken"]),
                "feed_token": str(data["feedToken"]),
            }
            return BrokerSession(tokens, self._credentials["client_code"], self.session_ends_at(now))

    def _totp(self, now: datetime) -> str:
        try:
            return totp(self._credentials["totp_secret"], now)
        except ValueError as error:
            raise BrokerRefused(f"{NAME}: {error}") from error


def open_login(
    *, credentials: Mapping[str, str], endpoints: Endpoints, clock: Clock, proxy_url: str | None
) -> BrokerOAuthStrategy:
    """The login at Angel One; credentials are api_key, client_code, pin and totp_secret."""
    return AngelOneLogin(credentials, endpoints, clock, proxy_url)
