"""Operators change single days without a deployment: bad requests are answered, and every change is kept."""

import os
from collections.abc import Iterator
from datetime import date, datetime
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.bootstrap import Application, run
from lambdas.domain.control import Control
from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.domain.moments import Tick
from lambdas.domain.trading_calendar import DayKind, SessionRule, TradingCalendar
from lambdas.use_cases.change_calendar import CalendarAnswer, CalendarChanger
from shared_config.names import ENV_RUNTIME, ENV_TRADING_DAY
from shared_config.settings import load_settings
from tests.doubles.clock import VirtualClock
from tests.doubles.controls import MemoryControls
from tests.doubles.examples import TICK, USER, an_account, an_intent, at
from tests.doubles.loop import MemoryLoop
from tests.unit.use_cases.scene import CALENDAR, Scene

pytestmark = pytest.mark.anyio
TUESDAY_HOLIDAY, WEDNESDAY, SATURDAY = "2026-11-24", "2026-11-25", "2026-11-28"
TODAY = "2026-11-23"
HOLIDAY: dict[str, Any] = {"action": "change", "kind": "HOLIDAY", "name": "Exchange outage", "by": "operator"}
SPECIAL: dict[str, Any] = {**HOLIDAY, "kind": "SPECIAL_SESSION", "name": "Mock", "open": "11:00", "close": "12:00"}
EARLY: dict[str, Any] = {**HOLIDAY, "kind": "HOURS", "name": "Early close", "open": "09:15", "close": "13:00"}
WITHDRAW: dict[str, Any] = {"action": "withdraw", "by": "operator"}


class Desk:
    """An operator's desk at one instant."""

    def __init__(self, now: datetime | None = None, calendar: TradingCalendar = CALENDAR) -> None:
        self.controls = MemoryControls()
        self.clock = VirtualClock(now or at("08:00"))
        self.changer = CalendarChanger(self.controls, calendar, self.clock)

    async def ask(self, request: Any, **more: Any) -> CalendarAnswer:
        answer = await self.changer.answer({**request, **more} if isinstance(request, dict) else request)
        assert not (answer.changed and answer.problems)
        return answer


class TestChanges:
    async def test_a_day_is_closed_and_the_answer_tells_before_and_after(self) -> None:
        desk = Desk()
        answer = await desk.ask(HOLIDAY, date=WEDNESDAY)
        assert (answer.changed, answer.problems) == (True, ())
        assert answer.before is not None
        assert answer.after is not None
        assert (answer.before.kind, answer.before.reason) == (DayKind.REGULAR, "regular session")
        assert (answer.after.kind, answer.after.reason) == (DayKind.CLOSED, "holiday: Exchange outage")
        in_force = CALENDAR.with_changes((await desk.controls.control()).changes)
        assert in_force.day(date.fromisoformat(WEDNESDAY)) == answer.after

    @pytest.mark.parametrize("day", [SATURDAY, TUESDAY_HOLIDAY, "2027-01-09"])
    async def test_a_special_session_opens_a_day_that_is_closed(self, day: str) -> None:
        answer = await Desk().ask(SPECIAL, date=day)
        assert answer.after is not None
        assert (answer.changed, answer.after.due_day) == (True, "SPECIAL")
        assert answer.after.session_at(at("11:00", day))

    async def test_the_hours_of_muhurat_are_entered_when_its_circular_comes(self) -> None:
        desk = Desk(at("10:00", "2026-11-02"))
        answer = await desk.ask(SPECIAL, name="Muhurat trading", date="2026-11-08", open="18:00", close="19:00")
        assert answer.before is not None
        assert answer.after is not None
        assert "not entered yet" in answer.before.reason
        assert answer.after.session_at(at("18:59", "2026-11-08"))

    async def test_a_regular_day_closes_early_and_stays_regular(self) -> None:
        answer = await Desk().ask(EARLY, date=WEDNESDAY)
        assert answer.after is not None
        assert (answer.after.due_day, answer.after.session_at(at("13:00", WEDNESDAY))) == ("WED", None)

    async def test_a_later_change_takes_the_place_of_the_one_before(self) -> None:
        desk = Desk()
        await desk.ask(HOLIDAY, date=WEDNESDAY)
        desk.clock.move_to(at("08:01"))
        answer = await desk.ask(EARLY, date=WEDNESDAY)
        assert answer.changed
        (change,) = (await desk.controls.control()).changes
        assert str(change) == "HOURS Early close, 09:15-13:00"

    async def test_a_withdrawn_change_leaves_what_the_files_say(self) -> None:
        desk = Desk()
        await desk.ask(HOLIDAY, date=WEDNESDAY)
        desk.clock.move_to(at("08:01"))
        answer = await desk.ask(WITHDRAW, date=WEDNESDAY)
        assert answer.changed
        assert answer.after == CALENDAR.day(date.fromisoformat(WEDNESDAY))
        assert await desk.controls.control() == Control()

    async def test_showing_changes_nothing(self) -> None:
        desk = Desk()
        answer = await desk.ask({"action": "show"}, date=TUESDAY_HOLIDAY)
        assert (answer.changed, answer.problems, answer.before) == (False, (), answer.after)
        assert answer.after is not None
        assert answer.after.reason == "holiday: Guru Nanak Jayanti"
        assert await desk.controls.audit("2026-11") == []

    async def test_every_change_is_kept_with_its_operator_and_what_was_before(self) -> None:
        desk = Desk()
        for minute, request in enumerate((HOLIDAY, {**EARLY, "by": "another"}, WITHDRAW)):
            desk.clock.move_to(at(f"08:0{minute}"))
            await desk.ask(request, date=WEDNESDAY)
        entries = await desk.controls.audit("2026-11")
        assert [(one.at, one.what, one.before, one.after, one.by) for one in entries] == [
            (at("08:00"), "change", None, "HOLIDAY Exchange outage", "operator"),
            (at("08:01"), "change", "HOLIDAY Exchange outage", "HOURS Early close, 09:15-13:00", "another"),
            (at("08:02"), "withdraw", "HOURS Early close, 09:15-13:00", None, "operator"),
        ]
        assert {one.subject for one in entries} == {f"DAY#{WEDNESDAY}"}


