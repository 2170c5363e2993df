"""Profile, funds, positions and holdings of the Dhan face (DhanHQ docs: funds, portfolio)."""

from typing import Any

from starlette.responses import JSONResponse, Response

from sandbox.accounts import Account
from sandbox.dhan.order_json import PRODUCT_NAMES, contract_json
from sandbox.exchange.positions import Position
from sandbox.exchange.ticks import rupees
from sandbox.wire.call import Call
from sandbox.world import World


class DhanPortfolio:
    """What an account is and holds."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exchange = world.exchange

    def profile(self, call: Call) -> Response:
        """GET /v2/profile."""
        return JSONResponse(
            {
                "dhanClientId": call.owner.client_id,
                "tokenValidity": f"{self._world.clock.now():%d/%m/%Y %H:%M}",
                "activeSegment": "Equity, Derivative",
                "ddpi": "Active",
                "mtf": "Inactive",
                "dataPlan": "Active",
                "dataValidity": "2099-12-31 00:00:00.0",
            }
        )

    def funds(self, call: Call) -> Response:
        """GET /v2/fundlimit; `availabelBalance` is Dhan's spelling."""
        funds = self._exchange.funds(call.owner.key, self._world.clock.now())
        return JSONResponse(
            {
                "dhanClientId": call.owner.client_id,
                "availabelBalance": rupees(funds.available),
                "sodLimit": rupees(funds.opening),
                "collateralAmount": 0.0,
                "receiveableAmount": 0.0,
                "utilizedAmount": rupees(funds.spent),
                "blockedPayoutAmount": 0.0,
                "withdrawableBalance": rupees(max(0, funds.available)),
            }
        )

    def positions(self, call: Call) -> Response:
        """GET /v2/positions: those of today and those carried in; closed ones are listed as CLOSED."""
        held = self._exchange.positions(call.owner.key, self._world.clock.now())
        return JSONResponse([self._position(position, call.owner) for position in held])

    def holdings(self, _call: Call) -> Response:
        """GET /v2/holdings: no equity is held here, which Dhan words as an error."""
        body = {"errorType": "HOLDING_ERROR", "errorCode": "DH-1111", "errorMessage": "No holdings available"}
        return JSONResponse(body, 400)

    def _position(self, position: Position, account: Account) -> dict[str, Any]:
        last = self._exchange.market.spread(position.instrument, self._world.clock.now()).last
        realised = position.realised_paise()
        bought, sold = position.bought, position.sold
        today_bought, today_sold = position.bought_today, position.sold_today
        return contract_json(position.instrument) | {
            "dhanClientId": account.client_id,
            "positionType": _position_type(position.net),
            "productType": PRODUCT_NAMES[position.product],
            "buyAvg": rupees(bought.average_paise),
            "costPrice": rupees(position.average_paise),
            "buyQty": bought.quantity,
            "sellAvg": rupees(sold.average_paise),
            "sellQty": sold.quantity,
            "netQty": position.net,
            "realizedProfit": rupees(realised),
            "unrealizedProfit": rupees(position.pnl_paise(last) - realised),
            "rbiReferenceRate": 1.0,
            "multiplier": 1,
            "carryForwardBuyQty": bought.quantity - today_bought.quantity,
            "carryForwardSellQty": sold.quantity - today_sold.quantity,
            "carryForwardBuyValue": rupees(bought.value - today_bought.value),
            "carryForwardSellValue": rupees(sold.value - today_sold.value),
            "dayBuyQty": today_bought.quantity,
            "daySellQty": today_sold.quantity,
            "dayBuyValue": rupees(today_bought.value),
            "daySellValue": rupees(today_sold.value),
            "crossCurrency": False,
        }


def _position_type(net: int) -> str:
    if net == 0:
        return "CLOSED"
    return "LONG" if net > 0 else "SHORT"
