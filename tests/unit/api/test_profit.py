"""Profits of a day as the API tells them: realised and open, money and paper apart, and how they went."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lambdas.domain.accounts import PAPER
from lambdas.domain.contracts import Contract, Side
from lambdas.domain.intents import Phase
from lambdas.domain.marks import Mark, ProfitPoint
from lambdas.domain.runs import RunStatus
from tests.doubles.examples import EXIT_TICK, TICK, USER, a_contract, a_run, an_account, an_order, at
from tests.unit.api.house import OTHER, House, store

NOON = at("12:00:07")
NOON_TEXT = "2026-11-23T12:00:07+05:30"
HEDGE: dict[str, Any] = {"contract": a_contract(24700), "leg": 2}


def mark(house: House, prices: dict[Contract, str], user_id: str = USER) -> None:
    marks = {contract: Mark(Decimal(price), NOON) for contract, price in prices.items()}
    store(house.marks.save_marks(user_id, TICK.date, marks, at=NOON))


def on_paper(house: House) -> None:
    store(house.accounts.save_account(an_account("on-paper", broker=PAPER, quotes_from="zerodha-one")))


def day(house: House, day: str = "2026-11-23") -> dict[str, Any]:
    status, found = house.ask("GET", f"/days/{day}")
    assert status == 200
    told: dict[str, Any] = found
    return told


class TestDay:
    def test_a_run_with_something_open_tells_its_profit_at_the_last_prices(self, house: House) -> None:
        store(house.runs.begin_run(a_run(status=RunStatus.OPEN)))
        house.runs.put(an_order(price="100.10", side=Side.SELL))
        house.runs.put(an_order(price="30", **HEDGE))
        mark(house, {a_contract(): "98.05", a_contract(24700): "29.55"})
        told = day(house)
        (run,) = told["runs"]
        assert (run["profit"], run["realised"], run["paper"]) == ("208.00", None, False)
        assert told["money"] == {"profit": "208.00", "realised": "0"}
        assert (told["paper"], told["marked_at"]) == (None, NOON_TEXT)
        figures = [(one["average"], one["last"], one["profit"], one["marked_at"]) for one in told["positions"]]
        assert figures == [("100.10", "98.05", "266.50", NOON_TEXT), ("30.00", "29.55", "-58.50", NOON_TEXT)]

    def test_a_run_that_is_flat_has_what_it_realised_and_its_positions_no_price(self, house: House) -> None:
        store(house.runs.begin_run(a_run(status=RunStatus.FLAT)))
        house.runs.put(an_order(price="100"))
        house.runs.put(an_order(phase=Phase.EXIT, side=Side.SELL, price="110", intended_at=EXIT_TICK))
        mark(house, {a_contract(): "500"})
        told = day(house)
        assert (told["runs"][0]["profit"], told["runs"][0]["realised"]) == ("1300", "1300")
        (position,) = told["positions"]
        assert [position[name] for name in ("average", "last", "marked_at", "profit")] == [None, None, None, "1300"]
        assert (told["money"], told["marked_at"]) == ({"profit": "1300", "realised": "1300"}, None)

    def test_what_was_never_marked_makes_the_profit_unknown_and_nothing_else(self, house: House) -> None:
        store(house.runs.begin_run(a_run(status=RunStatus.OPEN)))
        house.runs.put(an_order())
        house.runs.put(an_order(**HEDGE))
        mark(house, {a_contract(): "101"})
        told = day(house)
        assert (told["runs"][0]["profit"], told["money"]["profit"]) == (None, None)
        assert [(one["last"], one["profit"]) for one in told["positions"]] == [("101", "130"), (None, None)]

    def test_a_fill_without_a_price_leaves_the_rest_of_the_day_told(self, house: House) -> None:
        store(house.runs.begin_run(a_run(status=RunStatus.OPEN)))
        house.runs.put(an_order(average_price=None))
        mark(house, {a_contract(): "101"})
        told = day(house)
        assert told["money"] == {"profit": None, "realised": None}
        (position,) = told["positions"]
        assert (position["net"], position["paid"], position["average"], position["last"]) == (130, None, None, "101")
        assert (told["runs"][0]["profit"], told["runs"][0]["realised"]) == (None, None)

    def test_paper_is_told_apart(self, house: House) -> None:
        on_paper(house)
        for run_id, account_id in (("spread-20261123", "zerodha-one"), ("trial-20261123", "on-paper")):
            store(house.runs.begin_run(a_run(run_id, status=RunStatus.OPEN)))
            house.runs.put(an_order(run_id=run_id, account_id=account_id))
        house.runs.put(an_order(run_id="both-20261123", account_id="on-paper"))
        house.runs.put(an_order(run_id="both-20261123", account_id="zerodha-one", leg=2))
        for run_id in ("both-20261123", "idle-20261123"):
            store(house.runs.begin_run(a_run(run_id)))
        mark(house, {a_contract(): "101"})
        told = day(house)
        assert {run["run_id"]: run["paper"] for run in told["runs"]} == {
            "spread-20261123": False,
            "trial-20261123": True,
            "both-20261123": False,
            "idle-20261123": False,
        }
        assert told["money"] == told["paper"] == {"profit": "260", "realised": "0"}

    def test_a_day_without_orders_has_made_nothing(self, house: House) -> None:
        told = day(house)
        assert (told["money"], told["paper"]) == ({"profit": "0", "realised": "0"}, None)

    def test_its_sessions_are_those_of_the_calendar(self, house: House) -> None:
        told = day(house)
        (session,) = told["sessions"]
        assert (told["kind"], session["name"]) == ("REGULAR", "regular")
        assert session["opens"] == "2026-11-23T09:15:00+05:30"
        assert session["closes"] > session["opens"]

    def test_a_holiday_has_none(self, house: House) -> None:
        told = day(house, "2026-11-24")
        assert (told["kind"], told["sessions"]) == ("CLOSED", [])


class TestSeries:
    def ask(self, house: House, user_id: str = USER) -> list[dict[str, Any]]:
        status, told = house.ask("GET", "/days/2026-11-23/profit", user_id=user_id)
        assert (status, told["date"], told["as_of"]) == (200, "2026-11-23", "2026-11-23T10:00:00+05:30")
        points: list[dict[str, Any]] = told["points"]
        return points

    def add(self, house: House, minute: int, money: str | None, paper: str | None) -> None:
        amounts = (None if text is None else Decimal(text) for text in (money, paper))
        point = ProfitPoint(NOON + timedelta(minutes=minute), *amounts)
        store(house.marks.add_point(USER, date(2026, 11, 23), point))

    def test_it_is_told_in_order_of_time_and_nobody_elses(self, house: House) -> None:
        self.add(house, 1, "-12.50", None)
        self.add(house, 0, "10", "1.25")
        assert self.ask(house) == [
            {"at": NOON_TEXT, "money": "10", "paper": "1.25"},
            {"at": "2026-11-23T12:01:07+05:30", "money": "-12.50", "paper": None},
        ]
        assert self.ask(house, OTHER) == []

    def test_where_nothing_is_open_any_more_it_ends_with_the_last_fill(self, house: House) -> None:
        self.add(house, 0, "10", None)
        house.runs.put(an_order(exchange_at=at("09:20:01")))
        leave: dict[str, Any] = {"phase": Phase.EXIT, "side": Side.SELL, "intended_at": EXIT_TICK}
        house.runs.put(an_order(price="110", exchange_at=at("15:15:01"), **leave))
        assert self.ask(house)[1:] == [{"at": "2026-11-23T15:15:01+05:30", "money": "1300", "paper": None}]

    @pytest.mark.parametrize("written", ["today", "2026-13-01"])
    def test_a_malformed_date_is_named(self, house: House, written: str) -> None:
        status, problem = house.ask("GET", f"/days/{written}/profit")
        assert (status, problem["problems"][0].partition(":")[0]) == (422, "date")
