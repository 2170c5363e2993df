"""Login endpoints of the Dhan face (DhanHQ docs: authentication, API key and secret)."""

from urllib.parse import parse_qsl

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from sandbox.dhan.dialect import require_app
from sandbox.dhan.errors import bad_input
from sandbox.dhan.login_page import callback_url, login_page
from sandbox.dhan.sessions import DhanSession, DhanSessions
from sandbox.wire.call import Call
from sandbox.world import World


class DhanLogin:
    """The consent, its page, the redirect back, and the tokens."""

    def __init__(self, world: World, sessions: DhanSessions) -> None:
        self._world = world
        self._sessions = sessions

    def generate(self, call: Call) -> Response:
        """POST /app/generate-consent?client_id="""
        account = require_app(call)
        if call.request.query_params.get("client_id") != account.client_id:
            raise bad_input("Invalid client_id")
        consent = self._sessions.generate(account, self._world.clock.now())
        return JSONResponse({"consentAppId": consent, "consentAppStatus": "GENERATED", "status": "success"})

    def page(self, call: Call) -> Response:
        """GET /login/consentApp-login?consentAppId="""
        consent = call.request.query_params.get("consentAppId", "")
        return HTMLResponse(login_page(self._sessions.pending(consent, self._world.clock.now()), consent))

    def decide(self, call: Call) -> Response:
        """POST /login/consentApp-login: the form of the page, answered by a redirect to the app."""
        form = dict(parse_qsl(call.body.decode("utf-8", errors="replace")))
        consent, now = form.get("consentAppId", ""), self._world.clock.now()
        if form.get("decision") != "approve":
            return RedirectResponse(callback_url(self._sessions.refuse(consent, now), {}), 302)
        account = self._sessions.pending(consent, now)
        return RedirectResponse(callback_url(account, {"tokenId": self._sessions.approve(consent, now)}), 302)

    def consume(self, call: Call) -> Response:
        """GET or POST /app/consumeApp-consent?tokenId="""
        account = require_app(call)
        token_id = call.request.query_params.get("tokenId", "")
        return _session_json(self._sessions.consume(account, token_id, self._world.clock.now()))

    def renew(self, call: Call) -> Response:
        """GET /v2/RenewToken, of a token that is still valid."""
        return _session_json(
            self._sessions.renew(call.request.headers.get("access-token", ""), self._world.clock.now())
        )


def _session_json(session: DhanSession) -> Response:
    account = session.account
    return JSONResponse(
        {
            "dhanClientId": account.client_id,
            "dhanClientName": account.name.upper(),
            "dhanClientUcc": f"SBX{account.client_id}",
            "givenPowerOfAttorney": False,
            "accessToken": session.access_token,
            "expiryTime": f"{session.ends_at:%Y-%m-%dT%H:%M:%S}.{session.ends_at.microsecond // 1000:03d}",
        }
    )
