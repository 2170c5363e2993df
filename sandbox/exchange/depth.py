"""Five levels of sample depth around the best bid and offer."""

from dataclasses import dataclass

from sandbox.exchange.instruments import TICK_PAISE, Instrument
from sandbox.exchange.market import Spread

_LOTS = (10, 25, 40, 60, 90)


@dataclass(frozen=True, slots=True)
class Level:
    """One price level: paise, quantity, number of orders."""

    price: int
    quantity: int
    orders: int


@dataclass(frozen=True, slots=True)
class Depth:
    """Best level first on both sides; a level without a price has quantity 0."""

    buy: list[Level]
    sell: list[Level]


def five_levels(instrument: Instrument, spread: Spread) -> Depth:
    """Levels one tick apart, deeper away from the best. The bid side ends at the smallest price."""
    buy = [_level(instrument, spread.bid - TICK_PAISE * n, lots) for n, lots in enumerate(_LOTS)]
    sell = [_level(instrument, spread.ask + TICK_PAISE * n, lots) for n, lots in enumerate(_LOTS)]
    return Depth(buy, sell)


def _level(instrument: Instrument, price: int, lots: int) -> Level:
    if price < TICK_PAISE:
        return Level(0, 0, 0)
    return Level(price, lots * instrument.lot, max(1, lots // 5))
