"""Login endpoints of the Kite face (Kite Connect v3 docs: login flow)."""

from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.accounts import ZERODHA
from sandbox.kite.errors import bad_input, success
from sandbox.kite.forms import read_form
from sandbox.kite.login_page import callback_url, login_page
from sandbox.kite.order_json import stamp
from sandbox.kite.portfolio import profile_json
from sandbox.kite.sessions import KiteSessions
from sandbox.wire.call import Call
from sandbox.world import World


class KiteLogin:
    """The page, the redirect back, and the token exchange."""

    def __init__(self, world: World, sessions: KiteSessions) -> None:
        self._world = world
        self._sessions = sessions

    def page(self, call: Call) -> Response:
        """GET /connect/login?v=3&api_key=K&redirect_params=…"""
        query = call.request.query_params
        account = self._world.accounts.by_api_key(ZERODHA, query.get("api_key", ""))
        if account is None:
            raise bad_input("Invalid `api_key`.")
        return HTMLResponse(login_page(account, query.get("redirect_params", "")))

    def decide(self, call: Call) -> Response:
        """POST /connect/login: the form of the page, answered by a redirect to the app."""
        form = read_form(call)
        account = self._world.accounts.by_api_key(ZERODHA, form.get("api_key", ""))
        if account is None:
            raise bad_input("Invalid `api_key`.")
        outcome = {"action": "login", "type": "login", "status": "cancelled"}
        if form.get("decision") == "approve":
            token = self._sessions.issue_request_token(account, self._world.clock.now())
            outcome |= {"status": "success", "request_token": token}
        return RedirectResponse(callback_url(account, outcome, form.get("redirect_params", "")), 302)

    def token(self, call: Call) -> Response:
        """POST /session/token."""
        form = read_form(call)
        session = self._sessions.exchange(
            call.account, form.get("request_token", ""), form.get("checksum", ""), self._world.clock.now()
        )
        return success(
            profile_json(session.account.client_id, session.account.name)
            | {
                "api_key": session.account.api_key,
                "access_token": session.access_token,
                "public_token": session.public_token,
                "refresh_token": "",
                "enctoken": "",
                "silo": "",
                "login_time": stamp(session.logged_in_at),
            }
        )

    def logout(self, call: Call) -> Response:
        """DELETE /session/token."""
        query = call.request.query_params
        self._sessions.check(query.get("api_key", ""), query.get("access_token", ""), self._world.clock.now())
        self._sessions.end(query["api_key"])
        return success(True)
