"""Sessions of paper accounts: they begin by themselves and end with the morning, as those of brokers do."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from hashlib import sha256

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.domain.accounts import PAPER
from lambdas.domain.moments import IST
from lambdas.ports.broker_login import BrokerOAuthStrategy, BrokerSession
from lambdas.ports.clock import Clock

NAME = PAPER
_SESSIONS_END = time(6, 0)


class PaperLogin(BrokerOAuthStrategy):
    """Implements `BrokerOAuthStrategy`: no page, nothing to type, and no renewal, for a login asks nothing."""

    def __init__(self, credentials: Mapping[str, str]) -> None:
        self._credentials = credentials

    async def get_auth_url(self, state: str) -> None:  # noqa: ARG002 (there is no page to carry it to)
        """No browser is needed."""
        return

    async def handle_callback(self, answer: Mapping[str, str], now: datetime) -> BrokerSession:  # noqa: ARG002
        """A session, whatever the answer holds."""
        tokens = {"access_token": token_of(self._credentials)}
        return BrokerSession(tokens, client_id_of(self._credentials), self.session_ends_at(now))

    def session_ends_at(self, now: datetime) -> datetime:
        """The next 06:00 IST."""
        local = now.astimezone(IST)
        end = datetime.combine(local.date(), _SESSIONS_END, IST)
        return end if local < end else end + timedelta(days=1)


def token_of(credentials: Mapping[str, str]) -> str:
    """What a session of these credentials carries; no secret. Linking anew with others ends the session."""
    text = f"{credentials['quotes_from']}/{credentials['capital']}"
    return sha256(text.encode()).hexdigest()[:32]


def client_id_of(credentials: Mapping[str, str]) -> str:
    """The client id of a paper account, from the account that it quotes from."""
    return f"PAPER-{credentials['quotes_from']}"


def open_login(
    *,
    credentials: Mapping[str, str],
    endpoints: Endpoints,  # noqa: ARG001 (every broker's login is opened alike)
    clock: Clock,  # noqa: ARG001
    proxy_url: str | None,  # noqa: ARG001
) -> BrokerOAuthStrategy:
    """The login of a paper account; it goes nowhere, so where to and which way are not used."""
    return PaperLogin(credentials)
