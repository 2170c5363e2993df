"""Who is calling the Dhan face, and how it words a refusal."""

import hmac

from starlette.responses import Response

from sandbox.accounts import DHAN, Account
from sandbox.dhan.errors import DhanError, not_authenticated
from sandbox.dhan.sessions import DhanSessions
from sandbox.wire.call import Call
from sandbox.world import World

_NEED_CLIENT_ID = "/v2/marketfeed/"


class DhanDialect:
    """Header `access-token` on every call below /v2, `client-id` too on market quotes, `app_id` at the login."""

    broker = DHAN

    def __init__(self, world: World, sessions: DhanSessions) -> None:
        self._world = world
        self._sessions = sessions

    def identify(self, call: Call) -> Account | None:
        """The account of the token, or of the app that asks to log in."""
        headers = call.request.headers
        if "app_id" in headers:
            return self._world.accounts.by_api_key(DHAN, headers["app_id"])
        return self._sessions.find(headers.get("access-token", ""))

    def authenticate(self, call: Call) -> None:
        """Raises DH-901 for a missing, wrong or expired token, or another client's id."""
        headers = call.request.headers
        account = self._sessions.check(headers.get("access-token", ""), self._world.clock.now())
        needed = "" if call.request.url.path.startswith(_NEED_CLIENT_ID) else account.client_id
        if headers.get("client-id", needed) != account.client_id:
            raise not_authenticated()
        call.account = account

    def end_session(self, account: Account | None) -> None:
        if account is not None:
            self._sessions.end(account.client_id)

    def rate_limited(self) -> Response:
        return DhanError("DH-904", "Too many requests on server from single user breaching rate limits.").response()

    def refused(self, message: str) -> Response:
        return DhanError("DH-906", message).response()


def require_app(call: Call) -> Account:
    """The account of app id and app secret. Raises DH-901."""
    account, secret = call.account, call.request.headers.get("app_secret", "")
    if account is None or not hmac.compare_digest(account.api_secret.encode(), secret.encode()):
        raise DhanError("DH-901", "Invalid app_id or app_secret")
    return account
