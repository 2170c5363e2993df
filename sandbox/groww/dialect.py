"""Who is calling the Groww face, and how it words a refusal."""

from starlette.responses import Response

from sandbox.accounts import GROWW, Account
from sandbox.groww.errors import GatewayError, GrowwError, bad_request
from sandbox.groww.sessions import GrowwSessions
from sandbox.wire.call import Call
from sandbox.world import World

LOGIN = "/v1/token/api/access"


class GrowwDialect:
    """`Authorization: Bearer` with the access token (the API key at the login), and `X-API-VERSION: 1.0`."""

    broker = GROWW

    def __init__(self, world: World, sessions: GrowwSessions) -> None:
        self._world = world
        self._sessions = sessions

    def identify(self, call: Call) -> Account | None:
        """The account of the token or of the key."""
        if call.request.url.path == LOGIN:
            return self._world.accounts.by_api_key(GROWW, bearer(call))
        return self._sessions.owner(bearer(call))

    def authenticate(self, call: Call) -> None:
        """Raises HTTP 401 for a missing, wrong or expired token, GA001 without the version header."""
        call.account = self._sessions.check(bearer(call), self._world.clock.now())
        require_version(call)

    def end_session(self, account: Account | None) -> None:
        if account is not None:
            self._sessions.end(account.client_id)

    def rate_limited(self) -> Response:
        return GatewayError(429, "Too many requests").response()

    def refused(self, message: str) -> Response:
        return GrowwError("GA006", message).response()


def bearer(call: Call) -> str:
    """What follows `Bearer`; empty when there is none."""
    scheme, _, token = call.request.headers.get("authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


def require_version(call: Call) -> None:
    """All calls carry the version of the API."""
    if call.request.headers.get("x-api-version") != "1.0":
        raise bad_request("Missing or invalid header X-API-VERSION")
