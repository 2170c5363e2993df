"""A seeded price path: the level at an instant depends on (seed, index, instant) alone.

Smoothed noise is summed over periods of 1 s to 18 h, each weighted by the square root of its period,
which looks like a random walk at every scale, needs no history, and stays near its base level.
"""

import math
from datetime import datetime
from zlib import crc32

from sandbox.clock import epoch_micros
from sandbox.exchange.indices import INDICES
from sandbox.exchange.ticks import to_tick

_PERIODS_US = [4**power * 1_000_000 for power in range(9)]
_TRADING_SECONDS_A_YEAR = 252 * 22_500
_ROUGHNESS = 0.8
_SHARED = 0.85  # the part of every index's move that is the whole market's
_MASK = (1 << 64) - 1


class SeededWalk:
    """Spot levels of all indices from one seed; indices move together for the most part."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._market = _key(seed, "market")
        self._own = {name: _key(seed, name) for name in INDICES}

    def spot_paise(self, name: str, instant: datetime) -> int:
        """The level of an index at an instant, in paise, on the tick."""
        index = INDICES[name]
        micros = epoch_micros(instant)
        shared = _SHARED * _path(self._market, micros)
        own = math.sqrt(1 - _SHARED**2) * _path(self._own[name], micros)
        return to_tick(index.base_paise * math.exp(index.volatility * (shared + own)))


def _path(key: int, micros: int) -> float:
    """Log return for an annual volatility of 1."""
    total = 0.0
    for octave, period in enumerate(_PERIODS_US):
        cell, within = divmod(micros, period)
        share = within / period
        blend = share * share * (3 - 2 * share)
        left, right = _noise(key, octave, cell), _noise(key, octave, cell + 1)
        total += math.sqrt(period / 1e6) * (left + (right - left) * blend)
    return _ROUGHNESS * total / math.sqrt(_TRADING_SECONDS_A_YEAR)


def _noise(key: int, octave: int, cell: int) -> float:
    """A number in [-1, 1) by hashing (splitmix64's finaliser)."""
    x = (key + octave * 0x9E3779B97F4A7C15 + cell * 0xD1B54A32D192ED03) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return float(x ^ (x >> 31)) / 2**63 - 1.0


def _key(seed: int, name: str) -> int:
    return (seed * 0x2545F4914F6CDD1D + crc32(name.encode()) * 0x9E3779B1) & _MASK
