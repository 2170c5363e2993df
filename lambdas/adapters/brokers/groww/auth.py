"""Logging in at Groww without a browser: a one-time password, or a checksum of the secret and the time."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.groww.client import NAME, GrowwClient, read_envelope
from lambdas.adapters.brokers.groww.mapping import profile_of
from lambdas.adapters.brokers.http import Wire
from lambdas.adapters.brokers.login_advice import advising
from lambdas.adapters.brokers.reading import reading
from lambdas.adapters.brokers.totp import totp
from lambdas.domain.moments import IST
from lambdas.ports.broker import BrokerRefused
from lambdas.ports.broker_login import BrokerOAuthStrategy, BrokerSession
from lambdas.ports.clock import Clock

LOGIN = "/v1/token/api/access"
PROFILE = "/v1/user/detail"
_TOKENS_END = time(6, 0)
_KEYS = "today's approval of the key at Groww, and the API key, the API secret and the TOTP secret"
_WRONG = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class GrowwLogin(BrokerOAuthStrategy):
    """Implements `BrokerOAuthStrategy` (groww.in/trade-api/docs/curl, "Authentication").

    With a stored TOTP secret the login is automatic. With key and secret alone Groww wants the user to
    approve the key on its own page once a day.
    """

    def __init__(
        self, credentials: Mapping[str, str], endpoints: Endpoints, clock: Clock, proxy_url: str | None
    ) -> None:
        self._credentials = credentials
        self._endpoints = endpoints
        self._clock = clock
        self._proxy_url = proxy_url

    async def get_auth_url(self, state: str) -> None:  # noqa: ARG002
        """None: there is no login page that leads back."""
        return

    async def handle_callback(self, answer: Mapping[str, str], now: datetime) -> BrokerSession:
        """Log in with the `totp` of the answer, else the one of the stored secret, else with a checksum.

        Raises BrokerRefused when Groww does not accept it or the stored secret is not base32.
        """
        body = self._body(answer, now)
        api_key = self._credentials["api_key"]
        secrets = (*self._credentials.values(), str(body.get("totp", "")), str(body.get("checksum", "")))
        wire = Wire(NAME, self._clock, secrets=secrets, proxy_url=self._proxy_url)
        client = GrowwClient(wire, self._endpoints.login_url or self._endpoints.api_url, bearer=api_key)
        with advising(_KEYS, browser=False):
            try:
                token = await _token(client, body)
                client_id = await self._client_id(token)
            finally:
                await wire.aclose()
        return BrokerSession({"access_token": token}, client_id, self.session_ends_at(now))

    def session_ends_at(self, now: datetime) -> datetime:
        """The next 06:00 IST: Groww ends all access tokens then."""
        local = now.astimezone(IST)
        end = datetime.combine(local.date(), _TOKENS_END, IST)
        return end if local < end else end + timedelta(days=1)

    async def _client_id(self, token: str) -> str:
        """The client's code, which only the profile tells."""
        wire = Wire(NAME, self._clock, secrets=(*self._credentials.values(), token), proxy_url=self._proxy_url)
        try:
            client = GrowwClient(wire, self._endpoints.api_url, bearer=token)
            data = await client.call(client.request("GET", PROFILE))
        finally:
            await wire.aclose()
        with reading(NAME, "the profile"):
            return profile_of(data).client_id

    def _body(self, answer: Mapping[str, str], now: datetime) -> dict[str, Any]:
        secret = self._credentials.get("totp_secret", "")
        if code := answer.get("totp") or (self._totp(secret, now) if secret else ""):
            return {"key_type": "totp", "totp": code}
        timestamp = int(now.timestamp())
        checksum = sha256(f"{self._credentials['api_secret']}{timestamp}".encode()).hexdigest()
        return {"key_type": "approval", "checksum": checksum, "timestamp": timestamp}

    def _totp(self, secret: str, now: datetime) -> str:
        try:
            return totp(secret, now)
        except ValueError as error:
            raise BrokerRefused(f"{NAME}: {error}") from error


async def _token(client: GrowwClient, body: dict[str, Any]) -> str:
    """The access token; Groww writes it beside the envelope, not in it. A readable 4xx is a wrong login."""
    reply = await client.wire.ask(client.request("POST", LOGIN, json=body))
    payload = read_envelope(reply)
    if reply.status != HTTPStatus.OK or payload.get("status") == "FAILURE":
        raise BrokerRefused(client.told(payload)) if reply.status in _WRONG else client.error(reply, payload)
    with reading(NAME, "the session"):
        inner = payload if "token" in payload else payload["payload"]
        if not isinstance(inner["token"], str) or not inner["token"]:
            raise ValueError("no token")
        return str(inner["token"])


def open_login(
    *, credentials: Mapping[str, str], endpoints: Endpoints, clock: Clock, proxy_url: str | None
) -> BrokerOAuthStrategy:
    """The login at Groww; credentials are api_key, api_secret and, for an automatic login, totp_secret."""
    return GrowwLogin(credentials, endpoints, clock, proxy_url)
