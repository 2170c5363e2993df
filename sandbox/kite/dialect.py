"""Who is calling the Kite face, and how it words a refusal."""

from starlette.responses import Response

from sandbox.accounts import ZERODHA, Account
from sandbox.kite.errors import KiteError, bad_input
from sandbox.kite.forms import read_form
from sandbox.kite.sessions import KiteSessions
from sandbox.wire.call import Call
from sandbox.world import World


class KiteDialect:
    """Headers `X-Kite-Version: 3` and `Authorization: token api_key:access_token`."""

    broker = ZERODHA

    def __init__(self, world: World, sessions: KiteSessions) -> None:
        self._world = world
        self._sessions = sessions

    def identify(self, call: Call) -> Account | None:
        """The account of the app that calls, before its token is looked at."""
        api_key, _ = _credentials(call)
        if call.request.url.path in ("/session/token", "/connect/login"):
            api_key = {**call.request.query_params, **read_form(call)}.get("api_key", "")
        return self._world.accounts.by_api_key(ZERODHA, api_key)

    def authenticate(self, call: Call) -> None:
        """Raises TokenException for a missing, wrong or expired token."""
        if call.request.headers.get("x-kite-version") != "3":
            raise bad_input("Invalid or missing `X-Kite-Version` header.")
        api_key, access_token = _credentials(call)
        call.account = self._sessions.check(api_key, access_token, self._world.clock.now())

    def end_session(self, account: Account | None) -> None:
        if account is not None:
            self._sessions.end(account.api_key)

    def rate_limited(self) -> Response:
        return KiteError("NetworkException", "Too many requests").response()

    def refused(self, message: str) -> Response:
        return KiteError("OrderException", message, 400).response()


def _credentials(call: Call) -> tuple[str, str]:
    scheme, _, pair = call.request.headers.get("authorization", "").partition(" ")
    api_key, _, access_token = pair.partition(":")
    return (api_key, access_token) if scheme == "token" else ("", "")
