"""The kill switch: of a run, a strategy, an account, a user and everybody; by users and by operators."""

import os
from collections.abc import Iterator
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from lambdas.bootstrap import Application, run
from lambdas.domain.intents import IntentStatus, Phase
from lambdas.domain.runs import RunStatus
from lambdas.domain.scopes import Scope, ScopeKind
from lambdas.use_cases.kill_switch import KillSwitch, KillSwitchAnswer
from lambdas.use_cases.square_off import NothingOfThatName, SquareOff
from lambdas.use_cases.switch_halts import HaltSwitch, HeldByAnother
from shared_config.names import ENV_RUNTIME
from shared_config.settings import load_settings
from tests.doubles.events import RecordedWorkflows
from tests.doubles.examples import TICK, USER, a_run, an_order, at
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
OTHER = "user-two"
NOW = "2026-11-23T10:00+05:30"


def square_off(scene: Scene) -> SquareOff:
    return SquareOff(scene.runs, HaltSwitch(scene.controls, scene.clock), scene.workflows, scene.clock)


async def trading(scene: Scene) -> None:
    """At 10:00: two strategies of one user, one of them over two accounts, and one of another user."""
    scene.clock.move_to(at("10:00:12.345"))
    for user_id, name, accounts in (
        (USER, "spread", ("zerodha-one", "angel-one")),
        (USER, "straddle", ("zerodha-one",)),
        (OTHER, "spread", ("zerodha-one",)),
    ):
        run_id = f"{name}-20261123"
        await scene.runs.begin_run(a_run(run_id, user_id=user_id, strategy_id=name, status=RunStatus.OPEN))
        scene.put(*(an_order(user_id=user_id, run_id=run_id, account_id=account) for account in accounts))
    await scene.runs.begin_run(a_run("over-20261123", strategy_id="over", status=RunStatus.FLAT))
    await scene.runs.begin_run(a_run("early-20261123", strategy_id="early"))


SCOPES = {
    "RUN": (f"RUN#{USER}#spread-20261123", {USER: ["spread-20261123"]}),
    "STRATEGY": (f"STRATEGY#{USER}#straddle", {USER: ["straddle-20261123"]}),
    "ACCOUNT": (f"ACCOUNT#{USER}#angel-one", {USER: ["spread-20261123"]}),
    "USER": (f"USER#{USER}", {USER: ["early-20261123", "spread-20261123", "straddle-20261123"]}),
    "PLATFORM": (
        "PLATFORM",
        {USER: ["early-20261123", "spread-20261123", "straddle-20261123"], OTHER: ["spread-20261123"]},
    ),
}


@pytest.mark.parametrize("kind", SCOPES)
async def test_each_scope_is_halted_and_its_open_runs_are_closed_by_one_workflow_for_each_user(
    scene: Scene, kind: str
) -> None:
    await trading(scene)
    text, expected = SCOPES[kind]
    progress = await square_off(scene).run(Scope.parse(text), "enough", "me")
    assert list((await scene.controls.control()).halts) == ([] if kind == "RUN" else [text])
    started = {payload["user_id"]: payload for payload in scene.workflows.started.values()}
    assert {user_id: payload["close"]["run_ids"] for user_id, payload in started.items()} == expected
    assert {payload["tick"] for payload in started.values()} == {NOW}
    assert {(payload["close"]["reason"], payload["close"]["by"]) for payload in started.values()} == {("enough", "me")}
    assert sorted(progress.started) == sorted(expected)
    found = {(one.run.user_id, one.run.run_id) for one in progress.runs}
    assert found == {(user_id, run_id) for user_id, ids in expected.items() for run_id in ids}


async def test_it_tells_how_many_positions_each_run_has_open(scene: Scene) -> None:
    await trading(scene)
    progress = await square_off(scene).run(Scope.parse(f"USER#{USER}"), "enough", USER)
    assert {one.run.run_id: one.open_positions for one in progress.runs} == {
        "spread-20261123": 2,
        "straddle-20261123": 1,
        "early-20261123": 0,
    }


async def test_within_a_minute_the_same_is_started_once(scene: Scene) -> None:
    await trading(scene)
    scope = Scope.parse(f"USER#{USER}")
    await square_off(scene).run(scope, "enough", USER)
    scene.clock.move_to(at("10:00:59"))
    again = await square_off(scene).run(scope, "I said enough", USER)
    assert (len(scene.workflows.started), again.started) == (1, ())
    scene.clock.move_to(at("10:01"))
    assert (await square_off(scene).run(scope, "enough", USER)).started == (USER,)


async def test_the_halt_is_in_the_audit_once(scene: Scene) -> None:
    await trading(scene)
    for _ in range(2):
        await square_off(scene).run(Scope.parse(f"USER#{USER}"), "enough", USER)
    (entry,) = await scene.controls.audit("2026-11")
    assert (entry.subject, entry.what, entry.after, entry.by) == (f"HALT#USER#{USER}", "halt", "enough", USER)


