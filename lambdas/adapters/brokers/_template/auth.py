"""How a session at the broker begins, ends, and goes on without the user.

Make one `Wire` for one exchange of credentials and close it in `finally`; give it every secret that might
come back in an error. A login that the broker does not accept is BrokerRefused, not SessionOver: there is no
session yet; `advising` makes it that and says which keys to check. Tokens are read with `text_at`, so that a
null is no token. `session_ends_at` takes the earliest reading of the broker's rule. `refresh` is overridden only
where the broker has a renewal that needs no user.
"""

from collections.abc import Mapping
from datetime import datetime

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.ports.broker_login import BrokerOAuthStrategy, BrokerSession
from lambdas.ports.clock import Clock


class TemplateLogin(BrokerOAuthStrategy):
    """Implements `BrokerOAuthStrategy`; cite the page of the documentation that describes the login."""

    async def get_auth_url(self, state: str) -> str | None:
        """The login page with `state` in it, or None where no browser is needed."""
        raise NotImplementedError("say where the browser goes")

    async def handle_callback(self, answer: Mapping[str, str], now: datetime) -> BrokerSession:
        """Exchange what the callback carried for a session."""
        raise NotImplementedError("exchange the answer for tokens")

    def session_ends_at(self, now: datetime) -> datetime:
        """When a session that begins at `now` ends."""
        raise NotImplementedError("say when the broker ends its tokens")


def open_login(
    *, credentials: Mapping[str, str], endpoints: Endpoints, clock: Clock, proxy_url: str | None
) -> BrokerOAuthStrategy:
    """The login at the broker; name the credentials here. The registry calls this."""
    raise NotImplementedError("make the login of one account")
