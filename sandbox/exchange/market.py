"""Sample prices of every instrument at an instant: last, spread, depth, day range, volume."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sandbox.exchange.black76 import forward_price, option_price, smile, standard_moneyness
from sandbox.exchange.indices import INDICES
from sandbox.exchange.instruments import TICK_PAISE, Instrument
from sandbox.exchange.replay import Recording
from sandbox.exchange.session import Session
from sandbox.exchange.ticks import to_tick
from sandbox.exchange.walk import SeededWalk

_YEAR_SECONDS = 365 * 86_400
_REPLAYED = "NIFTY"
_MINUTE = timedelta(minutes=1)
_OPTION_SPREAD = 0.001
_FUTURE_SPREAD = 0.0001


@dataclass(frozen=True, slots=True)
class Spread:
    """Last price and the best bid and offer, in paise.

    They lie 0.01 % of a future's price apart; 0.1 % of a premium at the money, more away from it.
    """

    last: int
    bid: int
    ask: int


@dataclass(frozen=True, slots=True)
class DayRange:
    """Open, high, low of the session so far and the close before it, in paise."""

    open: int
    high: int
    low: int
    previous_close: int


class Market:
    """The price of anything at any instant; a pure function of its seed (or recording) and the time."""

    def __init__(self, walk: SeededWalk, session: Session, recording: Recording | None = None) -> None:
        self.walk = walk
        self.session = session
        self.recording = recording
        self._extremes: dict[str, _Extremes] = {}
        self._shifts: list[tuple[str, datetime, int]] = []
        self._cached_spread = lru_cache(maxsize=20_000)(self._spread)
        self._cached_spot = lru_cache(maxsize=20_000)(self._spot)

    def spot_paise(self, name: str, now: datetime) -> int:
        """An index level in paise."""
        return self._cached_spot(name, self.session.price_instant(now))

    def shift(self, name: str, paise: int, now: datetime) -> None:
        """Move an index by that much from now on, on top of its path (tests of stops and targets)."""
        self._shifts.append((name, now, paise))
        self._cached_spread.cache_clear()
        self._cached_spot.cache_clear()

    def spread(self, instrument: Instrument, now: datetime) -> Spread:
        """Last, bid and ask at an instant."""
        return self._cached_spread(instrument, self.session.price_instant(now))

    def day_range(self, instrument: Instrument, now: datetime) -> DayRange:
        """The day's range, taken at the instants of the spot's own extremes (sampled each minute)."""
        opened = self._day_open(instrument.underlying, now)
        extremes = self._extremes.get(instrument.underlying)
        if extremes is None or extremes.opened != opened:
            extremes = _Extremes(opened)
            self._extremes[instrument.underlying] = extremes
        price_now = self.session.price_instant(now)
        extremes.follow(lambda instant: self._cached_spot(instrument.underlying, instant), price_now)
        instants = (opened, extremes.high_at, extremes.low_at, price_now)
        prices = [self._cached_spread(instrument, instant).last for instant in instants]
        close = self._cached_spread(instrument, self._previous_close(instrument.underlying, now)).last
        return DayRange(prices[0], max(prices), min(prices), close)

    def traded(self, instrument: Instrument, now: datetime) -> tuple[int, int]:
        """Sample (volume, open interest) in quantity: largest at the money, volume growing over the day."""
        if instrument.is_index:
            return 0, 0
        away = 0
        if instrument.is_option:
            index = INDICES[instrument.underlying]
            away = abs(round(self.spot_paise(index.name, now) / 100 / index.step) - instrument.strike // index.step)
        lots = 40_000 // (1 + away)
        elapsed = max(0.0, (self.session.price_instant(now) - self.session.day_open(now)).total_seconds())
        return instrument.lot * int(lots * elapsed / 3600), instrument.lot * lots * 5

    def band(self, instrument: Instrument, now: datetime) -> tuple[int, int]:
        """The day's price band (lower, upper) in paise: wide for options, 10 % for futures."""
        close = self.day_range(instrument, now).previous_close
        if instrument.is_option:
            return TICK_PAISE, to_tick(close * 3 + self.spot_paise(instrument.underlying, now) * 0.1)
        return to_tick(close * 0.9), to_tick(close * 1.1)

    def _day_open(self, name: str, now: datetime) -> datetime:
        opened = self.session.day_open(now)
        return max(opened, self.recording.starts_at) if self._replays(name) and self.recording else opened

    def _previous_close(self, name: str, now: datetime) -> datetime:
        # A recording holds one day: the close before it is not known, its first open stands in.
        return self._day_open(name, now) if self._replays(name) else self.session.previous_close(now)

    def _replays(self, name: str) -> bool:
        return self.recording is not None and name == _REPLAYED

    def _spot(self, name: str, instant: datetime) -> int:
        shifted = sum(by for which, since, by in self._shifts if which == name and instant >= since)
        if self.recording is not None and name == _REPLAYED:
            return to_tick(self.recording.spot_paise(instant) + shifted)
        return to_tick(self.walk.spot_paise(name, instant) + shifted)

    def _spread(self, instrument: Instrument, instant: datetime) -> Spread:
        spot = self._cached_spot(instrument.underlying, instant)
        if instrument.is_index or instrument.expiry is None:
            return Spread(spot, spot, spot)
        seconds = (self.session.expires_at(instrument.expiry) - instant).total_seconds()
        years = max(seconds, 60.0) / _YEAR_SECONDS
        forward = forward_price(spot, years)
        if not instrument.is_option:
            return _around(forward, forward * _FUTURE_SPREAD)
        level = INDICES[instrument.underlying].volatility
        moneyness = standard_moneyness(forward, instrument.strike * 100, years, level)
        volatility = smile(level, moneyness)
        premium = option_price(forward, instrument.strike * 100, years, volatility, instrument.kind)
        return _around(premium, premium * _OPTION_SPREAD * (1 + abs(moneyness) / 2))


def _around(fair: float, width: float) -> Spread:
    """A bid and an offer around a fair value, that far apart and at least a tick."""
    last = to_tick(fair)
    ticks = max(1, round(width / TICK_PAISE))
    bid = max(TICK_PAISE, last - TICK_PAISE * (ticks // 2))
    return Spread(last, bid, max(last, bid) + TICK_PAISE * (ticks - ticks // 2))


class _Extremes:
    """When the spot stood highest and lowest since an opening, sampled once a minute."""

    def __init__(self, opened: datetime) -> None:
        self.opened = opened
        self.high_at = self.low_at = opened
        self._high = self._low = -1
        self._next = opened

    def follow(self, spot: Callable[[datetime], int], now: datetime) -> None:
        while self._next <= now:
            level = spot(self._next)
            if self._high < 0 or level > self._high:
                self._high, self.high_at = level, self._next
            if self._low < 0 or level < self._low:
                self._low, self.low_at = level, self._next
            self._next += _MINUTE
