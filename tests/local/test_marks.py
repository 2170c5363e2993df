"""Live profit: marks are the sandbox's prices, and the profits are what they make of the fills."""

from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from time import sleep
from typing import Any

import pytest

from tests.local.deployment import until
from tests.local.exchange import ZERODHA
from tests.local.stage import Ended, Stage, flow
from tests.local.trader import ZED, credit_spread, leg

pytestmark = pytest.mark.emulator
EVERY = 0.25
"""Seconds between two looks at the sandbox's prices."""
RUPEE = Decimal(1)
"""More than a price moves from one look to the next, and less than those of two strikes differ by."""
TWO_MINUTES = 150
"""Seconds in which the schedule marks a whole minute that nobody else marks too."""


@dataclass(frozen=True)
class Marked:
    """A day whose marks and last point are of the same instant, and every price of its contracts until then."""

    end: Ended
    day: dict[str, Any]
    points: list[dict[str, Any]]
    prices: dict[str, set[Decimal]]


def marked(stage: Stage) -> Marked:
    trader = stage.trader(ZERODHA)
    near_the_money = [leg("CE", "SELL", 0, zed=1), leg("CE", "BUY", 3, zed=1)]
    end = stage.enter(trader, trader.save(credit_spread(ZED) | {"legs": near_the_money}))
    prices: dict[str, set[Decimal]] = defaultdict(set)

    def told() -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
        day, points = trader.day(end.tick.date), trader.api.get(f"/days/{end.tick.date}/profit")["points"]
        return (day, points) if points and points[-1]["at"] == day["marked_at"] else None

    def mark_and_tell() -> tuple[dict[str, Any], list[dict[str, Any]]]:
        stage.deployment.invoke("mark_runs")
        found: tuple[dict[str, Any], list[dict[str, Any]]] = until(
            "marks and a point of the same minute", told, seconds=TWO_MINUTES, pause=2
        )
        return found

    day, points = _meanwhile(mark_and_tell, lambda: _note_prices(stage, prices))
    return Marked(end, day, points, prices)


def _meanwhile(work: Callable[[], Any], note: Callable[[], None]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work)
        while not done.done():
            note()
            sleep(EVERY)
        return done.result()


def _note_prices(stage: Stage, prices: dict[str, set[Decimal]]) -> None:
    answer = stage.exchange.http.get("/prices", params={"underlying": "NIFTY"})
    answer.raise_for_status()
    for row in answer.json()["options"]:
        prices[f"{row['strike']} {row['kind']}"].add(Decimal(row["last"]))


@flow(marked)
def test_every_position_is_marked_at_a_price_of_the_exchange(ended: Marked) -> None:
    assert [position["net"] != 0 for position in ended.day["positions"]] == [True, True]
    for position in ended.day["positions"]:
        contract = " ".join(position["contract"].split()[-2:])
        seen = ended.prices[contract]
        assert min(seen) - RUPEE <= Decimal(position["last"]) <= max(seen) + RUPEE, contract
        assert position["marked_at"] == ended.day["marked_at"]


@flow(marked)
def test_profits_are_those_of_the_fills_at_the_last_prices(ended: Marked) -> None:
    assert {order["status"] for order in ended.day["orders"]} == {"filled"}
    total = Decimal(0)
    for order, position in _by_symbol(ended.day):
        signed = position["net"] * (Decimal(position["last"]) - Decimal(order["average_price"]))
        assert Decimal(position["profit"]) == signed
        assert Decimal(position["average"]) == Decimal(order["average_price"]).quantize(Decimal("0.01"))
        total += signed
    (run,) = ended.day["runs"]
    assert (Decimal(run["profit"]), run["realised"], run["paper"]) == (total, None, False)
    assert (Decimal(ended.day["money"]["profit"]), ended.day["paper"]) == (total, None)


@flow(marked)
def test_the_series_of_the_day_tells_the_same_at_that_instant(ended: Marked) -> None:
    last = ended.points[-1]
    assert (Decimal(last["money"]), last["paper"]) == (Decimal(ended.day["money"]["profit"]), None)


def _by_symbol(day: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each order, which was filled at once, with its position."""
    positions = {position["symbol"]: position for position in day["positions"]}
    return [(order, positions[order["symbol"]]) for order in day["orders"]]
