"""The basket calculator of the Kite face (Kite Connect v3 docs: margin calculation)."""

import json
from typing import Any

from starlette.responses import Response

from sandbox.exchange.instruments import Instrument
from sandbox.exchange.margin import Requirement
from sandbox.exchange.ticks import parse_paise, rupees
from sandbox.kite.errors import bad_input, success
from sandbox.kite.names import find
from sandbox.kite.order_form import ORDER_TYPES
from sandbox.wire.call import Call
from sandbox.world import World

Leg = tuple[Instrument, int, int]
_REQUIRED = ("exchange", "tradingsymbol", "transaction_type", "variety", "product", "order_type", "quantity")


class KiteMargins:
    """What orders would bind, alone and together."""

    def __init__(self, world: World) -> None:
        self._world = world

    def basket(self, call: Call) -> Response:
        """POST /margins/basket: a JSON list of orders. Only baskets apart from positions are worked out here."""
        # The official Python client writes `False`.
        if call.request.query_params.get("consider_positions", "true").lower() != "false":
            raise bad_input("Only `consider_positions=false` is answered here.")
        rows, now = _rows(call), self._world.clock.now()
        legs = [self._leg(row) for row in rows]
        alone = [self._world.exchange.requirement([leg], now) for leg in legs]
        initial = Requirement(sum(one.premium for one in alone), sum(one.blocked for one in alone))
        final = self._world.exchange.requirement(legs, now)
        return success(
            {
                "initial": _margin(initial),
                "final": _margin(final),
                "orders": [_margin(one, row) for one, row in zip(alone, rows, strict=True)],
                "charges": {"total": 0},
            }
        )

    def _leg(self, row: dict[str, Any]) -> Leg:
        for name in _REQUIRED:
            if not row.get(name):
                raise bad_input(f"Missing or empty field `{name}`")
        instrument = find(self._world.exchange.listing(self._world.clock.now()), row["exchange"], row["tradingsymbol"])
        if instrument is None or instrument.is_index:
            raise bad_input("The instrument you are placing an order for has either expired or does not exist.")
        if row["transaction_type"] not in ("BUY", "SELL") or row["order_type"] not in ORDER_TYPES:
            raise bad_input("Invalid `transaction_type` or `order_type`.")
        quantity, price = row["quantity"], parse_paise(str(row.get("price") or 0))
        if not isinstance(quantity, int) or quantity <= 0 or price is None:
            raise bad_input("Invalid `quantity` or `price`.")
        return instrument, quantity if row["transaction_type"] == "BUY" else -quantity, price


def _rows(call: Call) -> list[dict[str, Any]]:
    try:
        rows = json.loads(call.body)
    except ValueError as error:
        raise bad_input("Invalid JSON in the request body.") from error
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise bad_input("The request body is a list of orders.")
    return rows


def _margin(required: Requirement, row: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "equity" if row else "",
        "tradingsymbol": row["tradingsymbol"] if row else "",
        "exchange": row["exchange"] if row else "",
        "span": rupees(required.blocked),
        "exposure": 0,
        "option_premium": rupees(required.premium),
        "additional": 0, "bo": 0, "cash": 0, "var": 0,
        "pnl": {"realised": 0, "unrealised": 0},
        "leverage": 1,
        "charges": {"total": 0},
        "total": rupees(required.total),
    }  # fmt: skip
