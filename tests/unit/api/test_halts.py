"""Halts and square-offs over the API: the caller's own things, and nothing else."""

from typing import Any

import pytest

from lambdas.domain.intents import IntentStatus, Phase
from lambdas.domain.runs import RunStatus
from lambdas.use_cases.square_off import SquareOff
from lambdas.use_cases.switch_halts import HaltSwitch
from tests.doubles.events import RecordedWorkflows
from tests.doubles.examples import USER, a_run, a_strategy, an_account, an_order
from tests.unit.api.house import OTHER, House, store

RUN = "spread-20261123"
OWN = [("user", None), ("account", "zerodha-one"), ("strategy", "spread")]


@pytest.fixture
def workflows(house: House) -> RecordedWorkflows:
    """An open run of a strategy in an account, and the workflows that are started."""
    from lambdas.entrypoints.frame import application

    started = RecordedWorkflows()
    switch = HaltSwitch(house.controls, house.clock)
    application.__dict__["square_off"] = SquareOff(house.runs, switch, started, house.clock)
    store(
        house.accounts.save_account(an_account()),
        house.strategies.save(a_strategy()),
        house.runs.begin_run(a_run(status=RunStatus.OPEN)),
        house.runs.begin_run(a_run(user_id=OTHER, status=RunStatus.OPEN)),
    )
    house.runs.put(an_order())
    house.runs.put(an_order(user_id=OTHER))
    return started


def about(kind: str, thing_id: str | None) -> dict[str, Any]:
    return {"kind": kind} | ({"id": thing_id} if thing_id else {})


class TestHalts:
    @pytest.mark.parametrize(("kind", "thing_id"), OWN)
    def test_what_is_ones_own_is_halted_told_and_released(
        self, house: House, workflows: RecordedWorkflows, kind: str, thing_id: str | None
    ) -> None:
        asked = about(kind, thing_id)
        status, halts = house.ask("POST", "/halts", body={**asked, "reason": "enough"})
        assert (status, house.ask("GET", "/halts")) == (200, (200, halts))
        (halt,) = halts
        assert (halt["kind"], halt["id"], halt["reason"], halt["yours"]) == (kind, thing_id, "enough", True)
        assert halt["since"] == "2026-11-23T10:00:00+05:30"
        assert house.ask("GET", "/halts", user_id=OTHER) == (200, [])
        house.clock.move_to(house.clock.now().replace(minute=1))
        assert house.ask("DELETE", "/halts", query=asked) == (200, {"released": True})
        assert house.ask("DELETE", "/halts", query=asked) == (200, {"released": False})
        assert house.ask("GET", "/halts") == (200, [])
        assert workflows.started == {}

    def test_an_operators_halt_is_told_and_cannot_be_released(self, house: House, workflows: RecordedWorkflows) -> None:
        store(
            house.controls.halt(f"USER#{USER}", "margin call", "operator"),
            house.controls.halt("PLATFORM", "outage", "operator"),
        )
        told = house.ask("GET", "/halts")[1]
        assert [(halt["kind"], halt["yours"]) for halt in told] == [("platform", False), ("user", False)]
        house.ask("POST", "/halts", body={"kind": "user", "reason": "mine now"})
        assert house.refused("DELETE", "/halts", 409, query={"kind": "user"}) == []
        assert house.ask("GET", "/me")[1]["halted"] == "halted (platform): outage"

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ({"kind": "platform", "reason": "x"}, "kind: "),
            ({"kind": "run", "id": RUN, "reason": "x"}, "kind: "),
            ({"kind": "account", "reason": "x"}, "id: name the account"),
            ({"kind": "user", "id": "somebody", "reason": "x"}, "id: the user has none"),
            ({"kind": "user", "reason": " "}, "reason: "),
            ({"kind": "user"}, "reason: is missing"),
            ({"kind": "account", "id": "A#b", "reason": "x"}, "id: is no id; use 2 to 49"),
        ],
    )
    def test_what_does_not_fit_is_refused_by_its_field(
        self, house: House, workflows: RecordedWorkflows, body: Any, problem: str
    ) -> None:
        (line,) = house.refused("POST", "/halts", 422, body=body)
        assert line.startswith(problem)
        assert house.ask("GET", "/halts") == (200, [])

    @pytest.mark.parametrize("kind", ["account", "strategy"])
    def test_what_is_not_ones_own_is_not_found(self, house: House, workflows: RecordedWorkflows, kind: str) -> None:
        store(house.accounts.save_account(an_account("theirs", user_id=OTHER)))
        store(house.strategies.save(a_strategy("theirs", user_id=OTHER)))
        for thing_id in ("theirs", "never-made"):
            house.refused("POST", "/halts", 404, body={"kind": kind, "id": thing_id, "reason": "x"})
        assert house.ask("GET", "/halts", user_id=OTHER) == (200, [])


