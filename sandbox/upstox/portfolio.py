"""Profile, funds and positions of the Upstox face (Upstox developer API: user, portfolio)."""

from typing import Any

from starlette.responses import Response

from sandbox.exchange.margin import Funds
from sandbox.exchange.positions import Position
from sandbox.exchange.ticks import rupees
from sandbox.upstox.errors import bad_input, success
from sandbox.upstox.names import instrument_key
from sandbox.upstox.order_json import OWN_PRODUCTS
from sandbox.wire.call import Call
from sandbox.world import World

_SEGMENTS = {"SEC": "equity", "COM": "commodity"}


class UpstoxPortfolio:
    """What an account is and holds."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exchange = world.exchange

    def profile(self, call: Call) -> Response:
        """GET /v2/user/profile."""
        return success(profile_json(call.owner.client_id, call.owner.name))

    def funds(self, call: Call) -> Response:
        """GET /v2/user/get-funds-and-margin, of one segment or of both."""
        asked = call.request.query_params.get("segment", "")
        if asked and asked not in _SEGMENTS:
            raise bad_input("The 'segment' is invalid")
        own = self._exchange.funds(call.owner.key, self._world.clock.now())
        segments = {"equity": _funds_json(own), "commodity": _funds_json(Funds(0, 0, 0))}
        return success({_SEGMENTS[asked]: segments[_SEGMENTS[asked]]} if asked else segments)

    def positions(self, call: Call) -> Response:
        """GET /v2/portfolio/short-term-positions."""
        held = self._exchange.positions(call.owner.key, self._world.clock.now())
        return success([self._position(position) for position in held])

    def holdings(self, _call: Call) -> Response:
        """GET /v2/portfolio/long-term-holdings: no equity is held here."""
        return success([])

    def _position(self, position: Position) -> dict[str, Any]:
        last = self._exchange.market.spread(position.instrument, self._world.clock.now()).last
        bought, sold = position.bought, position.sold
        day_bought, day_sold = position.bought_today, position.sold_today
        pnl, realised = position.pnl_paise(last), position.realised_paise()
        return {
            "exchange": position.instrument.exchange,
            "multiplier": 1.0,
            "value": rupees(sold.value - bought.value),
            "pnl": rupees(pnl),
            "product": OWN_PRODUCTS[position.product],
            "instrument_token": instrument_key(position.instrument),
            "average_price": rupees(position.average_paise),
            "buy_value": rupees(bought.value),
            "overnight_quantity": position.overnight,
            "day_buy_value": rupees(day_bought.value),
            "day_buy_price": rupees(day_bought.average_paise),
            "overnight_buy_amount": rupees(bought.value - day_bought.value),
            "overnight_buy_quantity": bought.quantity - day_bought.quantity,
            "day_buy_quantity": day_bought.quantity,
            "day_sell_value": rupees(day_sold.value),
            "day_sell_price": rupees(day_sold.average_paise),
            "overnight_sell_amount": rupees(sold.value - day_sold.value),
            "overnight_sell_quantity": sold.quantity - day_sold.quantity,
            "day_sell_quantity": day_sold.quantity,
            "quantity": position.net,
            "last_price": rupees(last),
            "unrealised": rupees(pnl - realised),
            "realised": rupees(realised),
            "sell_value": rupees(sold.value),
            "trading_symbol": position.instrument.symbol,
            "tradingsymbol": position.instrument.symbol,
            "close_price": 0.0,
            "buy_price": rupees(bought.average_paise),
            "sell_price": rupees(sold.average_paise),
        }


def profile_json(client_id: str, name: str) -> dict[str, Any]:
    """The user's fields shared by the profile and the token's answer."""
    return {
        "email": f"{client_id.lower()}@sandbox.invalid",
        "exchanges": ["NSE", "NFO", "BSE", "BFO"],
        "products": ["D", "I"],
        "broker": "UPSTOX",
        "user_id": client_id,
        "user_name": name,
        "order_types": ["MARKET", "LIMIT", "SL", "SL-M"],
        "user_type": "individual",
        "poa": False,
        "ddpi": False,
        "is_active": True,
    }


def _funds_json(funds: Funds) -> dict[str, Any]:
    return {
        "used_margin": rupees(funds.spent),
        "payin_amount": 0.0,
        "span_margin": rupees(funds.blocked),
        "adhoc_margin": 0.0,
        "notional_cash": 0.0,
        "available_margin": rupees(funds.available),
        "exposure_margin": 0.0,
    }