async def test_a_run_that_is_not_of_today_is_told(scene: Scene) -> None:
    await trading(scene)
    for user_id, run_id in ((USER, "never-made"), (OTHER, "straddle-20261123")):
        with pytest.raises(NothingOfThatName, match="there is no run"):
            await square_off(scene).run(Scope(ScopeKind.RUN, user_id, run_id), "enough", user_id)
    assert scene.workflows.started == {}


async def test_a_run_that_is_over_starts_nothing(scene: Scene) -> None:
    await trading(scene)
    progress = await square_off(scene).run(Scope(ScopeKind.RUN, USER, "over-20261123"), "enough", USER)
    assert (progress.runs, progress.started, scene.workflows.started) == ((), (), {})


async def test_runs_of_earlier_days_are_told_and_not_closed(scene: Scene) -> None:
    await trading(scene)
    friday = a_run("spread-20261120", date=at("10:00", "2026-11-20").date(), status=RunStatus.INCOMPLETE)
    await scene.runs.begin_run(friday)
    progress = await square_off(scene).run(Scope.parse("PLATFORM"), "enough", "operator")
    assert friday in [one.run for one in progress.runs]
    assert "spread-20261120" not in str(scene.workflows.started)


async def test_a_user_who_cannot_be_started_stops_no_other_and_is_told(scene: Scene) -> None:
    await trading(scene)
    scene.workflows = RecordedWorkflows(failing=[USER])
    with pytest.raises(ExceptionGroup, match="1 of 2 users could not be squared off"):
        await square_off(scene).run(Scope.parse("PLATFORM"), "enough", "operator")
    assert [payload["user_id"] for payload in scene.workflows.started.values()] == [OTHER]
    assert "PLATFORM" in (await scene.controls.control()).halts


async def test_progress_counts_what_is_pending_filled_and_failed(scene: Scene) -> None:
    await trading(scene)
    leaving: dict[str, Any] = {"run_id": "spread-20261123", "phase": Phase.EXIT}
    scene.put(
        an_order(IntentStatus.UNKNOWN, run_id="spread-20261123", leg=3),
        an_order(IntentStatus.ACCEPTED, **leaving, slice_number=1),
        an_order(IntentStatus.FILLED, **leaving, slice_number=2),
        an_order(IntentStatus.REFUSED, **leaving, slice_number=3),
        an_order(IntentStatus.WITHHELD, **leaving, slice_number=4),
    )
    (one,) = (await square_off(scene).progress(Scope(ScopeKind.RUN, USER, "spread-20261123"))).runs
    assert (one.entries_pending, one.exits_pending, one.exits_filled, one.exits_failed) == (1, 1, 1, 2)


async def test_progress_of_a_user_shows_also_what_is_over(scene: Scene) -> None:
    await trading(scene)
    found = await square_off(scene).progress(Scope.parse(f"USER#{USER}"))
    assert "over-20261123" in [one.run.run_id for one in found.runs]


class TestHalts:
    async def test_a_user_does_not_release_what_an_operator_halted(self, scene: Scene) -> None:
        switch, scope = HaltSwitch(scene.controls, scene.clock), Scope.parse(f"USER#{USER}")
        await switch.halt(scope, "margin call", "operator", over_others=True)
        await switch.halt(scope, "mine now", USER, over_others=False)
        with pytest.raises(HeldByAnother, match="an operator halted it"):
            await switch.release(scope, USER, over_others=False)
        assert (await scene.controls.control()).halt_of(USER) == "halted (user): margin call"
        scene.clock.move_to(at("10:00"))
        assert await switch.release(scope, "operator", over_others=True)
        assert (await scene.controls.control()).halt_of(USER) is None

    async def test_an_operator_takes_over_a_halt_of_a_user(self, scene: Scene) -> None:
        switch, scope = HaltSwitch(scene.controls, scene.clock), Scope.parse(f"USER#{USER}")
        await switch.halt(scope, "mine", USER, over_others=False)
        scene.clock.move_to(at("10:00"))
        await switch.halt(scope, "margin call", "operator", over_others=True)
        with pytest.raises(HeldByAnother):
            await switch.release(scope, USER, over_others=False)

    async def test_a_run_is_not_halted(self, scene: Scene) -> None:
        with pytest.raises(ValueError, match="cannot be halted"):
            await HaltSwitch(scene.controls, scene.clock).halt(Scope.parse("RUN#u#r"), "x", "u", over_others=True)

    async def test_a_user_is_told_of_the_platforms_halts_and_of_nobody_elses(self, scene: Scene) -> None:
        for scope in ("PLATFORM", f"STRATEGY#{USER}#spread", f"USER#{OTHER}", f"ACCOUNT#{OTHER}#a1"):
            await scene.controls.halt(scope, "stop", "operator")
        told = await HaltSwitch(scene.controls, scene.clock).of_user(USER)
        assert [halt.scope for halt in told] == ["PLATFORM", f"STRATEGY#{USER}#spread"]