class TestRefusals:
    @pytest.mark.parametrize(
        ("request_", "problem"),
        [
            (None, "action: it must be one of show, change, withdraw"),
            (["change"], "action: it must be one of show, change, withdraw"),
            ({}, "action: it must be one of show, change, withdraw"),
            ({"action": "delete"}, "action: it must be one of show, change, withdraw"),
            ({"action": "show"}, "date: Field required"),
            ({"action": "show", "date": "0"}, "date: '0' is not a date like 2026-11-24"),
            ({"action": "show", "date": 20261124}, "date: 20261124 is not a date like 2026-11-24"),
            ({**WITHDRAW, "date": "2026-02-30"}, "date: '2026-02-30' is not a date: day is out of range for month"),
            ({**WITHDRAW, "date": WEDNESDAY, "by": " "}, "by: String should match pattern '\\S'"),
            ({"action": "withdraw", "date": WEDNESDAY}, "by: Field required"),
            ({**HOLIDAY, "date": WEDNESDAY, "name": ""}, "name: String should have at least 1 character"),
            ({**EARLY, "date": WEDNESDAY, "close": "1pm"}, "close: '1pm' is not a time like 09:15"),
            ({**EARLY, "date": WEDNESDAY, "close": None}, "open, close: changed hours need both"),
            ({**EARLY, "date": WEDNESDAY, "close": "09:15"}, "close: 09:15 is not after the open at 09:15"),
            ({**HOLIDAY, "date": WEDNESDAY, "open": "09:15"}, "open, close: a holiday has no hours"),
            (
                {**HOLIDAY, "date": WEDNESDAY, "kind": "SPECIAL_SESSION"},
                "open, close: a special session needs both; to close the day, use HOLIDAY",
            ),
            ({**HOLIDAY, "date": WEDNESDAY, "opne": "09:15"}, "opne: Extra inputs are not permitted"),
            ({**HOLIDAY, "date": WEDNESDAY, "force": "yes"}, "force: Input should be a valid boolean"),
        ],
    )
    async def test_what_is_wrong_is_told_by_its_field(self, request_: Any, problem: str) -> None:
        desk = Desk()
        answer = await desk.changer.answer(request_)
        assert answer == CalendarAnswer(changed=False, problems=(problem,))
        assert await desk.controls.control() == Control()

    async def test_everything_that_is_wrong_is_told_at_once(self) -> None:
        answer = await Desk().ask({"action": "change", "kind": "HALF", "date": "tomorrow"})
        assert [problem.split(":")[0] for problem in answer.problems] == ["date", "kind", "name", "by"]

    @pytest.mark.parametrize("request_", [HOLIDAY, EARLY, SPECIAL, WITHDRAW])
    async def test_the_past_stays_as_it_was(self, request_: dict[str, Any]) -> None:
        answer = await Desk().ask(request_, date="2026-11-20")
        assert not answer.changed
        assert answer.problems[0] == "date: 2026-11-20 is past; what happened stays as it was"

    async def test_the_past_ends_at_midnight_in_india(self) -> None:
        just_after = Desk(datetime.fromisoformat("2026-11-23T18:30:00+00:00"))
        assert not (await just_after.ask(HOLIDAY, date=TODAY)).changed
        just_before = Desk(datetime.fromisoformat("2026-11-23T18:29:59+00:00"))
        assert (await just_before.ask(HOLIDAY, date=TODAY)).changed

    @pytest.mark.parametrize(
        ("day", "why"),
        [
            (SATURDAY, "weekend"),
            (TUESDAY_HOLIDAY, "holiday: Guru Nanak Jayanti"),
            ("2027-01-04", "no calendar for 2027: add its file before trading it"),
        ],
    )
    async def test_changed_hours_open_no_day_that_is_closed(self, day: str, why: str) -> None:
        answer = await Desk().ask(EARLY, date=day)
        assert answer.problems == (f"kind: HOURS changes regular days only, and {day} is none: {why}",)

    async def test_withdrawing_nothing_says_so(self) -> None:
        answer = await Desk().ask(WITHDRAW, date=WEDNESDAY)
        assert answer.problems == (f"date: no change of {WEDNESDAY} is in force",)

    async def test_where_the_session_never_closes_a_change_is_refused(self) -> None:
        answer = await Desk(calendar=TradingCalendar(SessionRule.CONTINUOUS)).ask(HOLIDAY, date=WEDNESDAY)
        assert answer.problems == ("date: the session of this environment never closes; a change would do nothing",)


