"""Strategies: what the API answers, and whom it answers it to."""

import asyncio
from typing import Any

import pytest

from lambdas.domain.runs import RunStatus
from tests.doubles.examples import USER, a_run, a_strategy, an_account, at
from tests.unit.api.house import DEFINITION, OTHER, House, store


class TestStrategies:
    def put(self, house: House, body: Any = DEFINITION, replaces: str | None = None) -> tuple[int, Any]:
        store(house.accounts.save_account(an_account()))
        query = {} if replaces is None else {"replaces": replaces}
        return house.ask("PUT", "/strategies/spread", body=body, query=query)

    def test_a_strategy_is_created_replaced_and_read(self, house: House) -> None:
        assert self.put(house) == (200, {"strategy_id": "spread", "version": 1, "definition": DEFINITION})
        status, second = self.put(house, {**DEFINITION, "name": "Second"}, replaces="1")
        assert (status, second["version"], second["definition"]["name"]) == (200, 2, "Second")
        times = {"date": "2026-11-30", "entry": "2026-11-30T09:20:00+05:30", "exit": "2026-11-30T15:15:00+05:30"}
        read = {**second, "will_not_trade": [], "next_run": times}
        assert house.ask("GET", "/strategies/spread") == (200, read)
        assert house.ask("GET", "/strategies") == (200, [read])

    def test_a_strategy_that_would_not_trade_says_why(self, house: House) -> None:
        self.put(house)
        store(house.accounts.save_account(an_account(session_expires_at=at("06:00"))))
        reason = "the zerodha session of account zerodha-one ended at 23 Nov 06:00; log in again"
        assert house.ask("GET", "/strategies")[1][0]["will_not_trade"] == [reason]
        assert house.ask("GET", "/strategies/spread")[1]["will_not_trade"] == [reason]
        house.ask("POST", "/strategies/spread/disable", query={"replaces": "1"})
        store(house.accounts.delete_account(USER, "zerodha-one"))
        assert house.ask("GET", "/strategies/spread")[1]["will_not_trade"] == [
            "it is not enabled",
            "account zerodha-one is not linked",
        ]

    def test_a_stale_version_is_a_conflict_that_names_both(self, house: House) -> None:
        self.put(house)
        status, problem = self.put(house, replaces="0")
        assert status == 409
        told = "version 1 is stored under this id already; choose another id, or change that one"
        assert problem["message"] == told

    def test_a_problem_of_the_users_own_is_named_by_field(self, house: House) -> None:
        status, problem = house.ask("PUT", "/strategies/spread", body=DEFINITION)
        assert (status, problem["message"]) == (422, "it cannot be done as asked")
        assert problem["problems"] == [
            "allocation: account 'zerodha-one' is not linked; link it first (linked: none yet)"
        ]

    @pytest.mark.parametrize(
        ("change", "line"),
        [
            (
                {"legs": [{"right": "CE", "side": "BUY", "lots": 0}]},
                "legs[1].lots: is too small; choose at least 1",
            ),
            (
                {"legs": [{"right": "CE", "side": "BUY", "lots": 1, "strike": {"by": "delta"}}]},
                "legs[1].strike.delta: is missing; add it",
            ),
            ({"colour": "red"}, "colour: is not a field here; remove it"),
            ({"col\ud800our": "red"}, "body: is not readable text; write it anew"),
        ],
    )
    def test_a_body_that_does_not_fit_names_its_field(self, house: House, change: dict[str, Any], line: str) -> None:
        status, problem = self.put(house, {**DEFINITION, **change})
        assert (status, problem) == (
            422,
            {"message": "the request does not fit", "problems": [line], "force_helps": False},
        )
        assert house.ask("GET", "/strategies") == (200, [])

    def test_a_contradiction_names_its_field_in_the_same_way(self, house: House) -> None:
        schedule = {"weekdays": ["MON"], "entry": "10:00", "exit": "09:20"}
        status, problem = self.put(house, {**DEFINITION, "schedule": schedule})
        line = "schedule.exit: 09:20 must be later in the day than entry 10:00; choose a later exit"
        assert (status, problem["problems"]) == (422, [line])
        assert house.ask("GET", "/strategies") == (200, [])

    @pytest.mark.parametrize("body", [None, "{", "[]", '"text"', "null"])
    def test_a_body_that_is_no_strategy_is_refused(self, house: House, body: Any) -> None:
        status, problem = house.ask("PUT", "/strategies/spread", body=body)
        assert status == 422
        assert problem["problems"]

    @pytest.mark.parametrize("replaces", ["-1", "one", "1.5"])
    def test_a_version_that_is_none_is_named(self, house: House, replaces: str) -> None:
        status, problem = self.put(house, replaces=replaces)
        assert status == 422
        assert problem["problems"][0].startswith("replaces: ")

    @pytest.mark.parametrize("strategy_id", ["Spread", "x", "a_b", "a" * 41, "-spread"])
    def test_a_malformed_id_is_named(self, house: House, strategy_id: str) -> None:
        for method, body in (("GET", None), ("PUT", DEFINITION)):
            status, problem = house.ask(method, f"/strategies/{strategy_id}", body=body)
            assert status == 422
            assert problem["problems"][0].startswith("strategy_id: ")

    def test_a_missing_strategy_is_not_found(self, house: House) -> None:
        status, problem = house.ask("GET", "/strategies/missing")
        assert (status, problem) == (
            404,
            {"message": "you have no strategy 'missing'", "problems": [], "force_helps": False},
        )

    def test_the_strategy_of_another_user_is_as_if_it_were_not_there(self, house: House) -> None:
        store(house.strategies.save(a_strategy(user_id=OTHER, name="Private plan")))
        assert house.ask("GET", "/strategies/spread") == house_answer_to_a_missing(house, "spread")
        assert house.ask("GET", "/strategies") == (200, [])
        status, mine = self.put(house)
        assert (status, mine["version"]) == (200, 1)
        theirs = asyncio.run(house.strategies.strategy(OTHER, "spread"))
        assert theirs is not None
        assert (theirs.version, theirs.definition.name) == (1, "Private plan")

    def test_another_users_version_does_not_help_to_replace_ones_own(self, house: House) -> None:
        store(house.strategies.save(a_strategy(user_id=OTHER)))
        status, problem = self.put(house, replaces="1")
        assert status == 409
        assert "version none is stored" in problem["message"]


