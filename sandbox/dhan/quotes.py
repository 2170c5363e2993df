"""Market quotes of the Dhan face (DhanHQ docs: market quote)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.responses import JSONResponse, Response

from sandbox.dhan.bodies import read_json
from sandbox.dhan.errors import bad_input
from sandbox.dhan.names import find
from sandbox.exchange.depth import Level, five_levels
from sandbox.exchange.instruments import Instrument
from sandbox.exchange.ticks import rupees
from sandbox.wire.call import Call
from sandbox.world import World

MOST_INSTRUMENTS = 1000
_NO_LEVEL = {"quantity": 0, "orders": 0, "price": 0.0}


class DhanQuotes:
    """Prices by segment and security id. What does not exist is left out of the answer."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._market = world.exchange.market

    def quote(self, call: Call) -> Response:
        """POST /v2/marketfeed/quote {segment: [security id, …]}."""
        return self._answer(call, self._full)

    def ohlc(self, call: Call) -> Response:
        """POST /v2/marketfeed/ohlc."""
        return self._answer(call, self._short)

    def ltp(self, call: Call) -> Response:
        """POST /v2/marketfeed/ltp."""
        return self._answer(call, self._last)

    def _answer(self, call: Call, render: Callable[[Instrument, datetime], dict[str, Any]]) -> Response:
        asked, now = read_json(call), self._world.clock.now()
        asked.pop("dhanClientId", None)  # the official client adds it to every body
        if not all(isinstance(ids, list) for ids in asked.values()):
            raise bad_input()
        if not 0 < sum(len(ids) for ids in asked.values()) <= MOST_INSTRUMENTS:
            raise bad_input()
        listing = self._world.exchange.listing(now)
        data: dict[str, dict[str, Any]] = {}
        for segment, ids in asked.items():
            found = {str(one): find(listing, segment, str(one)) for one in ids}
            data[segment] = {key: render(instrument, now) for key, instrument in found.items() if instrument}
        return JSONResponse({"data": data, "status": "success"})

    def _last(self, found: Instrument, now: datetime) -> dict[str, Any]:
        return {"last_price": rupees(self._market.spread(found, now).last)}

    def _short(self, found: Instrument, now: datetime) -> dict[str, Any]:
        day = self._market.day_range(found, now)
        ohlc = {
            "open": rupees(day.open), "close": rupees(day.previous_close),
            "high": rupees(day.high), "low": rupees(day.low),
        }  # fmt: skip
        return self._last(found, now) | {"ohlc": ohlc}

    def _full(self, found: Instrument, now: datetime) -> dict[str, Any]:
        spread, day = self._market.spread(found, now), self._market.day_range(found, now)
        volume, interest = self._market.traded(found, now)
        low, high = (0, 0) if found.is_index else self._market.band(found, now)
        depth = five_levels(found, spread)
        index = found.is_index
        return self._short(found, now) | {
            "average_price": 0.0 if index else rupees((day.high + day.low) // 2),
            "buy_quantity": 0 if index else sum(level.quantity for level in depth.buy) * 20,
            "sell_quantity": 0 if index else sum(level.quantity for level in depth.sell) * 20,
            "depth": {
                "buy": [_level(level, index=index) for level in depth.buy],
                "sell": [_level(level, index=index) for level in depth.sell],
            },
            "last_quantity": 0 if index else found.lot,
            "last_trade_time": f"{now:%d/%m/%Y %H:%M:%S}",
            "lower_circuit_limit": rupees(low),
            "upper_circuit_limit": rupees(high),
            "net_change": rupees(spread.last - day.previous_close),
            "volume": volume,
            "oi": interest,
            "oi_day_high": interest,
            "oi_day_low": interest,
        }


def _level(level: Level, *, index: bool) -> dict[str, Any]:
    """An index has five levels of zeros."""
    if index:
        return dict(_NO_LEVEL)
    return {"quantity": level.quantity, "orders": level.orders, "price": rupees(level.price)}
