"""Who is calling the SmartAPI face, and how it words a refusal."""

from starlette.responses import Response

from sandbox.accounts import ANGEL_ONE, Account
from sandbox.smartapi.errors import BrokerError, rate_exceeded
from sandbox.smartapi.sessions import SmartSessions
from sandbox.wire.call import Call
from sandbox.world import World

REQUIRED_HEADERS = (
    "X-PrivateKey", "X-UserType", "X-SourceID", "X-ClientLocalIP", "X-ClientPublicIP", "X-MACAddress",
)  # fmt: skip


class SmartDialect:
    """Six headers on every call, and `Authorization: Bearer jwt` on those that need a session."""

    broker = ANGEL_ONE

    def __init__(self, world: World, sessions: SmartSessions) -> None:
        self._world = world
        self._sessions = sessions

    def identify(self, call: Call) -> Account | None:
        """The account of the app (X-PrivateKey) that calls."""
        return self._world.accounts.by_api_key(ANGEL_ONE, call.request.headers.get("x-privatekey", ""))

    def authenticate(self, call: Call) -> None:
        """Raises for a missing header, an unknown app, or a bad token."""
        account = require_headers(call)
        scheme, _, jwt = call.request.headers.get("authorization", "").partition(" ")
        session = self._sessions.check(jwt if scheme == "Bearer" else "", self._world.clock.now())
        if session.account != account:
            raise BrokerError("AG8004", "Invalid API Key")
        call.account = session.account

    def end_session(self, account: Account | None) -> None:
        if account is not None:
            self._sessions.end(account.client_id)

    def rate_limited(self) -> Response:
        return rate_exceeded()

    def refused(self, message: str) -> Response:
        return BrokerError("AB4036", message).response()


def require_headers(call: Call) -> Account:
    """The calling app's account. Raises when a header is missing or the key is unknown."""
    for name in REQUIRED_HEADERS:
        if not call.request.headers.get(name):
            raise BrokerError("AB2001", f"Required header {name} is missing", 400)
    if call.request.headers["x-usertype"] != "USER":
        raise BrokerError("AB1005", "User Type must be USER")
    if call.account is None:
        raise BrokerError("AG8004", "Invalid API Key")
    return call.account
