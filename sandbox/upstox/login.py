"""Login endpoints of the Upstox face (Upstox developer API: authorize, get token, logout)."""

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from sandbox.accounts import Account
from sandbox.upstox.bodies import read_form
from sandbox.upstox.errors import bad_input, success
from sandbox.upstox.login_page import callback_url, login_page
from sandbox.upstox.portfolio import profile_json
from sandbox.upstox.sessions import UpstoxSessions, wrong_app
from sandbox.wire.call import Call
from sandbox.world import World


class UpstoxLogin:
    """The page, the redirect back, and the token exchange."""

    def __init__(self, world: World, sessions: UpstoxSessions) -> None:
        self._world = world
        self._sessions = sessions

    def page(self, call: Call) -> Response:
        """GET the dialog: response_type=code, client_id, redirect_uri and, if wanted, state."""
        query = dict(call.request.query_params)
        if query.get("response_type") != "code":
            raise bad_input("The 'response_type' is invalid")
        return HTMLResponse(login_page(_app(call, query), query.get("state", "")))

    def decide(self, call: Call) -> Response:
        """POST the dialog: the form of the page, answered by a redirect to the app."""
        form = read_form(call)
        account, outcome = _app(call, form), {"error": "access_denied"}
        if form.get("decision") == "approve":
            outcome = {"code": self._sessions.issue_code(account, self._world.clock.now())}
        return RedirectResponse(callback_url(account, outcome, form.get("state", "")), 302)

    def token(self, call: Call) -> Response:
        """POST the token form; the answer has no envelope."""
        session = self._sessions.exchange(call.account, read_form(call), self._world.clock.now())
        profile = profile_json(session.account.client_id, session.account.name)
        return JSONResponse(profile | {"access_token": session.access_token, "extended_token": None})

    def logout(self, call: Call) -> Response:
        """DELETE /v2/logout."""
        self._sessions.end(call.owner.client_id)
        return success(True)


def _app(call: Call, asked: dict[str, str]) -> Account:
    if call.account is None or asked.get("redirect_uri") != call.account.redirect_url:
        raise wrong_app()
    return call.account
