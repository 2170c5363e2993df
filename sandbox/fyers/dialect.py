"""Who is calling the Fyers face, and how it words a refusal."""

from starlette.responses import Response

from sandbox.accounts import FYERS, Account
from sandbox.fyers.call_limits import CallLimits
from sandbox.fyers.errors import REJECTED, FyersError, over_limit
from sandbox.fyers.sessions import FyersSessions
from sandbox.wire.call import Call
from sandbox.world import World


class FyersDialect:
    """Header `Authorization: app_id:access_token`."""

    broker = FYERS

    def __init__(self, world: World, sessions: FyersSessions) -> None:
        self._world = world
        self._sessions = sessions
        self._limits = CallLimits(world)

    def identify(self, call: Call) -> Account | None:
        """The account of the app that calls, before its token is looked at."""
        app_id, _ = _credentials(call)
        app_id = app_id or call.request.query_params.get("client_id", "")
        return self._world.accounts.by_api_key(FYERS, app_id)

    def authenticate(self, call: Call) -> None:
        """Raises -429 over a limit, then -8, -15 or -16 for an expired, missing or wrong token."""
        app_id, access_token = _credentials(call)
        if not self._limits.allow(app_id, call.arrived):
            raise over_limit()
        call.account = self._sessions.check(app_id, access_token, self._world.clock.now())

    def end_session(self, account: Account | None) -> None:
        if account is not None:
            self._sessions.end(account.api_key)

    def rate_limited(self) -> Response:
        return over_limit().response()

    def refused(self, message: str) -> Response:
        return FyersError(REJECTED, message).response()


def _credentials(call: Call) -> tuple[str, str]:
    app_id, _, access_token = call.request.headers.get("authorization", "").partition(":")
    return app_id, access_token
