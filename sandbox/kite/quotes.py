"""Quotes of the Kite face (Kite Connect v3 docs: market quotes)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.responses import Response

from sandbox.exchange.depth import five_levels
from sandbox.exchange.instruments import Instrument
from sandbox.exchange.ticks import rupees
from sandbox.kite.errors import bad_input, success
from sandbox.kite.names import find, find_token, instrument_token
from sandbox.kite.order_json import stamp
from sandbox.wire.call import Call
from sandbox.world import World

FULL_LIMIT, SHORT_LIMIT = 500, 1000


class KiteQuotes:
    """Last prices, day ranges and full quotes. An unknown instrument is left out of the answer."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._market = world.exchange.market

    def full(self, call: Call) -> Response:
        """GET /quote."""
        return self._answer(call, FULL_LIMIT, self._full)

    def ohlc(self, call: Call) -> Response:
        """GET /quote/ohlc."""
        return self._answer(call, SHORT_LIMIT, self._short)

    def ltp(self, call: Call) -> Response:
        """GET /quote/ltp."""
        return self._answer(call, SHORT_LIMIT, self._ltp)

    def _answer(self, call: Call, limit: int, render: Callable[[Instrument, datetime], dict[str, Any]]) -> Response:
        asked = call.request.query_params.getlist("i")
        if not asked or len(asked) > limit:
            raise bad_input(f"`i` takes 1 to {limit} instruments.")
        now = self._world.clock.now()
        found = {key: self._find(key, now) for key in asked}
        return success({key: render(instrument, now) for key, instrument in found.items() if instrument})

    def _find(self, key: str, now: datetime) -> Instrument | None:
        listing = self._world.exchange.listing(now)
        if key.isdigit():
            return find_token(listing, int(key))
        exchange, _, symbol = key.partition(":")
        return find(listing, exchange, symbol)

    def _ltp(self, found: Instrument, now: datetime) -> dict[str, Any]:
        last = self._market.spread(found, now).last
        return {"instrument_token": instrument_token(found), "last_price": rupees(last)}

    def _short(self, found: Instrument, now: datetime) -> dict[str, Any]:
        return self._ltp(found, now) | {"ohlc": self._ohlc(found, now)}

    def _ohlc(self, found: Instrument, now: datetime) -> dict[str, Any]:
        day = self._market.day_range(found, now)
        return {
            "open": rupees(day.open), "high": rupees(day.high), "low": rupees(day.low),
            "close": rupees(day.previous_close),
        }  # fmt: skip

    def _full(self, found: Instrument, now: datetime) -> dict[str, Any]:
        spread = self._market.spread(found, now)
        day = self._market.day_range(found, now)
        fields: dict[str, Any] = {
            "instrument_token": instrument_token(found),
            "timestamp": stamp(now),
            "last_price": rupees(spread.last),
            "net_change": rupees(spread.last - day.previous_close) if found.is_index else 0,
            "ohlc": self._ohlc(found, now),
        }
        if found.is_index:
            return fields
        volume, interest = self._market.traded(found, now)
        low, high = self._market.band(found, now)
        depth = five_levels(found, spread)
        return fields | {
            "last_trade_time": stamp(now),
            "last_quantity": found.lot,
            "buy_quantity": sum(level.quantity for level in depth.buy) * 20,
            "sell_quantity": sum(level.quantity for level in depth.sell) * 20,
            "volume": volume,
            "average_price": rupees((day.high + day.low) // 2),
            "oi": interest,
            "oi_day_high": interest,
            "oi_day_low": interest,
            "lower_circuit_limit": rupees(low),
            "upper_circuit_limit": rupees(high),
            "depth": {
                side: [
                    {"price": rupees(level.price), "quantity": level.quantity, "orders": level.orders}
                    for level in levels
                ]
                for side, levels in (("buy", depth.buy), ("sell", depth.sell))
            },
        }
