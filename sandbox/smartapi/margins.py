"""The margin calculator of the SmartAPI face (SmartAPI docs: margin calculator)."""

from typing import Any

from starlette.responses import Response

from sandbox.exchange.instruments import Instrument
from sandbox.exchange.ticks import rupees
from sandbox.smartapi.bodies import read_json, text
from sandbox.smartapi.errors import BrokerError, success
from sandbox.smartapi.names import find
from sandbox.smartapi.order_body import read_amount
from sandbox.smartapi.order_json import PRODUCTS
from sandbox.wire.call import Call
from sandbox.world import World

MOST_POSITIONS = 50


class SmartMargins:
    """What up to 50 positions would bind together."""

    def __init__(self, world: World) -> None:
        self._world = world

    def batch(self, call: Call) -> Response:
        """POST margin/v1/batch {positions}."""
        positions, now = read_json(call).get("positions"), self._world.clock.now()
        if not isinstance(positions, list) or not 0 < len(positions) <= MOST_POSITIONS:
            raise BrokerError("AB4031", f"positions must be a list of 1 to {MOST_POSITIONS}", 400)
        required = self._world.exchange.requirement([self._leg(one) for one in positions], now)
        return success(
            {
                "totalMarginRequired": rupees(required.total),
                "marginComponents": {
                    "netPremium": rupees(required.premium),
                    "spanMargin": rupees(required.blocked),
                    "marginBenefit": 0.0,
                    "deliveryMargin": 0.0,
                    "nonNFOMargin": 0.0,
                    "totOptionsPremium": rupees(required.premium),
                },
                "marginBreakup": [],
                "optionsBuy": [],
            }
        )

    def _leg(self, position: Any) -> tuple[Instrument, int, int]:
        if not isinstance(position, dict):
            raise BrokerError("AB4031", "a position is an object", 400)
        listing = self._world.exchange.listing(self._world.clock.now())
        instrument = find(listing, text(position, "exchange"), text(position, "token"))
        if instrument is None or instrument.is_index:
            raise BrokerError("AB1009", "Symbol Not Found")
        if text(position, "productType") not in PRODUCTS:
            raise BrokerError("AB1012", "Invalid Product Type")
        side, quantity = text(position, "tradeType"), position.get("qty")
        if side not in ("BUY", "SELL") or text(position, "orderType") not in ("LIMIT", "MARKET"):
            raise BrokerError("AB4031", "Invalid tradeType or orderType", 400)
        if not isinstance(quantity, int) or quantity <= 0:
            raise BrokerError("AB4031", "Invalid qty", 400)
        return instrument, quantity if side == "BUY" else -quantity, read_amount(position, "price")
