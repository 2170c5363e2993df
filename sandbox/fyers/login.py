"""Login endpoints of the Fyers face: the page, the redirect back, the tokens."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.accounts import FYERS, Account
from sandbox.fyers.bodies import one_of, read_json, text
from sandbox.fyers.errors import bad_input, success
from sandbox.fyers.login_page import callback_url, login_page
from sandbox.fyers.sessions import FyersSessions
from sandbox.wire.call import Call
from sandbox.world import World


class FyersLogin:
    """From the user's approval to the access token of the day."""

    def __init__(self, world: World, sessions: FyersSessions) -> None:
        self._world = world
        self._sessions = sessions

    def page(self, call: Call) -> Response:
        """GET /api/v3/generate-authcode?client_id&redirect_uri&response_type=code&state."""
        query = call.request.query_params
        return HTMLResponse(login_page(self._app(query), query.get("state", "")))

    def decide(self, call: Call) -> Response:
        """POST of the page's form, answered by a redirect to the app; `state` is echoed."""
        try:
            form = dict(parse_qsl(call.body.decode("utf-8"), keep_blank_values=True))
        except UnicodeDecodeError as error:
            raise bad_input("Invalid input: the form is unreadable") from error
        account = self._app(form)
        outcome = {"s": "error", "code": "-1600", "message": "the user refused the login"}
        if form.get("decision") == "approve":
            code = self._sessions.issue_code(account, self._world.clock.now())
            outcome = {"s": "ok", "code": "200", "auth_code": code}
        return RedirectResponse(callback_url(account, outcome | {"state": form.get("state", "")}), 302)

    def token(self, call: Call) -> Response:
        """POST /api/v3/validate-authcode {grant_type, appIdHash, code}."""
        body = read_json(call)
        one_of(body, "grant_type", ("authorization_code",))
        session = self._sessions.exchange(
            self._world.accounts, text(body, "appIdHash"), text(body, "code"), self._world.clock.now()
        )
        return success(access_token=session.access_token, refresh_token=session.refresh_token)

    def refresh(self, call: Call) -> Response:
        """POST /api/v3/validate-refresh-token {grant_type, appIdHash, refresh_token, pin}."""
        body = read_json(call)
        one_of(body, "grant_type", ("refresh_token",))
        session = self._sessions.refresh(
            self._world.accounts,
            text(body, "appIdHash"),
            text(body, "refresh_token"),
            text(body, "pin"),
            self._world.clock.now(),
        )
        return success(access_token=session.access_token)

    def logout(self, call: Call) -> Response:
        """POST /api/v3/logout."""
        self._sessions.end(call.owner.api_key)
        return success(message="you are successfully logged out")

    def _app(self, fields: Mapping[str, str]) -> Account:
        account = self._world.accounts.by_api_key(FYERS, fields.get("client_id", ""))
        if account is None:
            raise bad_input("invalid client id")
        if fields.get("redirect_uri") != account.redirect_url:
            raise bad_input("invalid redirect uri")
        if fields.get("response_type") != "code":
            raise bad_input("invalid response type")
        return account
