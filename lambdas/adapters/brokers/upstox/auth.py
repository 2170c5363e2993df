"""Logging in at Upstox: the browser brings a code, which becomes the day's access token."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.http import Wire
from lambdas.adapters.brokers.login_advice import advising
from lambdas.adapters.brokers.reading import reading, text_at
from lambdas.adapters.brokers.upstox.client import NAME, UpstoxClient, read_envelope
from lambdas.domain.moments import IST
from lambdas.ports.broker import BrokerRefused
from lambdas.ports.broker_login import BrokerOAuthStrategy, BrokerSession
from lambdas.ports.clock import Clock

_DIALOG = "/v2/login/authorization/dialog"
_EXCHANGE = "/v2/login/authorization/token"
_TOKENS_END = time(3, 30)
_KEYS = "the API key, the API secret and the redirect URL"


class UpstoxLogin(BrokerOAuthStrategy):
    """Implements `BrokerOAuthStrategy` (upstox.com/developer/api-documentation/authorize and /get-token)."""

    def __init__(
        self, credentials: Mapping[str, str], endpoints: Endpoints, clock: Clock, proxy_url: str | None
    ) -> None:
        self._credentials = credentials
        self._endpoints = endpoints
        self._clock = clock
        self._proxy_url = proxy_url

    async def get_auth_url(self, state: str) -> str:
        """Upstox's login page; `state` comes back as it is."""
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._credentials["api_key"],
                "redirect_uri": self._credentials["redirect_url"],
                "state": state,
            }
        )
        return f"{self._endpoints.login_url.rstrip('/')}{_DIALOG}?{query}"

    async def handle_callback(self, answer: Mapping[str, str], now: datetime) -> BrokerSession:
        """Exchange `code`, which can be used once, for the access token of the day.

        Raises BrokerRefused when the callback brings no code or Upstox does not accept it.
        """
        if not answer.get("code"):
            raise BrokerRefused(f"{NAME}: the login was not completed; log in again")
        secrets = (self._credentials["api_secret"], answer["code"])
        wire = Wire(NAME, self._clock, secrets=secrets, proxy_url=self._proxy_url)
        with advising(_KEYS, browser=True):
            try:
                client = UpstoxClient(wire, self._endpoints)
                reply = await wire.ask(client.request("POST", _EXCHANGE, form=self._form(answer["code"])))
                payload = read_envelope(reply)
                if reply.status != HTTPStatus.OK or payload.get("status") == "error":
                    raise client.error(reply, payload)
            finally:
                await wire.aclose()
            with reading(NAME, "the session"):
                tokens = {"access_token": text_at(payload, "access_token")}
                return BrokerSession(tokens, text_at(payload, "user_id"), self.session_ends_at(now))

    def session_ends_at(self, now: datetime) -> datetime:
        """The next 03:30 IST, whenever the session began (upstox.com/developer/api-documentation/get-token)."""
        local = now.astimezone(IST)
        end = datetime.combine(local.date(), _TOKENS_END, IST)
        return end if local < end else end + timedelta(days=1)

    def _form(self, code: str) -> dict[str, str]:
        return {
            "code": code,
            "client_id": self._credentials["api_key"],
            "client_secret": self._credentials["api_secret"],
            "redirect_uri": self._credentials["redirect_url"],
            "grant_type": "authorization_code",
        }


def open_login(
    *, credentials: Mapping[str, str], endpoints: Endpoints, clock: Clock, proxy_url: str | None
) -> BrokerOAuthStrategy:
    """The login at Upstox; credentials are api_key, api_secret and redirect_url."""
    return UpstoxLogin(credentials, endpoints, clock, proxy_url)
