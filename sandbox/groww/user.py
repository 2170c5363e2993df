"""Login, profile and money of the Groww face (Groww docs: authentication, user, margin)."""

from starlette.responses import JSONResponse, Response

from sandbox.exchange.ticks import rupees
from sandbox.groww.bodies import read_object, text
from sandbox.groww.dialect import require_version
from sandbox.groww.errors import GatewayError, success
from sandbox.groww.sessions import GrowwSessions
from sandbox.wire.call import Call
from sandbox.world import World


class GrowwUser:
    """Session endpoints and what belongs to the user."""

    def __init__(self, world: World, sessions: GrowwSessions) -> None:
        self._world = world
        self._sessions = sessions

    def login(self, call: Call) -> Response:
        """POST /v1/token/api/access {key_type, totp} or {key_type, checksum, timestamp}; no envelope."""
        require_version(call)
        if call.account is None:
            raise GatewayError(401, "Invalid API key")
        body, now = read_object(call), self._world.clock.now()
        kind = text(body, "key_type")
        if kind == "totp":
            session = self._sessions.by_totp(call.account, text(body, "totp"), now)
        elif kind == "approval":
            session = self._sessions.by_checksum(call.account, text(body, "checksum"), text(body, "timestamp"), now)
        else:
            raise GatewayError(400, "Invalid key_type")
        return JSONResponse(
            {
                "token": session.token,
                "tokenRefId": session.reference,
                "sessionName": "sandbox",
                "expiry": f"{session.ends_at:%Y-%m-%dT%H:%M:%S}",
                "isActive": True,
            }
        )

    def changelog(self, _call: Call) -> Response:
        """GET /v1/changelog, which the official client prints when it is made."""
        return JSONResponse({"info": [], "warning": []})

    def profile(self, call: Call) -> Response:
        """GET /v1/user/detail."""
        return success(
            {
                "vendor_user_id": f"sandbox-{call.owner.client_id.lower()}",
                "ucc": call.owner.client_id,
                "nse_enabled": True,
                "bse_enabled": True,
                "ddpi_enabled": False,
                "active_segments": ["CASH", "FNO"],
            }
        )

    def margin(self, call: Call) -> Response:
        """GET /v1/margins/detail/user."""
        funds = self._world.exchange.funds(call.owner.key, self._world.clock.now())
        left, used = rupees(funds.available), rupees(funds.spent)
        return success(
            {
                "clear_cash": left,
                "net_margin_used": used,
                "brokerage_and_charges": 0,
                "collateral_used": 0,
                "collateral_available": 0,
                "adhoc_margin": 0,
                "fno_margin_details": {
                    "net_fno_margin_used": used,
                    "span_margin_used": rupees(funds.blocked),
                    "exposure_margin_used": 0,
                    "future_balance_available": left,
                    "option_buy_balance_available": left,
                    "option_sell_balance_available": left,
                },
                "equity_margin_details": {
                    "net_equity_margin_used": 0,
                    "cnc_margin_used": 0,
                    "mis_margin_used": 0,
                    "cnc_balance_available": left,
                    "mis_balance_available": left,
                },
            }
        )
