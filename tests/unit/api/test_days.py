"""The signed-in user and the days."""

from decimal import Decimal

import pytest

from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import IntentStatus, Phase, Quoted
from lambdas.domain.refusals import Refusal
from lambdas.domain.runs import RunStatus
from tests.doubles.examples import EXIT_TICK, USER, a_run, an_account, an_order, at
from tests.unit.api.house import OTHER, House, store


class TestMe:
    def test_a_user_sees_own_accounts_and_halts(self, house: House) -> None:
        store(
            house.accounts.save_account(an_account()),
            house.accounts.save_account(an_account("angel-one", session_expires_at=None)),
            house.accounts.save_account(an_account("zerodha-two", user_id=OTHER)),
            house.controls.halt(f"USER#{USER}", "asked for it", USER),
        )
        status, me = house.ask("GET", "/me")
        assert (status, me["user_id"], me["environment"]) == (200, USER, "dev")
        assert me["halted"] == "halted (user): asked for it"
        assert [(one["account_id"], one["will_not_trade"]) for one in me["accounts"]] == [
            ("angel-one", "account angel-one has never been logged in to zerodha"),
            ("zerodha-one", None),
        ]

    def test_the_halt_of_another_is_not_told(self, house: House) -> None:
        store(house.controls.halt(f"USER#{OTHER}", "private", OTHER))
        assert house.ask("GET", "/me")[1]["halted"] is None

    def test_an_unknown_path_is_not_found(self, house: House) -> None:
        assert house.ask("GET", "/nothing")[0] == 404


class TestDays:
    def test_a_day_shows_runs_orders_positions_and_profit(self, house: House) -> None:
        store(house.runs.begin_run(a_run(status=RunStatus.FLAT, reason="every position is closed")))
        house.runs.put(an_order(price="100", sent_at=at("09:20:00.001500")))
        house.runs.put(an_order(phase=Phase.EXIT, side=Side.SELL, price="110.50", intended_at=EXIT_TICK))
        status, day = house.ask("GET", "/days/2026-11-23")
        assert (status, day["date"], day["session"]) == (200, "2026-11-23", "regular session")
        (run,) = day["runs"]
        assert (run["status"], run["reason"], run["realised"]) == ("flat", "every position is closed", "1365.00")
        entry = next(order for order in day["orders"] if order["phase"] == "entry")
        assert (entry["offset_ms"], entry["average_price"], entry["quantity"]) == (1.5, "100", 130)
        assert [(one["net"], one["paid"], one["received"]) for one in day["positions"]] == [(0, "13000", "14365.00")]

    def test_an_order_comes_with_the_quote_that_it_was_priced_from_and_what_it_cost_against_it(
        self, house: House
    ) -> None:
        quoted = Quoted(Quote(Decimal(100), None, Decimal("100.05")), at("09:19:57.250"))
        house.runs.put(an_order(price="100.05", quoted=quoted, chased=2, chased_at=at("09:20:04")))
        (order,) = house.ask("GET", "/days/2026-11-23")[1]["orders"]
        told = {"bid": None, "ask": "100.05", "last": "100", "at": "2026-11-23T09:19:57.250000+05:30"}
        assert (order["quoted"], order["slippage"]) == (told, "6.50")
        assert (order["at_once"], order["attempt"]) == (False, 1)
        assert (order["chased"], order["chased_at"]) == (2, "2026-11-23T09:20:04+05:30")

    def test_an_order_of_which_nobody_wrote_down_the_quote_has_no_slippage(self, house: House) -> None:
        house.runs.put(an_order())
        (order,) = house.ask("GET", "/days/2026-11-23")[1]["orders"]
        assert (order["quoted"], order["slippage"], order["chased"], order["chased_at"]) == (None, None, 0, None)

    @pytest.mark.parametrize("refusal", [None, *Refusal])
    def test_a_refusal_comes_with_advice_and_without_one_there_is_none(
        self, house: House, refusal: Refusal | None
    ) -> None:
        house.runs.put(an_order(IntentStatus.REFUSED, reason="the broker's words", refusal=refusal))
        (order,) = house.ask("GET", "/days/2026-11-23")[1]["orders"]
        assert order["reason"] == "the broker's words"
        assert order["refusal"] == refusal
        assert order["advice"] == (None if refusal is None else refusal.advice)

    def test_a_run_with_something_open_has_no_profit_yet(self, house: House) -> None:
        store(house.runs.begin_run(a_run(status=RunStatus.OPEN)))
        house.runs.put(an_order())
        (run,) = house.ask("GET", "/days/2026-11-23")[1]["runs"]
        assert run["realised"] is None

    def test_the_day_of_another_user_is_not_shown(self, house: House) -> None:
        store(house.runs.begin_run(a_run(user_id=OTHER)))
        house.runs.put(an_order(IntentStatus.ACCEPTED, user_id=OTHER))
        day = house.ask("GET", "/days/2026-11-23")[1]
        assert (day["runs"], day["orders"], day["positions"]) == ([], [], [])
        assert len(house.ask("GET", "/days/2026-11-23", user_id=OTHER)[1]["orders"]) == 1

    @pytest.mark.parametrize(
        ("day", "session"),
        [
            ("2026-11-24", "holiday: Guru Nanak Jayanti"),
            ("2027-01-04", "no calendar for 2027: add its file before trading it"),
        ],
    )
    def test_a_day_without_a_session_says_why(self, house: House, day: str, session: str) -> None:
        assert house.ask("GET", f"/days/{day}")[1]["session"] == session

    @pytest.mark.parametrize("day", ["today", "2026-13-01", "23-11-2026"])
    def test_a_malformed_date_is_named(self, house: House, day: str) -> None:
        status, problem = house.ask("GET", f"/days/{day}")
        assert status == 422
        assert problem["problems"][0].startswith("date: ")
