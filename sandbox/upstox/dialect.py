"""Who is calling the Upstox face, and how it words a refusal."""

from starlette.responses import Response

from sandbox.accounts import UPSTOX, Account
from sandbox.upstox.bodies import read_form
from sandbox.upstox.errors import UpstoxError
from sandbox.upstox.sessions import UpstoxSessions
from sandbox.wire.call import Call
from sandbox.world import World

LOGIN = "/v2/login/authorization"


class UpstoxDialect:
    """`Authorization: Bearer access_token` and nothing else tells who is calling."""

    broker = UPSTOX

    def __init__(self, world: World, sessions: UpstoxSessions) -> None:
        self._world = world
        self._sessions = sessions

    def identify(self, call: Call) -> Account | None:
        """The owner of the token; at the login the account of the app."""
        if call.request.url.path.startswith(LOGIN):
            asked = {**call.request.query_params, **read_form(call)}
            return self._world.accounts.by_api_key(UPSTOX, asked.get("client_id", ""))
        return self._sessions.owner(_token(call))

    def authenticate(self, call: Call) -> None:
        """Raises UDAPI100050 for a missing, wrong or expired token."""
        call.account = self._sessions.check(_token(call), self._world.clock.now())

    def end_session(self, account: Account | None) -> None:
        if account is not None:
            self._sessions.end(account.client_id)

    def rate_limited(self) -> Response:
        return UpstoxError("UDAPI10005", "Too Many Request Sent", 429).response()

    def refused(self, message: str) -> Response:
        return UpstoxError("UDAPI100036", message).response()


def _token(call: Call) -> str:
    scheme, _, token = call.request.headers.get("authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""
