"""Logging in at Zerodha: the browser brings a request token, which becomes the day's access token."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from hashlib import sha256
from urllib.parse import urlencode

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.http import Wire
from lambdas.adapters.brokers.login_advice import advising
from lambdas.adapters.brokers.reading import reading, text_at
from lambdas.adapters.brokers.zerodha.client import NAME, KiteClient
from lambdas.domain.moments import IST
from lambdas.ports.broker import BrokerRefused
from lambdas.ports.broker_login import BrokerOAuthStrategy, BrokerSession
from lambdas.ports.clock import Clock

_TOKENS_END = time(6, 0)
_KEYS = "the API key and the API secret"


class ZerodhaLogin(BrokerOAuthStrategy):
    """Implements `BrokerOAuthStrategy` (kite.trade/docs/connect/v3/user, "Login flow")."""

    def __init__(
        self, credentials: Mapping[str, str], endpoints: Endpoints, clock: Clock, proxy_url: str | None
    ) -> None:
        self._api_key = credentials["api_key"]
        self._api_secret = credentials["api_secret"]
        self._endpoints = endpoints
        self._clock = clock
        self._proxy_url = proxy_url

    async def get_auth_url(self, state: str) -> str:
        """Kite's login page; `state` comes back as a parameter of its own."""
        query = urlencode({"v": "3", "api_key": self._api_key, "redirect_params": urlencode({"state": state})})
        return f"{self._endpoints.login_url.rstrip('/')}/connect/login?{query}"

    async def handle_callback(self, answer: Mapping[str, str], now: datetime) -> BrokerSession:
        """Exchange `request_token`, which lives for minutes, for the access token of the day.

        Raises BrokerRefused when the callback brings no token or Kite does not accept it.
        """
        if answer.get("status", "success") != "success" or not answer.get("request_token"):
            raise BrokerRefused(f"{NAME}: the login was not completed; log in again")
        form = self._form(answer["request_token"])
        secrets = (self._api_secret, form["request_token"], form["checksum"])
        wire = Wire(NAME, self._clock, secrets=secrets, proxy_url=self._proxy_url)
        with advising(_KEYS, browser=True):
            try:
                client = KiteClient(wire, self._endpoints.api_url, api_key=self._api_key)
                data = await client.call(client.request("POST", "/session/token", form=form))
            finally:
                await wire.aclose()
            with reading(NAME, "the session"):
                tokens = {"access_token": text_at(data, "access_token")}
                return BrokerSession(tokens, text_at(data, "user_id"), self.session_ends_at(now))

    def session_ends_at(self, now: datetime) -> datetime:
        """The next 06:00 IST: Kite ends all access tokens then (kite.trade/docs/connect/v3/user)."""
        local = now.astimezone(IST)
        end = datetime.combine(local.date(), _TOKENS_END, IST)
        return end if local < end else end + timedelta(days=1)

    def _form(self, request_token: str) -> dict[str, str]:
        text = f"{self._api_key}{request_token}{self._api_secret}"
        checksum = sha256(text.encode()).hexdigest()
        return {"api_key": self._api_key, "request_token": request_token, "checksum": checksum}


def open_login(
    *, credentials: Mapping[str, str], endpoints: Endpoints, clock: Clock, proxy_url: str | None
) -> BrokerOAuthStrategy:
    """The login at Zerodha; credentials are api_key and api_secret."""
    return ZerodhaLogin(credentials, endpoints, clock, proxy_url)