def house_answer_to_a_missing(house: House, strategy_id: str) -> tuple[int, Any]:
    """What a user without any neighbour would be told."""
    status, problem = house.ask("GET", f"/strategies/{strategy_id}", user_id="user-three")
    assert status == 404
    return status, problem


@pytest.fixture
def stored(house: House) -> House:
    """The spread is stored as version 1, and its account is linked."""
    store(house.accounts.save_account(an_account()), house.strategies.save(a_strategy()))
    return house


class TestDelete:
    def test_a_deleted_strategy_is_gone(self, stored: House) -> None:
        answer = stored.ask("DELETE", "/strategies/spread", query={"version": "1"})
        assert answer == (200, {"removed": "spread"})
        assert stored.ask("GET", "/strategies") == (200, [])
        assert stored.refused("DELETE", "/strategies/spread", 404, query={"version": "1"}) == []

    def test_a_stale_version_stays(self, stored: House) -> None:
        stored.refused("DELETE", "/strategies/spread", 409, query={"version": "2"})
        assert len(stored.ask("GET", "/strategies")[1]) == 1

    def test_without_a_version_nothing_is_deleted(self, stored: House) -> None:
        assert stored.refused("DELETE", "/strategies/spread", 422) == ["version: is missing; add it"]

    def test_an_open_run_keeps_its_strategy(self, stored: House) -> None:
        store(stored.runs.begin_run(a_run(status=RunStatus.OPEN)))
        (problem,) = stored.refused("DELETE", "/strategies/spread", 422, query={"version": "1"})
        assert problem == "today's run is still open and would lose its exit; delete it when it is flat"


class TestSwitch:
    def test_each_switch_is_a_version_and_a_second_one_none(self, stored: House) -> None:
        assert stored.ask("POST", "/strategies/spread/disable", query={"replaces": "1"})[1]["version"] == 2
        again = stored.ask("POST", "/strategies/spread/disable", query={"replaces": "2"})[1]
        assert (again["version"], again["definition"]["enabled"]) == (2, False)
        on = stored.ask("POST", "/strategies/spread/enable", query={"replaces": "2"})[1]
        assert (on["version"], on["definition"]["enabled"]) == (3, True)

    @pytest.mark.parametrize("path", ["enable", "disable"])
    def test_a_stale_or_missing_version_is_refused(self, stored: House, path: str) -> None:
        stored.refused("POST", f"/strategies/spread/{path}", 409, query={"replaces": "2"})
        assert stored.refused("POST", f"/strategies/spread/{path}", 422) == ["replaces: is missing; add it"]
        stored.refused("POST", f"/strategies/missing/{path}", 404, query={"replaces": "1"})

    def test_a_rule_that_is_not_carried_out_is_named(self, house: House) -> None:
        store(
            house.accounts.save_account(an_account()),
            house.strategies.save(a_strategy(enabled=False, risk={"stop": 5000})),
        )
        assert house.refused("POST", "/strategies/spread/enable", 422, query={"replaces": "1"}) == [
            "risk.stop: is kept, but not carried out yet; take it away, or save the strategy disabled"
        ]


class TestCopy:
    def test_a_copy_is_disabled_under_its_own_id(self, stored: House) -> None:
        status, copy = stored.ask("POST", "/strategies/spread/copy", body={"new_id": "second", "name": "Two"})
        assert (status, copy["strategy_id"], copy["version"]) == (200, "second", 1)
        assert copy["definition"] == {**DEFINITION, "enabled": False, "name": "Two"}
        assert len(stored.ask("GET", "/strategies")[1]) == 2

    def test_an_id_that_is_taken_is_a_conflict(self, stored: House) -> None:
        stored.refused("POST", "/strategies/spread/copy", 409, body={"new_id": "spread"})

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "new_id"),
            ({"new_id": "Bad"}, "new_id"),
            ({"new_id": "ok", "name": ""}, "name"),
            ({"new_id": "ok", "name": "\0"}, "name"),
            ({"new_id": "ok", "enabled": True}, "enabled"),
        ],
    )
    def test_what_does_not_fit_is_named(self, stored: House, body: dict[str, Any], field: str) -> None:
        (problem,) = stored.refused("POST", "/strategies/spread/copy", 422, body=body)
        assert problem.startswith(f"{field}: ")
        stored.refused("POST", "/strategies/missing/copy", 404, body={"new_id": "second"})
