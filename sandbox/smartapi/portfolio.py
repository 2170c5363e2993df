"""Positions and holdings of the SmartAPI face (SmartAPI docs: portfolio). Amounts are text."""

from typing import Any

from starlette.responses import Response

from sandbox.exchange.positions import Position, Side
from sandbox.exchange.ticks import rupees_text
from sandbox.smartapi.errors import success
from sandbox.smartapi.order_json import contract_fields, product_name
from sandbox.wire.call import Call
from sandbox.world import World


class SmartPortfolio:
    """What an account holds; nothing held is `null`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exchange = world.exchange

    def positions(self, call: Call) -> Response:
        """GET getPosition."""
        held = self._exchange.positions(call.owner.key, self._world.clock.now())
        return success([self._position(position) for position in held] or None)

    def holdings(self, _call: Call) -> Response:
        """GET getHolding: no equity is held here."""
        return success(None)

    def _position(self, position: Position) -> dict[str, Any]:
        instrument = position.instrument
        last = self._exchange.market.spread(instrument, self._world.clock.now()).last
        close = self._exchange.market.day_range(instrument, self._world.clock.now()).previous_close
        pnl, realised = position.pnl_paise(last), position.realised_paise()
        fields = contract_fields(instrument)
        net_value = position.sold.value - position.bought.value
        return fields | {
            "strikeprice": str(fields["strikeprice"]),
            "symbolname": instrument.underlying,
            "symbolgroup": "",
            "producttype": product_name(position.product),
            "priceden": "1.00", "pricenum": "1.00", "genden": "1.00", "gennum": "1.00",
            "precision": "2", "multiplier": "-1", "boardlotsize": "1",
            **_carried(position),
            **_traded("buy", position.bought_today),
            **_traded("sell", position.sold_today),
            **_total("buy", position.bought),
            **_total("sell", position.sold),
            "avgnetprice": rupees_text(position.average_paise),
            "netprice": rupees_text(position.average_paise),
            "netvalue": rupees_text(net_value),
            "netqty": str(position.net),
            "pnl": rupees_text(pnl),
            "realised": rupees_text(realised),
            "unrealised": rupees_text(pnl - realised),
            "ltp": rupees_text(last),
            "close": rupees_text(close),
        }  # fmt: skip


def _traded(name: str, side: Side) -> dict[str, str]:
    return {
        f"{name}qty": str(side.quantity),
        f"{name}amount": rupees_text(side.value),
        f"{name}avgprice": rupees_text(side.average_paise),
    }


def _total(name: str, side: Side) -> dict[str, str]:
    return {
        f"total{name}value": rupees_text(side.value),
        f"total{name}avgprice": rupees_text(side.average_paise),
    }


def _carried(position: Position) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, total, today in (
        ("buy", position.bought, position.bought_today), ("sell", position.sold, position.sold_today),
    ):  # fmt: skip
        side = Side(total.quantity - today.quantity, total.value - today.value)
        fields |= {
            f"cf{name}qty": str(side.quantity),
            f"cf{name}amount": rupees_text(side.value),
            f"cf{name}avgprice": rupees_text(side.average_paise),
        }
    return fields
