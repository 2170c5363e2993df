"""Logging in at Dhan: a consent, the browser's approval of it, and the access token of a day."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from lambdas.adapters.brokers.dhan.client import NAME, DhanClient
from lambdas.adapters.brokers.dhan.quiet import keep_token_ids_out_of_the_log
from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.http import Wire
from lambdas.adapters.brokers.login_advice import advising
from lambdas.adapters.brokers.reading import reading, text_at
from lambdas.domain.moments import IST
from lambdas.ports.broker import BrokerRefused, SessionOver
from lambdas.ports.broker_login import BrokerOAuthStrategy, BrokerSession
from lambdas.ports.clock import Clock

_TOKEN_LIFE = timedelta(hours=24)
_KEYS = "the Client ID, the App ID and the App secret"


class DhanLogin(BrokerOAuthStrategy):
    """Implements `BrokerOAuthStrategy` (dhanhq.co/docs/v2/authentication, "API Key & Secret").

    Dhan sends the browser to the redirect address that is registered for the app, with `tokenId` and nothing
    else: it takes no `state` and brings none back. What binds a callback to its user then:

    - the redirect address, which belongs to one app of one Dhan client (credential `redirect_url`; Dhan reads
      it from the app, it is not sent), so that the page behind it knows which account asked;
    - the exchange, which needs the secret of that app: a token id of another app is refused;
    - the client id of the session, which must be the one of the account: a token id that another client
      approved, and slipped in, begins no session.

    Dhan gives out 25 consents a day for each app, and the newest access token ends the one before.
    """

    def __init__(
        self, credentials: Mapping[str, str], endpoints: Endpoints, clock: Clock, proxy_url: str | None
    ) -> None:
        self._client_id = credentials["client_id"]
        self._app = {"app_id": credentials["api_key"], "app_secret": credentials["api_secret"]}
        self._login_url = endpoints.login_url.rstrip("/")
        self._api_url = endpoints.api_url
        self._clock = clock
        self._proxy_url = proxy_url

    async def get_auth_url(self, state: str) -> str:  # noqa: ARG002
        """Dhan's page for a consent made now; `state` cannot be carried along (see the class).

        Raises BrokerRefused when Dhan does not accept app or client, or another BrokerError branch.
        """
        async with self._client() as client:
            data = await self._ask(client, "POST", "/app/generate-consent", client_id=self._client_id)
        with reading(NAME, "the consent"):
            query = urlencode({"consentAppId": str(data["consentAppId"])})
        return f"{self._login_url}/login/consentApp-login?{query}"

    async def handle_callback(self, answer: Mapping[str, str], now: datetime) -> BrokerSession:
        """Exchange `tokenId`, which can be used once, for the access token of the next 24 hours.

        Raises BrokerRefused when the callback brings none, Dhan does not accept it, or the session is another
        client's.
        """
        token_id = answer.get("tokenId")
        if not token_id:
            raise BrokerRefused(f"{NAME}: the login was not completed; log in again")
        keep_token_ids_out_of_the_log()
        async with self._client(token_id) as client:
            data = await self._ask(client, "GET", "/app/consumeApp-consent", tokenId=token_id)
        return self._session(data, now)

    def session_ends_at(self, now: datetime) -> datetime:
        """24 hours later (dhanhq.co/docs/v2/authentication)."""
        return now + _TOKEN_LIFE

    async def refresh(self, tokens: Mapping[str, str], now: datetime) -> BrokerSession:
        """A new token for one that is still valid, which ends with it: `GET /v2/RenewToken`.

        Dhan promises this only for tokens that were made on its own website and may refuse one that an app got.
        Raises BrokerRefused then, SessionOver when there is no token or it is over; the user must log in.
        """
        access_token = tokens.get("access_token")
        if not access_token:
            raise SessionOver(f"{NAME}: there is no token to renew; log in again")
        async with self._client(access_token) as client:
            data = await client.call(client.request("GET", "/RenewToken"))
        return self._session(data, now)

    @asynccontextmanager
    async def _client(self, secret: str = "") -> AsyncIterator[DhanClient]:
        secrets = (self._app["app_secret"], secret)
        wire = Wire(NAME, self._clock, secrets=secrets, proxy_url=self._proxy_url)
        try:
            yield DhanClient(wire, self._api_url, client_id=self._client_id, access_token=secret)
        finally:
            await wire.aclose()

    async def _ask(self, client: DhanClient, method: str, path: str, **query: str) -> Any:
        url = self._login_url + path
        request = client.wire.build(method, url, headers=self._app, query=tuple(query.items()))
        return await _accepted(client, request)

    def _session(self, data: Any, now: datetime) -> BrokerSession:
        """The session of an answer; it ends when Dhan says, and never later than its rule."""
        with reading(NAME, "the session"):
            tokens = {"access_token": text_at(data, "accessToken")}
            client_id = str(data["dhanClientId"])
            told = datetime.fromisoformat(data["expiryTime"]) if data.get("expiryTime") else None
        if client_id != self._client_id:
            raise BrokerRefused(f"{NAME}: the login was that of another client; log in as {self._client_id}")
        ends_at = self.session_ends_at(now)
        if told is not None:
            ends_at = min(ends_at, told if told.tzinfo else told.replace(tzinfo=IST))
        return BrokerSession(tokens, client_id, ends_at)


async def _accepted(client: DhanClient, request: httpx.Request) -> Any:
    """The answer of a success; what is not accepted at the login says what to do."""
    with advising(_KEYS, browser=True):
        return await client.call(request)


def open_login(
    *, credentials: Mapping[str, str], endpoints: Endpoints, clock: Clock, proxy_url: str | None
) -> BrokerOAuthStrategy:
    """The login at Dhan; credentials are client_id, api_key (app id), api_secret (app secret) and redirect_url."""
    return DhanLogin(credentials, endpoints, clock, proxy_url)
