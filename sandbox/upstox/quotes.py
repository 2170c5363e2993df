"""Quotes of the Upstox face (Upstox developer API: full market quotes, LTP)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.responses import Response

from sandbox.clock import epoch_micros
from sandbox.exchange.depth import Level, five_levels
from sandbox.exchange.instruments import Instrument
from sandbox.exchange.ticks import rupees
from sandbox.upstox.errors import UpstoxError, success
from sandbox.upstox.names import INDEX_NAMES, KEY, find, instrument_key, quote_key
from sandbox.wire.call import Call
from sandbox.world import World

MOST_KEYS = 500
_NO_LEVEL = Level(0, 0, 0)


class UpstoxQuotes:
    """Last prices and full quotes. A key of the right form that nobody knows is left out of the answer."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._market = world.exchange.market

    def full(self, call: Call) -> Response:
        """GET /v2/market-quote/quotes."""
        return self._answer(call, self._full)

    def ltp(self, call: Call) -> Response:
        """GET /v2/market-quote/ltp."""
        return self._answer(call, self._ltp)

    def _answer(self, call: Call, render: Callable[[Instrument, datetime], dict[str, Any]]) -> Response:
        now = self._world.clock.now()
        listing = self._world.exchange.listing(now)
        found = [find(listing, key) for key in _keys(call)]
        return success({quote_key(one): render(one, now) for one in found if one})

    def _ltp(self, found: Instrument, now: datetime) -> dict[str, Any]:
        last = self._market.spread(found, now).last
        return {"last_price": rupees(last), "instrument_token": instrument_key(found)}

    def _full(self, found: Instrument, now: datetime) -> dict[str, Any]:
        day, spread = self._market.day_range(found, now), self._market.spread(found, now)
        fields = self._ltp(found, now) | {
            "ohlc": {
                "open": rupees(day.open), "high": rupees(day.high), "low": rupees(day.low),
                "close": rupees(spread.last),
            },
            "timestamp": now.isoformat(timespec="milliseconds"),
            "symbol": INDEX_NAMES[found.underlying].key if found.is_index else found.symbol,
            "net_change": rupees(spread.last - day.previous_close),
            "last_trade_time": str(epoch_micros(now) // 1000),
        }  # fmt: skip
        return fields | (_no_book() if found.is_index else self._book(found, now))

    def _book(self, found: Instrument, now: datetime) -> dict[str, Any]:
        depth = five_levels(found, self._market.spread(found, now))
        volume, interest = self._market.traded(found, now)
        day, (low, high) = self._market.day_range(found, now), self._market.band(found, now)
        return {
            "depth": {"buy": [_level(one) for one in depth.buy], "sell": [_level(one) for one in depth.sell]},
            "volume": volume,
            "average_price": rupees((day.high + day.low) // 2),
            "oi": float(interest),
            "oi_day_high": float(interest),
            "oi_day_low": float(interest),
            "total_buy_quantity": float(sum(one.quantity for one in depth.buy) * 20),
            "total_sell_quantity": float(sum(one.quantity for one in depth.sell) * 20),
            "lower_circuit_limit": rupees(low),
            "upper_circuit_limit": rupees(high),
        }


def _keys(call: Call) -> list[str]:
    """The keys asked for; the official client still sends them by their old name."""
    query = call.request.query_params
    keys = [key for key in (query.get("instrument_key") or query.get("symbol", "")).split(",") if key]
    if not keys:
        raise UpstoxError("UDAPI1009", "instrument_key is required")
    if len(keys) > MOST_KEYS:
        raise UpstoxError("UDAPI100043", "Maximum instrument key limit exceeded")
    if not all(KEY.fullmatch(key) for key in keys):
        raise UpstoxError("UDAPI1011", "instrument_key is of invalid format")
    return keys


def _level(level: Level) -> dict[str, Any]:
    return {"quantity": level.quantity, "price": rupees(level.price), "orders": level.orders}


def _no_book() -> dict[str, Any]:
    nothing = [_level(_NO_LEVEL)] * 5
    return {
        "depth": {"buy": nothing, "sell": nothing},
        "volume": None, "average_price": None, "oi": None, "oi_day_high": None, "oi_day_low": None,
        "total_buy_quantity": 0.0, "total_sell_quantity": 0.0,
        "lower_circuit_limit": 0.0, "upper_circuit_limit": 0.0,
    }  # fmt: skip
