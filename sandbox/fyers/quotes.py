"""Quotes and depth of the Fyers face (docs: data API)."""

from datetime import datetime
from typing import Any

from starlette.responses import JSONResponse, Response

from sandbox.exchange.depth import five_levels
from sandbox.exchange.instruments import Instrument
from sandbox.exchange.ticks import rupees
from sandbox.fyers.errors import INVALID_SYMBOL, FyersError, bad_input, success
from sandbox.fyers.names import exchange_name, find, fytoken_of
from sandbox.wire.call import Call
from sandbox.world import World

SYMBOLS_ALLOWED = 50


class FyersQuotes:
    """Prices by ticker."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._market = world.exchange.market

    def quotes(self, call: Call) -> Response:
        """GET /data/quotes?symbols=A,B: up to 50; one that is not known is an error among the others."""
        asked = [ticker for ticker in call.request.query_params.get("symbols", "").split(",") if ticker]
        if not 0 < len(asked) <= SYMBOLS_ALLOWED:
            raise bad_input(f"symbols takes 1 to {SYMBOLS_ALLOWED} symbols")
        now = self._world.clock.now()
        listing = self._world.exchange.listing(now)
        return success(d=[self._row(ticker, find(listing, ticker), now) for ticker in asked])

    def depth(self, call: Call) -> Response:
        """GET /data/depth?symbol=A&ohlcv_flag=1."""
        ticker, now = call.request.query_params.get("symbol", ""), self._world.clock.now()
        found = find(self._world.exchange.listing(now), ticker)
        if found is None:
            raise FyersError(INVALID_SYMBOL, "Please provide a valid symbol")
        return JSONResponse({"s": "ok", "d": {ticker: self._depth(found, now)}, "message": ""})

    def _row(self, ticker: str, found: Instrument | None, now: datetime) -> dict[str, Any]:
        if found is None:
            return {"n": ticker, "s": "error", "v": {"code": INVALID_SYMBOL, "errmsg": "invalid symbol"}}
        spread, day = self._market.spread(found, now), self._market.day_range(found, now)
        volume, _ = self._market.traded(found, now)
        bid, ask = (0, 0) if found.is_index else (spread.bid, spread.ask)
        change = spread.last - day.previous_close
        return {
            "n": ticker,
            "s": "ok",
            "v": {
                "ch": rupees(change),
                "chp": round(100 * change / day.previous_close, 2),
                "lp": rupees(spread.last),
                "spread": rupees(ask - bid),
                "ask": rupees(ask),
                "bid": rupees(bid),
                "open_price": rupees(day.open),
                "high_price": rupees(day.high),
                "low_price": rupees(day.low),
                "prev_close_price": rupees(day.previous_close),
                "atp": rupees((day.high + day.low) // 2),
                "volume": volume,
                "short_name": ticker.partition(":")[2],
                "exchange": exchange_name(found),
                "description": ticker,
                "original_name": ticker,
                "symbol": ticker,
                "fyToken": fytoken_of(found),
                "tt": str(int(now.timestamp())),
            },
        }

    def _depth(self, found: Instrument, now: datetime) -> dict[str, Any]:
        spread, day = self._market.spread(found, now), self._market.day_range(found, now)
        volume, interest = self._market.traded(found, now)
        low, high = (0, 0) if found.is_index else self._market.band(found, now)
        depth = five_levels(found, spread)
        buy, sell = ([], []) if found.is_index else (depth.buy, depth.sell)
        return {
            "totalbuyqty": sum(level.quantity for level in buy) * 20,
            "totalsellqty": sum(level.quantity for level in sell) * 20,
            "bids": [{"price": rupees(one.price), "volume": one.quantity, "ord": one.orders} for one in buy],
            "ask": [{"price": rupees(one.price), "volume": one.quantity, "ord": one.orders} for one in sell],
            "o": rupees(day.open),
            "h": rupees(day.high),
            "l": rupees(day.low),
            "c": rupees(day.previous_close),
            "ltp": rupees(spread.last),
            "ltq": 0 if found.is_index else found.lot,
            "ltt": int(now.timestamp()),
            "v": volume,
            "oi": interest,
            "lower_ckt": rupees(low),
            "upper_ckt": rupees(high),
            "tick_Size": 0.05,
        }
