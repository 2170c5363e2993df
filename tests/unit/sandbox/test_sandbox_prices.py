"""Sample prices are reproducible, on the tick, and free of gross contradictions."""

import math
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.clock import IST, ManualClock
from sandbox.exchange.black76 import RATE, option_price
from sandbox.exchange.calendar import TradingCalendar
from sandbox.exchange.expiries import listed_expiries
from sandbox.exchange.indices import INDICES
from sandbox.exchange.ticks import parse_paise, to_tick
from sandbox.exchange.walk import SeededWalk
from sandbox.world import CALENDAR_FOLDER, build_world
from tests.unit.sandbox.conftest import MONDAY, Bench

CALENDAR = TradingCalendar.load(CALENDAR_FOLDER)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda naive: naive.replace(tzinfo=IST))


@given(instants, st.integers(0, 10_000), st.sampled_from(sorted(INDICES)))
def test_the_spot_depends_on_seed_and_instant_alone(instant: datetime, seed: int, name: str) -> None:
    level = SeededWalk(seed).spot_paise(name, instant)
    assert level == SeededWalk(seed).spot_paise(name, instant)
    assert level % 5 == 0
    assert abs(level / INDICES[name].base_paise - 1) < 0.15


@given(instants)
def test_the_spot_moves_smoothly(instant: datetime) -> None:
    walk = SeededWalk(1)
    step = abs(walk.spot_paise("NIFTY", instant + timedelta(milliseconds=100)) - walk.spot_paise("NIFTY", instant))
    assert step <= 500


def test_seeds_differ() -> None:
    assert SeededWalk(1).spot_paise("NIFTY", MONDAY) != SeededWalk(2).spot_paise("NIFTY", MONDAY)


@settings(max_examples=60, deadline=None)
@given(instants, st.integers(0, 50))
def test_every_option_price_is_a_tick_and_the_offer_is_above_the_bid(instant: datetime, seed: int) -> None:
    market = (world := build_world(ManualClock(instant), seed=seed)).exchange.market
    for instrument in list(world.exchange.listing(instant))[::97]:
        spread = market.spread(instrument, instant)
        assert all(price >= 5 and price % 5 == 0 for price in (spread.last, spread.bid, spread.ask))
        if not instrument.is_index:
            assert spread.bid <= spread.last <= spread.ask
            assert spread.bid < spread.ask


def test_calls_and_puts_keep_parity_within_ticks(bench: Bench) -> None:
    now = bench.clock.now()
    market = bench.world.exchange.market
    for steps in range(-15, 16, 5):
        call, put = bench.option("NIFTY", "CE", steps), bench.option("NIFTY", "PE", steps)
        assert call.expiry is not None
        years = (bench.world.exchange.session.expires_at(call.expiry) - now).total_seconds() / (365 * 86_400)
        spot = market.spot_paise("NIFTY", now)
        fair = spot - call.strike * 100 * math.exp(-RATE * years)
        assert bench.spread(call).last - bench.spread(put).last == pytest.approx(fair, abs=10)


def test_calls_get_cheaper_and_puts_dearer_with_the_strike(bench: Bench) -> None:
    for kind, sign in (("CE", -1), ("PE", 1)):
        chain = [bench.spread(bench.option("SENSEX", kind, steps)).last for steps in range(-20, 21)]
        assert all(sign * (right - left) >= 0 for left, right in pairwise(chain))


def test_black_76_agrees_with_a_known_value() -> None:
    """F = K = 100, one year, 20 %: the undiscounted at-the-money call is 100 (2 N(0.1) - 1) = 7.9656."""
    assert option_price(100, 100, 1, 0.2, "CE") * math.exp(RATE) == pytest.approx(7.9656, abs=1e-4)


def test_the_day_range_holds_the_last_price(bench: Bench) -> None:
    option = bench.option()
    day = bench.world.exchange.market.day_range(option, bench.clock.now())
    assert day.low <= min(day.open, bench.spread(option).last)
    assert day.high >= max(day.open, bench.spread(option).last)


def test_a_shift_moves_the_index_from_then_on(bench: Bench) -> None:
    before = bench.world.exchange.market.spot_paise("NIFTY", bench.clock.now())
    assert bench.admin.post("/shifts", json={"underlying": "NIFTY", "points": "-150"}).status_code == 201
    assert bench.world.exchange.market.spot_paise("NIFTY", bench.clock.now()) == before - 150_00
    assert bench.world.exchange.market.spot_paise("NIFTY", bench.clock.now() - timedelta(seconds=1)) > before - 20_00


def test_strikes_are_added_when_the_spot_runs_away(bench: Bench) -> None:
    listing = bench.world.exchange.listing(bench.clock.now())
    top = max(i.strike for i in listing if i.underlying == "NIFTY")
    assert not listing.extend()
    bench.world.exchange.market.shift("NIFTY", 1500_00, bench.clock.now())
    assert listing.extend()
    assert max(i.strike for i in listing if i.underlying == "NIFTY") == top + 1500


@pytest.mark.parametrize("points", [-1013, -450, 0, 449, 1037])
@pytest.mark.parametrize("name", sorted(INDICES))
def test_forty_strikes_lie_on_either_side_of_the_spot_at_every_expiry(bench: Bench, name: str, points: int) -> None:
    listing = bench.world.exchange.listing(bench.clock.now())
    market, step = bench.world.exchange.market, INDICES[name].step
    market.shift(name, points * 100, bench.clock.now())
    listing.extend()
    spot = round(market.spot_paise(name, bench.clock.now()) / 100 / step) * step
    chains: dict[tuple[str, str], set[int]] = {}
    for option in listing:
        if option.underlying == name and option.is_option:
            chains.setdefault((str(option.expiry), option.kind), set()).add(option.strike)
    assert len(chains) == 2 * len(listed_expiries(INDICES[name], MONDAY.date(), CALENDAR))
    for strikes in chains.values():
        assert strikes >= set(range(spot - 40 * step, spot + 41 * step, step))


def test_amounts_are_read_exactly() -> None:
    assert [parse_paise(text) for text in ("80.05", "80", "0.1", "80.005", "x", "nan")] == [
        8005,
        8000,
        10,
        None,
        None,
        None,
    ]
    assert [to_tick(paise) for paise in (0, 7, 8, 102.4)] == [5, 5, 10, 100]
