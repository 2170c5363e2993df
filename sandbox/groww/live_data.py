"""Quotes of the Groww face (Groww docs: live data)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.responses import Response

from sandbox.clock import epoch_micros
from sandbox.exchange.depth import five_levels
from sandbox.exchange.instruments import Instrument
from sandbox.exchange.ticks import rupees, rupees_text
from sandbox.groww.bodies import read_segment
from sandbox.groww.errors import GrowwError, bad_request, success
from sandbox.groww.names import find
from sandbox.wire.call import Call
from sandbox.world import World

SYMBOLS_ALLOWED = 50


class GrowwLiveData:
    """Prices by exchange, segment and trading symbol."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._market = world.exchange.market

    def quote(self, call: Call) -> Response:
        """GET /v1/live-data/quote?exchange&segment&trading_symbol: one instrument with its book."""
        query, now = call.request.query_params, self._world.clock.now()
        listing = self._world.exchange.listing(now)
        found = find(listing, query.get("exchange", ""), read_segment(call), query.get("trading_symbol", ""))
        if found is None:
            raise GrowwError("GA004", "Invalid trading_symbol")
        return success(self._quote(found, now))

    def ltp(self, call: Call) -> Response:
        """GET /v1/live-data/ltp?segment&exchange_symbols: a number for each `NSE_SYMBOL`."""
        return self._answer(call, lambda found, now: rupees(self._market.spread(found, now).last))

    def ohlc(self, call: Call) -> Response:
        """GET /v1/live-data/ohlc?segment&exchange_symbols: a text for each, as in the documentation."""
        return self._answer(call, self._ohlc)

    def _answer(self, call: Call, render: Callable[[Instrument, datetime], Any]) -> Response:
        """What is not found is left out."""
        segment, now = read_segment(call), self._world.clock.now()
        written = ",".join(call.request.query_params.getlist("exchange_symbols"))
        keys = [key.strip() for key in written.split(",") if key.strip()]
        if not 0 < len(keys) <= SYMBOLS_ALLOWED:
            raise bad_request(f"exchange_symbols takes 1 to {SYMBOLS_ALLOWED} instruments")
        listing = self._world.exchange.listing(now)
        found = {key: find(listing, key.partition("_")[0], segment, key.partition("_")[2]) for key in keys}
        return success({key: render(instrument, now) for key, instrument in found.items() if instrument})

    def _ohlc(self, found: Instrument, now: datetime) -> str:
        day = self._market.day_range(found, now)
        named = (("open", day.open), ("high", day.high), ("low", day.low), ("close", day.previous_close))
        return "{" + ",".join(f"{name}: {rupees_text(paise)}" for name, paise in named) + "}"

    def _quote(self, found: Instrument, now: datetime) -> dict[str, Any]:
        spread, day = self._market.spread(found, now), self._market.day_range(found, now)
        change = spread.last - day.previous_close
        return {
            "average_price": None if found.is_index else rupees((day.high + day.low) // 2),
            "day_change": rupees(change),
            "day_change_perc": round(100 * change / day.previous_close, 2),
            "ohlc": self._ohlc(found, now),
            "high_trade_range": rupees(day.high),
            "low_trade_range": rupees(day.low),
            "last_price": rupees(spread.last),
            "last_trade_time": epoch_micros(now) // 1000,
            "implied_volatility": None,
            "market_cap": None,
            **(_no_book() if found.is_index else self._book(found, now)),
        }

    def _book(self, found: Instrument, now: datetime) -> dict[str, Any]:
        depth = five_levels(found, self._market.spread(found, now))
        low, high = self._market.band(found, now)
        volume, interest = self._market.traded(found, now)
        sides = {
            side: [{"price": rupees(level.price), "quantity": level.quantity} for level in levels]
            for side, levels in (("buy", depth.buy), ("sell", depth.sell))
        }
        return {
            "bid_price": sides["buy"][0]["price"],
            "bid_quantity": sides["buy"][0]["quantity"],
            "offer_price": sides["sell"][0]["price"],
            "offer_quantity": sides["sell"][0]["quantity"],
            "upper_circuit_limit": rupees(high),
            "lower_circuit_limit": rupees(low),
            "depth": sides,
            "last_trade_quantity": found.lot,
            "open_interest": interest,
            "previous_open_interest": interest,
            "oi_day_change": 0,
            "oi_day_change_percentage": 0,
            "total_buy_quantity": sum(level.quantity for level in depth.buy) * 20,
            "total_sell_quantity": sum(level.quantity for level in depth.sell) * 20,
            "volume": volume,
        }


def _no_book() -> dict[str, Any]:
    names = ("bid_price", "bid_quantity", "offer_price", "offer_quantity", "depth", "last_trade_quantity", "volume")
    return dict.fromkeys(names)