class TestToday:
    """A running session is taken away only by force."""

    @pytest.mark.parametrize("request_", [HOLIDAY, {**EARLY, "close": "10:00"}, SPECIAL])
    async def test_a_running_session_is_not_taken_away_by_accident(self, request_: dict[str, Any]) -> None:
        desk = Desk(at("11:30"))
        answer = await desk.ask(request_, date=TODAY)
        assert [problem.split(":")[0] for problem in answer.problems] == ["force"]
        assert await desk.controls.control() == Control()
        assert answer.after == answer.before
        assert (await desk.ask(request_, date=TODAY, force=True)).changed

    @pytest.mark.parametrize("now", ["09:14:59", "15:40"])
    async def test_before_the_open_and_after_the_close_no_force_is_needed(self, now: str) -> None:
        assert (await Desk(at(now)).ask(HOLIDAY, date=TODAY)).changed

    async def test_hours_that_keep_this_minute_need_no_force(self) -> None:
        assert (await Desk(at("11:30")).ask(EARLY, date=TODAY)).changed

    async def test_withdrawing_the_session_that_runs_needs_force(self) -> None:
        desk = Desk(at("10:00", SATURDAY))
        await desk.ask(SPECIAL, date=SATURDAY)
        desk.clock.move_to(at("11:30", SATURDAY))
        assert not (await desk.ask(WITHDRAW, date=SATURDAY)).changed
        assert (await desk.ask(WITHDRAW, date=SATURDAY, force=True)).changed


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = ("action", "date", "kind", "name", "open", "close", "by", "force")
SENSIBLE = st.sampled_from(
    ["show", "change", "withdraw", WEDNESDAY, "2026-13-01", "HOLIDAY", "HOURS", "SPECIAL_SESSION", "09:15", "25:00"]
)


class TestAnything:
    @given(st.dictionaries(st.sampled_from(FIELDS), SENSIBLE | JSON) | JSON)
    def test_no_input_raises_and_what_is_not_a_request_changes_nothing(self, request: Any) -> None:
        desk = Desk()
        answer = run(desk.changer.answer(request))
        assert isinstance(answer, CalendarAnswer)
        assert answer.changed is bool(run(desk.controls.control()).changes)


