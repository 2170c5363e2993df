"""The kill switch from the API to the exchange: what is open is closed, and what is halted enters nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from lambdas.domain.moments import IST
from tests.local.deployment import until
from tests.local.stage import LEAD_SECONDS, Ended, Stage, flow
from tests.local.trader import ANGEL, STRATEGY, ZED, Trader, credit_spread, tick_in

pytestmark = pytest.mark.emulator


@dataclass(frozen=True)
class Stopped:
    """A square-off that has ended: what it answered at once, and how it was later."""

    begun: dict[str, Any]
    again: dict[str, Any]
    done: dict[str, Any]
    ended: Ended
    then: dict[str, Any]


def about_run(trader: Trader) -> dict[str, Any]:
    """The run of today as the API asks about it."""
    (run,) = trader.day(datetime.now(IST).date())["runs"]
    return {"kind": "run", "id": run["run_id"]}


def await_closed(trader: Trader, about: dict[str, Any]) -> dict[str, Any]:
    """Ask how far it is until nothing is open any more; the last answer."""

    def look() -> dict[str, Any] | None:
        answer: dict[str, Any] = trader.ask("GET", "/square-off", **about).json()
        over = all(run["status"] in ("flat", "refused", "missed") for run in answer["runs"])
        return answer if over else None

    found: dict[str, Any] = until("the closing of every run", look, seconds=90, pause=1)
    return found


def a_run_over_two_accounts(stage: Stage) -> Stopped:
    """Entered, squared off twice by its user; then the user halts everything, and lets it go again."""
    trader = stage.trader()
    strategy = trader.save(credit_spread(ZED, ANGEL))
    entered = stage.enter(trader, strategy)
    assert entered.run["status"] == "open", entered.run["reason"]
    about = about_run(trader)
    request = about | {"reason": "enough for today", "confirm": "SQUARE OFF"}
    begun = trader.ask("POST", "/square-off", request)
    assert begun.status_code == 202, begun.text
    again = trader.ask("POST", "/square-off", request)
    assert again.status_code == 202, again.text
    done = await_closed(trader, about)
    ended = stage.seen(trader, entered.tick)
    return Stopped(begun.json(), again.json(), done, ended, _halted_and_released(stage, trader))


def _halted_and_released(stage: Stage, trader: Trader) -> dict[str, Any]:
    """Two strategies: one wants to enter while the user is halted, the other after the release."""
    halts = trader.ask("POST", "/halts", {"kind": "user", "reason": "no more"}).json()
    during = trader.save(credit_spread(ZED, name="during"), "during")
    tick = tick_in(LEAD_SECONDS)
    stage.execute(trader, tick, ("entry", during))
    released = trader.ask("DELETE", "/halts", kind="user").json()
    after = trader.save(credit_spread(ZED, name="after"), "after")
    tick = tick_in(LEAD_SECONDS)
    stage.execute(trader, tick, ("entry", after))
    runs = {run["strategy_id"]: run for run in trader.day(tick.date)["runs"]}
    return {"halts": halts, "released": released, "runs": runs}


@flow(a_run_over_two_accounts)
def test_a_run_is_squared_off_at_every_account(ended: Stopped) -> None:
    run = next(run for run in ended.ended.day["runs"] if run["strategy_id"] == STRATEGY)
    assert run["status"] == "flat", run["reason"]
    assert run["reason"].endswith(": enough for today; every position is closed")
    assert {position["net"] for position in ended.ended.day["positions"]} == {0}
    for book in ended.ended.books.values():
        assert sum(row["filled"] * (1 if row["side"] == "BUY" else -1) for row in book) == 0


@flow(a_run_over_two_accounts)
def test_squaring_off_twice_closes_once(ended: Stopped) -> None:
    assert [len(book) for book in ended.ended.books.values()] == [4, 4]
    assert len({row["tag"] for book in ended.ended.books.values() for row in book}) == 8


@flow(a_run_over_two_accounts)
def test_it_tells_what_it_found_and_how_far_it_is(ended: Stopped) -> None:
    (found,) = ended.begun["runs"]
    assert (ended.begun["started"], found["open_positions"], found["exits_pending"]) == (True, 4, 0)
    (found,) = ended.done["runs"]
    assert (found["open_positions"], found["exits_pending"], found["exits_filled"]) == (0, 0, 4)
    assert found["status"] == "flat"


@flow(a_run_over_two_accounts)
def test_a_run_is_bought_back_before_its_hedge_is_sold(ended: Stopped) -> None:
    for book in ended.ended.books.values():
        *_, back, sold = sorted(book, key=lambda row: row["received_at"])
        assert (back["side"], sold["side"]) == ("BUY", "SELL")


@flow(a_run_over_two_accounts)
def test_a_halted_user_enters_nothing_until_the_release(ended: Stopped) -> None:
    (halt,) = ended.then["halts"]
    assert (halt["kind"], halt["reason"], halt["yours"]) == ("user", "no more", True)
    assert ended.then["released"] == {"released": True}
    runs = ended.then["runs"]
    assert (runs["during"]["status"], runs["during"]["reason"]) == ("refused", "halted (user): no more")
    assert runs["after"]["status"] == "open", runs["after"]["reason"]


def an_operator_without_a_loop(stage: Stage) -> Stopped:
    """The function alone, invoked directly: it needs no loop of the day."""
    trader = stage.trader()
    entered = stage.enter(trader, trader.save(credit_spread(ZED, ANGEL)))
    scope = f"STRATEGY#{trader.user_id}#{STRATEGY}"
    request = {"action": "square_off", "scope": scope, "reason": "margin call", "by": "operator"}
    begun = stage.deployment.invoke("square_off", request)
    done = await_closed(trader, {"kind": "strategy", "id": STRATEGY})
    refused = trader.ask("DELETE", "/halts", kind="strategy", id=STRATEGY)
    released = stage.deployment.invoke("square_off", {"action": "release", "scope": scope, "by": "operator"})
    then = {"refused": (refused.status_code, refused.json()["message"]), "released": released}
    return Stopped(begun, {}, done, stage.seen(trader, entered.tick), then)


@flow(an_operator_without_a_loop)
def test_an_operator_squares_off_a_strategy_and_halts_it(ended: Stopped) -> None:
    assert (ended.begun["problems"], ended.begun["halt"]["reason"]) == ([], "margin call")
    assert ended.ended.run["status"] == "flat", ended.ended.run["reason"]
    assert ended.ended.run["reason"].startswith("squared off by operator: margin call; ")
    assert ended.ended.event("RunFlat")["run_id"] == ended.ended.run["run_id"]


@flow(an_operator_without_a_loop)
def test_only_an_operator_releases_what_an_operator_halted(ended: Stopped) -> None:
    status, message = ended.then["refused"]
    assert (status, message) == (409, "an operator halted it (margin call); only an operator releases it")
    assert (ended.then["released"]["done"], ended.then["released"]["halt"]) == (True, None)
