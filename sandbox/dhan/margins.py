"""The margin calculators of the Dhan face (DhanHQ docs: funds, margin calculator)."""

from typing import Any

from starlette.responses import JSONResponse, Response

from sandbox.dhan.bodies import one_of, read_amount, read_own, read_quantity
from sandbox.dhan.errors import bad_input
from sandbox.dhan.names import find
from sandbox.dhan.order_body import PRODUCTS, SIDES
from sandbox.exchange.instruments import Instrument
from sandbox.exchange.ticks import rupees
from sandbox.wire.call import Call
from sandbox.world import World

Leg = tuple[Instrument, int, int]


class DhanMargins:
    """What orders would bind, alone and together."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exchange = world.exchange

    def single(self, call: Call) -> Response:
        """POST /v2/margincalculator: one order."""
        now = self._world.clock.now()
        required = self._exchange.requirement([self._leg(read_own(call))], now)
        available = self._exchange.funds(call.owner.key, now).available
        return JSONResponse(
            {
                "totalMargin": rupees(required.total),
                "spanMargin": rupees(required.blocked),
                "exposureMargin": 0.0,
                "availableBalance": rupees(available),
                "variableMargin": 0.0,
                "insufficientBalance": rupees(max(0, required.total - available)),
                "brokerage": 0.0,
                "leverage": "1.00",
            }
        )

    def multi(self, call: Call) -> Response:
        """POST /v2/margincalculator/multi: orders together. Baskets apart from positions are worked out here."""
        body, now = read_own(call), self._world.clock.now()
        if body.get("includePosition") or body.get("includeOrder"):
            raise bad_input("Only baskets without positions and orders are answered here")
        scrips = body.get("scripList")
        if not isinstance(scrips, list) or not scrips or not all(isinstance(scrip, dict) for scrip in scrips):
            raise bad_input()
        legs = [self._leg(scrip) for scrip in scrips]
        together = self._exchange.requirement(legs, now)
        alone = sum(self._exchange.requirement([leg], now).blocked for leg in legs)
        return JSONResponse(
            {
                "totalMargin": rupees(together.total),
                "spanMargin": rupees(together.blocked),
                "exposureMargin": 0.0,
                "equityMargin": 0.0,
                "foMargin": rupees(together.total),
                "commodityMargin": 0.0,
                "currency": 0.0,
                "hedgeBenefit": rupees(alone - together.blocked),
            }
        )

    def _leg(self, scrip: dict[str, Any]) -> Leg:
        listing = self._exchange.listing(self._world.clock.now())
        instrument = find(listing, str(scrip.get("exchangeSegment", "")), str(scrip.get("securityId", "")))
        if instrument is None or instrument.is_index:
            raise bad_input("Invalid securityId")
        one_of(scrip, "productType", tuple(PRODUCTS))
        quantity = read_quantity(scrip)
        if quantity % instrument.lot:
            raise bad_input()
        side = one_of(scrip, "transactionType", SIDES)
        return instrument, quantity if side == "BUY" else -quantity, read_amount(scrip, "price")