class TestWhoAsks:
    """A change is seen by everybody at the next question, without a deployment."""

    async def test_an_order_worker_withholds_what_was_planned_before_the_day_was_closed(self, scene: Scene) -> None:
        broker = await scene.link()
        ids = await scene.plan(an_intent())
        outage = DayChange(TICK.date, ChangeKind.HOLIDAY, "Exchange outage")
        await scene.controls.change_day(outage, by="operator", at=at("09:19"))
        assert await scene.placer.place(USER, "zerodha-one", TICK, ids) == 0
        assert broker.sent == []
        assert (await scene.state(an_intent())).reason.endswith("is in no session: holiday: Exchange outage")

    async def test_an_order_worker_sends_in_a_session_that_an_operator_entered(self) -> None:
        scene = Scene(start=at("10:59:45", SATURDAY))
        await scene.link(an_account(session_expires_at=at("06:00", "2026-11-30")))
        tick = Tick(at("11:00", SATURDAY))
        desk = CalendarChanger(scene.controls, CALENDAR, scene.clock)
        assert (await desk.answer({**SPECIAL, "date": SATURDAY})).changed
        ids = await scene.plan(an_intent(intended_at=tick))
        assert await scene.placer.place(USER, "zerodha-one", tick, ids) == 1


class StartedDays:
    """Implements `Workflows` for the loop of the day."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    async def start(self, name: str, payload: dict[str, Any]) -> bool:
        self.reasons.append(payload["reason"])
        return True


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The functions over a desk's stores, and nothing of it left afterwards."""
    for name, value in (
        (ENV_RUNTIME, load_settings("dev").runtime().model_dump_json()),
        (ENV_TRADING_DAY, "arn:aws:states:ap-south-1:000000000001:stateMachine:trading_day"),
        ("POWERTOOLS_SERVICE_NAME", "legwise"),
        ("AWS_DEFAULT_REGION", "ap-south-1"),
    ):
        monkeypatch.setitem(os.environ, name, value)
    application: Application = import_module("lambdas.entrypoints.frame").application
    kept = dict(application.__dict__)
    desk = Desk(at("09:10"))
    application.__dict__.clear()
    application.__dict__.update(variables=os.environ, controls=desk.controls, clock=desk.clock, loop=MemoryLoop())
    yield desk
    application.__dict__.clear()
    application.__dict__.update(kept)


CONTEXT = SimpleNamespace(
    function_name="any", memory_limit_in_mb=512, invoked_function_arn="arn:aws:lambda:x", aws_request_id="request-1"
)


class TestFunctions:
    def test_the_function_answers_with_documents(self, desk: Desk) -> None:
        handler = import_module("lambdas.entrypoints.change_calendar").handler
        assert handler({**EARLY, "date": WEDNESDAY}, CONTEXT) == {
            "changed": True,
            "before": {
                "date": WEDNESDAY,
                "kind": "REGULAR",
                "due_day": "WED",
                "reason": "regular session",
                "sessions": [{"name": "regular", "open": "09:15", "close": "15:40"}],
            },
            "after": {
                "date": WEDNESDAY,
                "kind": "REGULAR",
                "due_day": "WED",
                "reason": "regular session at changed hours: Early close",
                "sessions": [{"name": "regular", "open": "09:15", "close": "13:00"}],
            },
            "problems": [],
        }

    @pytest.mark.parametrize("event", [None, "change", [], {"action": "change"}])
    def test_the_function_answers_bad_input_too(self, desk: Desk, event: Any) -> None:
        answer = import_module("lambdas.entrypoints.change_calendar").handler(event, CONTEXT)
        assert (answer["changed"], answer["before"], answer["after"]) == (False, None, None)
        assert answer["problems"]

    def test_the_watchdog_misses_no_loop_on_a_day_that_was_closed(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        watchdog, started = import_module("lambdas.entrypoints.watchdog"), StartedDays()
        monkeypatch.setattr(watchdog, "workflow", started)
        assert watchdog.handler({}, CONTEXT)["started"]
        run(desk.ask(HOLIDAY, date=TODAY))
        assert not watchdog.handler({}, CONTEXT)["started"]
        assert started.reasons == ["no loop has started today"]
