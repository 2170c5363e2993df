"""Quotes of the SmartAPI face (SmartAPI docs: market data, LTP data, search scrip)."""

from datetime import datetime
from typing import Any

from starlette.responses import Response

from sandbox.exchange.depth import five_levels
from sandbox.exchange.instruments import Instrument
from sandbox.exchange.ticks import rupees
from sandbox.smartapi.bodies import read_json, text
from sandbox.smartapi.errors import BrokerError, success
from sandbox.smartapi.names import find, token_of, trading_symbol
from sandbox.smartapi.order_json import stamp
from sandbox.wire.call import Call
from sandbox.world import World

MODES = ("LTP", "OHLC", "FULL")
TOKENS_ALLOWED = 50


class SmartMarketData:
    """Prices by symbol token."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._market = world.exchange.market

    def quote(self, call: Call) -> Response:
        """POST quote {mode, exchangeTokens: {NFO: [token, …]}}; what is not found is listed as unfetched."""
        body, now = read_json(call), self._world.clock.now()
        mode, asked = text(body, "mode"), _asked(body)
        if mode not in MODES or not 0 < len(asked) <= TOKENS_ALLOWED:
            raise BrokerError("AB4014" if mode in MODES else "AB4013", "Invalid mode or number of tokens")
        listing = self._world.exchange.listing(now)
        fetched, unfetched = [], []
        for exchange, token in asked:
            found = find(listing, exchange, token)
            if found is None:
                missing = {"exchange": exchange, "symbolToken": token, "message": "Symbol not found"}
                unfetched.append(missing | {"errorCode": "AB4018"})
            else:
                fetched.append(self._fields(found, mode, now))
        return success({"fetched": fetched, "unfetched": unfetched})

    def ltp(self, call: Call) -> Response:
        """POST getLtpData {exchange, tradingsymbol, symboltoken}."""
        body, now = read_json(call), self._world.clock.now()
        found = find(self._world.exchange.listing(now), text(body, "exchange"), text(body, "symboltoken"))
        if found is None:
            raise BrokerError("AB1018", "Failed to get symbol details")
        return success(
            {
                "exchange": found.exchange,
                "tradingsymbol": trading_symbol(found),
                "symboltoken": token_of(found),
                **self._ohlc(found, now),
                "ltp": rupees(self._market.spread(found, now).last),
            }
        )

    def search(self, call: Call) -> Response:
        """POST searchScrip {exchange, searchscrip}: symbols that begin with the text."""
        body, now = read_json(call), self._world.clock.now()
        exchange, wanted = text(body, "exchange"), text(body, "searchscrip").upper()
        found = [
            {"exchange": i.exchange, "tradingsymbol": trading_symbol(i), "symboltoken": token_of(i)}
            for i in self._world.exchange.listing(now)
            if i.exchange == exchange and wanted and trading_symbol(i).upper().startswith(wanted)
        ]
        return success(found)

    def _ohlc(self, found: Instrument, now: datetime) -> dict[str, Any]:
        day = self._market.day_range(found, now)
        return {
            "open": rupees(day.open), "high": rupees(day.high), "low": rupees(day.low),
            "close": rupees(day.previous_close),
        }  # fmt: skip

    def _fields(self, found: Instrument, mode: str, now: datetime) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "exchange": found.exchange,
            "tradingSymbol": trading_symbol(found),
            "symbolToken": token_of(found),
            "ltp": rupees(self._market.spread(found, now).last),
        }
        if mode != "LTP":
            fields |= self._ohlc(found, now)
        return fields | self._full(found, now) if mode == "FULL" else fields

    def _full(self, found: Instrument, now: datetime) -> dict[str, Any]:
        spread, day = self._market.spread(found, now), self._market.day_range(found, now)
        volume, interest = self._market.traded(found, now)
        low, high = (0, 0) if found.is_index else self._market.band(found, now)
        depth = five_levels(found, spread)
        change = spread.last - day.previous_close
        return {
            "lastTradeQty": 0 if found.is_index else found.lot,
            "exchFeedTime": stamp(now),
            "exchTradeTime": stamp(now),
            "netChange": rupees(change),
            "percentChange": round(100 * change / day.previous_close, 2),
            "avgPrice": rupees((day.high + day.low) // 2),
            "tradeVolume": volume,
            "opnInterest": interest,
            "lowerCircuit": rupees(low),
            "upperCircuit": rupees(high),
            "totBuyQuan": 0 if found.is_index else sum(level.quantity for level in depth.buy) * 20,
            "totSellQuan": 0 if found.is_index else sum(level.quantity for level in depth.sell) * 20,
            "52WeekLow": 0.0,
            "52WeekHigh": 0.0,
            "depth": {
                side: [
                    {"price": rupees(level.price), "quantity": level.quantity, "orders": level.orders}
                    for level in ([] if found.is_index else levels)
                ]
                for side, levels in (("buy", depth.buy), ("sell", depth.sell))
            },
        }


def _asked(body: dict[str, Any]) -> list[tuple[str, str]]:
    tokens = body.get("exchangeTokens")
    if not isinstance(tokens, dict) or not all(isinstance(listed, list) for listed in tokens.values()):
        raise BrokerError("AB4013", "Invalid exchangeTokens")
    return [(exchange, str(token)) for exchange, listed in tokens.items() for token in listed]
