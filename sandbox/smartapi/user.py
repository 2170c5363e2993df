"""Login, profile and funds of the SmartAPI face."""

from starlette.responses import Response

from sandbox.exchange.ticks import rupees_text
from sandbox.smartapi.bodies import read_json, text
from sandbox.smartapi.dialect import require_headers
from sandbox.smartapi.errors import success
from sandbox.smartapi.sessions import SmartSession, SmartSessions
from sandbox.wire.call import Call
from sandbox.world import World


class SmartUser:
    """Session endpoints and what belongs to the user."""

    def __init__(self, world: World, sessions: SmartSessions) -> None:
        self._world = world
        self._sessions = sessions

    def login(self, call: Call) -> Response:
        """POST loginByPassword {clientcode, password (the PIN), totp}."""
        account = require_headers(call)
        body = read_json(call)
        now = self._world.clock.now()
        session = self._sessions.login(
            account, text(body, "clientcode"), text(body, "password"), text(body, "totp"), now
        )
        return success(_tokens(session) | {"state": text(body, "state") or None})

    def renew(self, call: Call) -> Response:
        """POST generateTokens {refreshToken}."""
        require_headers(call)
        return success(_tokens(self._sessions.renew(text(read_json(call), "refreshToken"), self._world.clock.now())))

    def logout(self, call: Call) -> Response:
        """POST logout {clientcode}."""
        self._sessions.end(call.owner.client_id)
        return success("")

    def profile(self, call: Call) -> Response:
        """GET getProfile."""
        return success(
            {
                "clientcode": call.owner.client_id,
                "name": call.owner.name.upper(),
                "email": "",
                "mobileno": "",
                "exchanges": ["nse_cm", "nse_fo", "bse_cm", "bse_fo"],
                "products": ["MARGIN", "MIS", "NRML", "CNC", "CO", "BO"],
                "lastlogintime": "",
                "broker": "",
                "brokerid": "",
            }
        )

    def funds(self, call: Call) -> Response:
        """GET getRMS: amounts in rupees, as text."""
        funds = self._world.exchange.funds(call.owner.key, self._world.clock.now())
        nothing = rupees_text(0)
        return success(
            {
                "net": rupees_text(funds.available),
                "availablecash": rupees_text(funds.available),
                "availableintradaypayin": nothing,
                "availablelimitmargin": nothing,
                "collateral": nothing,
                "m2munrealized": rupees_text(funds.futures_profit),
                "m2mrealized": nothing,
                "utiliseddebits": rupees_text(funds.spent),
                "utilisedspan": rupees_text(funds.blocked),
                "utilisedoptionpremium": rupees_text(funds.premium),
                "utilisedholdingsales": nothing,
                "utilisedexposure": nothing,
                "utilisedturnover": nothing,
                "utilisedpayout": nothing,
            }
        )


def _tokens(session: SmartSession) -> dict[str, object]:
    return {"jwtToken": session.jwt, "refreshToken": session.refresh, "feedToken": session.feed}
