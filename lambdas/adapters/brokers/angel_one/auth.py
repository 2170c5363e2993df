"""Logging in at Angel One: client code, PIN and a one-time password, without a browser."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from lambdas.adapters.brokers.angel_one.client import NAME, UNDECIDED_CODES, SmartClient
from lambdas.adapters.brokers.angel_one.totp import totp
from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.http import Wire
from lambdas.adapters.brokers.reading import reading
from lambdas.domain.moments import IST
from lambdas.ports.broker import BrokerLogin, BrokerRefused, BrokerSession, SessionOver
from lambdas.ports.clock import Clock

_LOGIN = "/rest/auth/angelbroking/user/v1/loginByPassword"
_UNDECIDED = UNDECIDED_CODES - {"AB1007"}
"""At the login AB1007 says that client code or PIN are wrong: trying again would lock the account."""


class AngelOneLogin:
    """Implements `BrokerLogin` (smartapi.angelbroking.com/docs/User, "Login")."""

    def __init__(
        self, credentials: Mapping[str, str], endpoints: Endpoints, clock: Clock, proxy_url: str | None
    ) -> None:
        self._credentials = credentials
        self._endpoints = endpoints
        self._clock = clock
        self._proxy_url = proxy_url

    def login_url(self, state: str) -> None:  # noqa: ARG002
        """None: there is no login page."""
        return

    async def start_session(self, answer: Mapping[str, str], now: datetime) -> BrokerSession:
        """Log in with the stored PIN and the `totp` of the answer, or else the one of the stored secret.

        Raises BrokerRefused when Angel One does not accept them or the stored secret is not base32.
        """
        code = answer.get("totp") or self._totp(now)
        api_key, pin = self._credentials["api_key"], self._credentials["pin"]
        secrets = (api_key, pin, code, self._credentials["totp_secret"])
        wire = Wire(NAME, self._clock, secrets=secrets, proxy_url=self._proxy_url)
        client = SmartClient(wire, self._endpoints, api_key=api_key)
        client_code = self._credentials["client_code"]
        body = {"clientcode": client_code, "password": pin, "totp": code}
        try:
            data = await client.call(client.request("POST", _LOGIN, json=body), undecided=_UNDECIDED)
        except SessionOver as over:
            raise BrokerRefused(str(over)) from over
        finally:
            await wire.aclose()
        with reading(NAME, "the session"):
            tokens = {
                "jwt_token": str(data["jwtToken"]),
                "refresh_token": str(data["refreshToken"]),
                "feed_token": str(data["feedToken"]),
            }
            return BrokerSession(tokens, client_code, _end_of_day(now))

    def _totp(self, now: datetime) -> str:
        try:
            return totp(self._credentials["totp_secret"], now)
        except ValueError as error:
            raise BrokerRefused(f"{NAME}: {error}") from error


def open_login(
    *, credentials: Mapping[str, str], endpoints: Endpoints, clock: Clock, proxy_url: str | None
) -> BrokerLogin:
    """The login at Angel One; credentials are api_key, client_code, pin and totp_secret."""
    return AngelOneLogin(credentials, endpoints, clock, proxy_url)


def _end_of_day(now: datetime) -> datetime:
    """Midnight IST. Angel One says "one trading day" without an hour; the earliest reading is the safe one:
    a session that ends too soon costs a login, one that ends too late costs an order."""
    return datetime.combine(now.astimezone(IST).date() + timedelta(days=1), time(), IST)
