"""Spot and near-the-money chain of one index, in neutral form."""

from typing import Any

from sandbox.exchange.indices import INDICES
from sandbox.exchange.instruments import Instrument
from sandbox.exchange.ticks import rupees_text
from sandbox.world import World

STRIKES_SHOWN = 5


def prices_json(world: World, name: str, expiry: str | None = None) -> dict[str, Any]:
    """Spot, futures, and the options within five strikes of it at one expiry (the nearest unless given).

    Prices are rupees, as text; `expiry` is an ISO date, one that is not listed shows no options.
    """
    now = world.clock.now()
    spot = world.exchange.market.spot_paise(name, now)
    reach = STRIKES_SHOWN * INDICES[name].step + INDICES[name].step / 2
    listed = [i for i in world.exchange.listing(now) if i.underlying == name]
    options = [i for i in listed if i.is_option]
    expiries = sorted({i.expiry.isoformat() for i in options if i.expiry})
    shown = expiry or expiries[0]
    near = [i for i in options if str(i.expiry) == shown and abs(i.strike - spot / 100) <= reach]
    return {
        "underlying": name,
        "at": now.isoformat(),
        "spot": rupees_text(spot),
        "expiry": shown,
        "expiries": expiries,
        "futures": [_price(world, i) for i in listed if i.kind == "FUT"],
        "options": [_price(world, i) for i in sorted(near, key=lambda i: (i.strike, i.kind))],
        "note": "sample prices, not a market feed",
    }


def _price(world: World, instrument: Instrument) -> dict[str, Any]:
    spread = world.exchange.market.spread(instrument, world.clock.now())
    return {
        "symbol": instrument.symbol,
        "expiry": str(instrument.expiry),
        "strike": instrument.strike or None,
        "kind": instrument.kind,
        "last": rupees_text(spread.last),
        "bid": rupees_text(spread.bid),
        "ask": rupees_text(spread.ask),
    }
