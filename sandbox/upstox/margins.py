"""The margin calculator of the Upstox face (Upstox developer API: margin details)."""

from typing import Any

from starlette.responses import Response

from sandbox.exchange.instruments import Instrument
from sandbox.exchange.margin import Requirement
from sandbox.exchange.ticks import rupees
from sandbox.upstox.bodies import read_json, text
from sandbox.upstox.errors import UpstoxError, bad_input, success
from sandbox.upstox.names import find
from sandbox.upstox.order_body import PRODUCTS, read_amount, read_quantity
from sandbox.wire.call import Call
from sandbox.world import World

MOST_INSTRUMENTS = 20
Leg = tuple[Instrument, int, int]


class UpstoxMargins:
    """What orders would bind, alone and together."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exchange = world.exchange

    def margin(self, call: Call) -> Response:
        """POST /v2/charges/margin {instruments: […]}."""
        rows, now = read_json(call).get("instruments"), self._world.clock.now()
        if not isinstance(rows, list) or not 0 < len(rows) <= MOST_INSTRUMENTS:
            raise bad_input(f"1 to {MOST_INSTRUMENTS} instruments are allowed per request")
        legs = [self._leg(row) for row in rows if isinstance(row, dict)]
        alone = [self._exchange.requirement([leg], now) for leg in legs]
        return success(
            {
                "margins": [_margin_json(one) for one in alone],
                "required_margin": rupees(sum(one.total for one in alone)),
                "final_margin": rupees(self._exchange.requirement(legs, now).total),
            }
        )

    def _leg(self, row: dict[str, Any]) -> Leg:
        instrument = find(self._exchange.listing(self._world.clock.now()), text(row, "instrument_key"))
        if instrument is None or instrument.is_index:
            raise UpstoxError("UDAPI100011", "Invalid Instrument key")
        side, quantity = text(row, "transaction_type"), read_quantity(row)
        if side not in ("BUY", "SELL") or text(row, "product") not in PRODUCTS:
            raise bad_input()
        price = read_amount(row, "price") if text(row, "price") else 0
        return instrument, quantity if side == "BUY" else -quantity, price


def _margin_json(required: Requirement) -> dict[str, Any]:
    return {
        "span_margin": rupees(required.blocked),
        "exposure_margin": 0.0,
        "equity_margin": 0.0,
        "net_buy_premium": rupees(required.premium),
        "additional_margin": 0.0,
        "total_margin": rupees(required.total),
        "tender_margin": 0.0,
    }