class TestSquareOff:
    @pytest.mark.parametrize(("kind", "thing_id"), [*OWN, ("run", RUN)])
    def test_it_begins_and_tells_what_it_found(
        self, house: House, workflows: RecordedWorkflows, kind: str, thing_id: str | None
    ) -> None:
        body = {**about(kind, thing_id), "reason": "enough", "confirm": "SQUARE OFF"}
        status, answer = house.ask("POST", "/square-off", body=body)
        assert (status, answer["kind"], answer["id"], answer["started"]) == (202, kind, thing_id, True)
        (run,) = answer["runs"]
        assert (run["run_id"], run["status"], run["open_positions"]) == (RUN, "open", 1)
        assert (answer["halt"] is None) is (kind == "run")
        (payload,) = workflows.started.values()
        assert payload == {
            "user_id": USER,
            "tick": "2026-11-23T10:00+05:30",
            "close": {"run_ids": [RUN], "reason": "enough", "by": USER},
        }
        assert house.ask("POST", "/square-off", body=body)[1]["started"] is False

    def test_the_progress_is_told(self, house: House, workflows: RecordedWorkflows) -> None:
        house.runs.put(an_order(IntentStatus.REFUSED, phase=Phase.EXIT))
        house.runs.put(an_order(IntentStatus.ACCEPTED, phase=Phase.EXIT, attempt=2))
        status, answer = house.ask("GET", "/square-off", query={"kind": "run", "id": RUN})
        (run,) = answer["runs"]
        assert (status, answer["started"], answer["halt"]) == (200, False, None)
        assert (run["exits_pending"], run["exits_filled"], run["exits_failed"]) == (1, 0, 1)

    @pytest.mark.parametrize("kind", ["run", "account", "strategy"])
    def test_what_is_not_ones_own_is_not_found(self, house: House, workflows: RecordedWorkflows, kind: str) -> None:
        body = {"kind": kind, "id": "never-made", "reason": "x", "confirm": "SQUARE OFF"}
        house.refused("POST", "/square-off", 404, body=body)
        house.refused("GET", "/square-off", 404, query={"kind": kind, "id": "never-made"})
        assert workflows.started == {}

    @pytest.mark.parametrize("confirm", [None, "", "square off", "YES", True])
    def test_without_the_words_nothing_happens(self, house: House, workflows: RecordedWorkflows, confirm: Any) -> None:
        body = {"kind": "user", "reason": "enough"} | ({} if confirm is None else {"confirm": confirm})
        (line,) = house.refused("POST", "/square-off", 422, body=body)
        assert line.startswith("confirm: ")
        assert (workflows.started, house.ask("GET", "/halts")) == ({}, (200, []))

    def test_the_platform_is_not_reached(self, house: House, workflows: RecordedWorkflows) -> None:
        for kind in ("platform", "PLATFORM", f"USER#{OTHER}"):
            house.refused("POST", "/square-off", 422, body={"kind": kind, "reason": "x", "confirm": "SQUARE OFF"})
            house.refused("GET", "/square-off", 422, query={"kind": kind.replace("#", "%23")})
        assert workflows.started == {}