@pytest.mark.parametrize(
    "text", ["", "platform", "PLATFORM#x", "USER", "USER#", "USER#u#x", "ACCOUNT#u", "RUN#u#", "RUN#u#r#x", "LEG#u#1"]
)
def test_what_is_no_scope_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no scope"):
        Scope.parse(text)


@pytest.mark.parametrize("text", [text for text, _ in SCOPES.values()])
def test_a_scope_is_written_as_it_is_read(text: str) -> None:
    assert str(Scope.parse(text)) == text


class TestOperators:
    async def ask(self, scene: Scene, request: Any) -> KillSwitchAnswer:
        return await KillSwitch(square_off(scene)).answer(request)

    async def test_halt_status_and_release(self, scene: Scene) -> None:
        await trading(scene)
        asked = {"scope": "PLATFORM", "reason": "exchange outage", "by": "operator"}
        halted = await self.ask(scene, {"action": "halt", **asked})
        assert (halted.done, halted.problems, scene.workflows.started) == (True, (), {})
        status = (await self.ask(scene, {"action": "status", "scope": "PLATFORM"})).progress
        assert status is not None
        assert status.halt is not None
        assert (status.halt.reason, status.halt.by, len(status.runs)) == ("exchange outage", "operator", 4)
        scene.clock.move_to(at("10:05"))
        released = await self.ask(scene, {"action": "release", "scope": "PLATFORM", "by": "operator"})
        assert released.done
        assert not (await self.ask(scene, {"action": "release", "scope": "PLATFORM", "by": "operator"})).done

    async def test_square_off_takes_over_a_users_halt(self, scene: Scene) -> None:
        await trading(scene)
        await scene.controls.halt(f"USER#{USER}", "mine", USER)
        request = {"action": "square_off", "scope": f"USER#{USER}", "reason": "margin call", "by": "operator"}
        assert (await self.ask(scene, request)).done
        assert (await scene.controls.control()).halts == {f"USER#{USER}": "margin call"}
        assert len(scene.workflows.started) == 1

    @pytest.mark.parametrize(
        ("request_", "problem"),
        [
            (None, "action: it must be one of square_off, halt, release, status"),
            ({"action": "stop"}, "action: it must be one of square_off, halt, release, status"),
            ({"action": "halt", "scope": "PLATFORM", "by": "me"}, "reason"),
            ({"action": "halt", "scope": "PLATFORM", "reason": " ", "by": "me"}, "reason"),
            ({"action": "square_off", "scope": "PLATFORM", "reason": "x"}, "by"),
            ({"action": "square_off", "scope": "ALL", "reason": "x", "by": "me"}, "scope: 'ALL' is no scope"),
            ({"action": "halt", "scope": "RUN#u#r", "reason": "x", "by": "me"}, "scope: RUN#u#r cannot be halted"),
            ({"action": "square_off", "scope": "RUN#u#r", "reason": "x", "by": "me"}, "scope: there is no run 'r'"),
            ({"action": "status", "scope": "PLATFORM", "more": 1}, "more"),
        ],
    )
    async def test_what_does_not_fit_is_answered_and_does_nothing(
        self, scene: Scene, request_: Any, problem: str
    ) -> None:
        await trading(scene)
        answer = await self.ask(scene, request_)
        assert (answer.done, answer.progress) == (False, None)
        assert answer.problems[0].startswith(problem)
        assert scene.workflows.started == {}
        assert (await scene.controls.control()).halts == {}


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Scene]]:
    """The deployed function over stores in memory."""
    monkeypatch.setitem(os.environ, ENV_RUNTIME, load_settings("dev").runtime().model_dump_json())
    application: Application = import_module("lambdas.entrypoints.frame").application
    kept = dict(application.__dict__)
    scene = Scene()
    application.__dict__.clear()
    application.__dict__.update({"variables": os.environ, "square_off": square_off(scene)})
    yield import_module("lambdas.entrypoints.square_off").handler, scene
    application.__dict__.clear()
    application.__dict__.update(kept)


CONTEXT = SimpleNamespace(
    function_name="square_off", memory_limit_in_mb=1, invoked_function_arn="a", aws_request_id="request-1"
)


def test_the_function_tells_what_it_found(function: tuple[Any, Scene]) -> None:
    handler, scene = function
    run(trading(scene))
    asked = {"action": "square_off", "scope": f"RUN#{USER}#straddle-20261123", "reason": "enough", "by": "operator"}
    answer = handler(asked, CONTEXT)
    assert (answer["done"], answer["problems"], answer["halt"], answer["started"]) == (True, [], None, [USER])
    (told,) = answer["runs"]
    assert (told["run_id"], told["status"], told["open_positions"]) == ("straddle-20261123", "open", 1)
    assert told["exits"] == {"pending": 0, "filled": 0, "failed": 0}
    halted = handler({"action": "halt", "scope": "PLATFORM", "reason": "outage", "by": "operator"}, CONTEXT)
    assert halted["halt"]["since"].startswith(str(TICK.date))
    assert handler({"action": "nothing"}, CONTEXT)["problems"]
