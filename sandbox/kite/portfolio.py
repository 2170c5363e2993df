"""Profile, margins, positions and holdings of the Kite face (Kite Connect v3 docs: user, portfolio)."""

from typing import Any

from starlette.responses import Response

from sandbox.exchange.margin import Funds
from sandbox.exchange.positions import Position, Side
from sandbox.exchange.ticks import rupees
from sandbox.kite.errors import bad_input, success
from sandbox.kite.names import instrument_token, trading_symbol
from sandbox.wire.call import Call
from sandbox.world import World


class KitePortfolio:
    """What an account is and holds."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exchange = world.exchange

    def profile(self, call: Call) -> Response:
        """GET /user/profile."""
        return success(profile_json(call.owner.client_id, call.owner.name))

    def margins(self, call: Call) -> Response:
        """GET /user/margins and /user/margins/{segment}."""
        segments = {"equity": self._margin(call.owner.key), "commodity": _margin_json(Funds(0, 0, 0), enabled=False)}
        segment = call.request.path_params.get("segment")
        if segment is None:
            return success(segments)
        if segment not in segments:
            raise bad_input("Invalid `segment`.")
        return success(segments[segment])

    def positions(self, call: Call) -> Response:
        """GET /portfolio/positions: `net` holds everything, `day` what was traded today."""
        held = self._exchange.positions(call.owner.key, self._world.clock.now())
        today = [p for p in held if p.bought_today.quantity or p.sold_today.quantity]
        return success(
            {
                "net": [self._position(p, p.bought, p.sold) for p in held],
                "day": [self._position(p, p.bought_today, p.sold_today) for p in today],
            }
        )

    def holdings(self, _call: Call) -> Response:
        """GET /portfolio/holdings: no equity is held here."""
        return success([])

    def _margin(self, account: str) -> dict[str, Any]:
        funds = self._exchange.funds(account, self._world.clock.now())
        return _margin_json(funds, enabled=True)

    def _position(self, position: Position, bought: Side, sold: Side) -> dict[str, Any]:
        last = self._exchange.market.spread(position.instrument, self._world.clock.now()).last
        net = bought.quantity - sold.quantity
        average = (bought if net > 0 else sold).average_paise if net else 0
        pnl = sold.value - bought.value + net * last
        today = position.bought_today, position.sold_today
        return {
            "tradingsymbol": trading_symbol(position.instrument),
            "exchange": position.instrument.exchange,
            "instrument_token": instrument_token(position.instrument),
            "product": position.product,
            "quantity": net,
            "overnight_quantity": position.overnight,
            "multiplier": 1,
            "average_price": rupees(average),
            "close_price": 0,
            "last_price": rupees(last),
            "value": rupees(sold.value - bought.value),
            "pnl": rupees(pnl),
            "m2m": rupees(pnl),
            "unrealised": rupees(pnl),
            "realised": 0,
            **_side("buy", bought),
            **_side("sell", sold),
            **_day("buy", today[0]),
            **_day("sell", today[1]),
        }


def _side(name: str, side: Side) -> dict[str, Any]:
    value = rupees(side.value)
    return {
        f"{name}_quantity": side.quantity,
        f"{name}_price": rupees(side.average_paise),
        f"{name}_value": value,
        f"{name}_m2m": value,
    }


def _day(name: str, side: Side) -> dict[str, Any]:
    return {
        f"day_{name}_quantity": side.quantity,
        f"day_{name}_price": rupees(side.average_paise),
        f"day_{name}_value": rupees(side.value),
    }


def _margin_json(funds: Funds, *, enabled: bool) -> dict[str, Any]:
    left, opening = rupees(funds.available), rupees(funds.opening)
    return {
        "enabled": enabled,
        "net": left,
        "available": {
            "adhoc_margin": 0, "cash": opening, "opening_balance": opening,
            "live_balance": left, "collateral": 0, "intraday_payin": 0,
        },
        "utilised": {
            "debits": rupees(funds.spent), "exposure": 0, "m2m_realised": 0,
            "m2m_unrealised": rupees(-funds.futures_profit), "option_premium": rupees(funds.premium), "payout": 0,
            "span": rupees(funds.blocked), "holding_sales": 0, "turnover": 0, "liquid_collateral": 0,
            "stock_collateral": 0, "delivery": 0,
        },
    }  # fmt: skip


def profile_json(client_id: str, name: str) -> dict[str, Any]:
    """The user's fields shared by the profile and the session answer."""
    return {
        "user_id": client_id,
        "user_type": "individual",
        "email": f"{client_id.lower()}@sandbox.invalid",
        "user_name": name,
        "user_shortname": name.split()[0],
        "broker": "ZERODHA",
        "exchanges": ["NSE", "BSE", "NFO", "BFO"],
        "products": ["CNC", "NRML", "MIS"],
        "order_types": ["MARKET", "LIMIT", "SL", "SL-M"],
        "avatar_url": None,
        "meta": {"demat_consent": "physical"},
    }
