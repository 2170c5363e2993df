"""Marks: read once in a minute, when brokers are asked for nothing else, and never in the way of anything."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from lambdas.domain.accounts import PAPER
from lambdas.domain.contracts import Quote, Side
from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.domain.intents import Phase
from lambdas.domain.marks import Mark, Marks, ProfitPoint
from lambdas.domain.runs import RunStatus
from lambdas.ports.broker import BrokerUnreachable
from lambdas.use_cases.mark_runs import BEGINS, NOBODY_BEGINS, turn_at
from tests.doubles.broker import FakeBroker
from tests.doubles.examples import EXIT_TICK, TICK, USER, a_contract, a_run, an_account, an_order, at
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
NOW = at("12:00:07")
OTHER = "user-two"
HEDGE: dict[str, Any] = {"contract": a_contract(24700), "symbol": "NIFTY24700CE", "token": "700", "leg": 2}


@pytest.fixture
def scene() -> Scene:
    return Scene(NOW)


async def holding(scene: Scene, user_id: str = USER, **account: Any) -> FakeBroker:
    """A user with a run that is long of two lots at 100 rupees; the broker of the account."""
    broker = await scene.link(an_account(user_id=user_id, **account))
    await scene.runs.begin_run(a_run(user_id=user_id, status=RunStatus.OPEN))
    scene.put(an_order(user_id=user_id, **({"account_id": account["account_id"]} if account else {})))
    return broker


async def marks(scene: Scene, user_id: str = USER) -> Marks:
    return (await scene.runs.day(user_id, TICK.date)).marks


async def points(scene: Scene, user_id: str = USER) -> Sequence[ProfitPoint]:
    return await scene.marks.points(user_id, TICK.date)


def last(price: int, instant: datetime = NOW) -> Mark:
    return Mark(Decimal(price), instant)


class TestMarking:
    async def test_what_is_open_is_marked_and_the_profit_of_the_minute_is_kept(self, scene: Scene) -> None:
        broker = await holding(scene)
        broker.default_quote = Quote(Decimal(105))
        assert await scene.marker.mark() == {"users": 1, "marked": 1}
        assert await marks(scene) == {a_contract(): last(105)}
        assert await points(scene) == [ProfitPoint(NOW, Decimal(650), None)]

    async def test_all_that_is_open_at_a_broker_is_one_request(self, scene: Scene) -> None:
        broker = await holding(scene)
        scene.put(an_order(side=Side.SELL, **HEDGE))
        await scene.marker.mark()
        assert broker.asked == [frozenset({an_order().intent.symbol, "NIFTY24700CE"})]

    async def test_money_and_paper_are_apart(self, scene: Scene) -> None:
        on_paper = an_account("on-paper", broker=PAPER, quotes_from="zerodha-one", listed_at="zerodha")
        for broker in (await holding(scene), await scene.link(on_paper)):
            broker.default_quote = Quote(Decimal(105))
        scene.put(an_order(price="110", account_id="on-paper"))
        await scene.marker.mark()
        assert await points(scene) == [ProfitPoint(NOW, Decimal(650), Decimal(-650))]

    async def test_the_next_minute_adds_a_point_and_replaces_the_marks(self, scene: Scene) -> None:
        broker = await holding(scene)
        await scene.marker.mark()
        scene.clock.move_to(at("12:01:07"))
        broker.default_quote = Quote(Decimal(90))
        await scene.marker.mark()
        assert await marks(scene) == {a_contract(): last(90, at("12:01:07"))}
        assert [point.money for point in await points(scene)] == [0, -1300]

    async def test_twice_in_a_minute_leaves_the_first_point(self, scene: Scene) -> None:
        broker = await holding(scene)
        await scene.marker.mark()
        broker.default_quote = Quote(Decimal(90))
        await scene.marker.mark()
        assert [point.money for point in await points(scene)] == [0]


class TestNobodyIsAsked:
    async def test_while_nothing_is_open(self, scene: Scene) -> None:
        broker = await holding(scene)
        scene.put(an_order(phase=Phase.EXIT, side=Side.SELL, intended_at=EXIT_TICK))
        assert await scene.marker.mark() == {"users": 1, "marked": 0}
        assert (broker.asked, await points(scene)) == ([], [])

    async def test_without_runs_it_does_not_even_wait(self, scene: Scene) -> None:
        scene.clock.move_to(at("12:00:50"))
        assert await scene.marker.mark() == {"users": 0, "marked": 0}
        assert scene.clock.now() == at("12:00:50")

    @pytest.mark.parametrize("time", ["09:14:10", "15:40:10"])
    async def test_outside_the_session(self, time: str) -> None:
        scene = Scene(at(time))
        broker = await holding(scene)
        assert await scene.marker.mark() == {"users": 0, "marked": 0}
        assert broker.asked == []

    async def test_on_a_day_that_an_operator_has_closed(self, scene: Scene) -> None:
        broker = await holding(scene)
        change = DayChange(TICK.date, ChangeKind.HOLIDAY, "Election")
        await scene.controls.change_day(change, by="operator", at=NOW)
        await scene.marker.mark()
        assert broker.asked == []

    async def test_about_runs_of_earlier_days(self, scene: Scene) -> None:
        await scene.link()
        await scene.runs.begin_run(a_run("old-20261120", date=at("09:20", "2026-11-20").date()))
        assert await scene.marker.mark() == {"users": 0, "marked": 0}


class TestTroubles:
    async def test_a_broker_that_does_not_answer_leaves_its_contracts_with_the_marks_that_they_had(
        self, scene: Scene
    ) -> None:
        broker = await holding(scene)
        await scene.marker.mark()
        scene.clock.move_to(at("12:01:07"))
        broker.trouble = BrokerUnreachable("connection refused")
        assert await scene.marker.mark() == {"users": 1, "marked": 0}
        assert await marks(scene) == {a_contract(): last(100)}

    async def test_a_contract_that_nobody_quotes_leaves_the_others_marked_and_the_profit_untold(
        self, scene: Scene
    ) -> None:
        broker = await holding(scene)
        scene.put(an_order(side=Side.SELL, **HEDGE))
        broker.missing_quotes.add("NIFTY24700CE")
        assert await scene.marker.mark() == {"users": 1, "marked": 1}
        assert await marks(scene) == {a_contract(): last(100)}
        assert await points(scene) == []

    async def test_what_is_unforeseen_for_one_user_is_raised_when_the_others_are_marked(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken = await holding(scene)
        await holding(scene, OTHER, account_id="zerodha-two")

        async def breaks(_: Sequence[tuple[str, str, str]]) -> Mapping[str, Quote]:
            raise RuntimeError("nobody thought of it")

        monkeypatch.setattr(broken, "quotes", breaks)
        with pytest.raises(ExceptionGroup, match="1 of 2 users could not be marked"):
            await scene.marker.mark()
        assert await marks(scene, OTHER) == {a_contract(): last(100)}


class TestItsPartOfTheMinute:
    @pytest.mark.parametrize(
        ("now", "turn"),
        [
            ("12:00:00", "12:00:05"),
            ("12:00:04.999999", "12:00:05"),
            ("12:00:05", "12:00:05"),
            ("12:00:33.999999", "12:00:33.999999"),
            ("12:00:34", "12:01:05"),
            ("12:00:59.9", "12:01:05"),
        ],
    )
    def test_it_begins_between_second_5_and_34(self, now: str, turn: str) -> None:
        assert (BEGINS.total_seconds(), NOBODY_BEGINS.total_seconds()) == (5, 34)
        assert turn_at(at(now)) == at(turn)

    async def test_when_it_is_called_too_late_it_waits_for_the_next_minute(self, scene: Scene) -> None:
        await holding(scene)
        scene.clock.move_to(at("12:00:45"))
        await scene.marker.mark()
        assert await marks(scene) == {a_contract(): last(100, at("12:01:05"))}

    async def test_a_session_that_ends_before_its_turn_is_over(self) -> None:
        scene = Scene(at("15:39:45"))
        broker = await holding(scene)
        await scene.marker.mark()
        assert broker.asked == []

    async def test_whose_turn_comes_too_late_is_left_to_the_next_minute(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        slow = await holding(scene)
        other = await holding(scene, OTHER, account_id="zerodha-two")
        monkeypatch.setattr("lambdas.use_cases.mark_runs.AT_ONCE", 1)
        answers: dict[str, Quote] = {an_order().intent.symbol: Quote(Decimal(100))}

        async def slowly(_: Sequence[tuple[str, str, str]]) -> Mapping[str, Quote]:
            await scene.clock.sleep_until(at("12:00:36"))
            return answers

        monkeypatch.setattr(slow, "quotes", slowly)
        assert await scene.marker.mark() == {"users": 2, "marked": 1}
        assert other.asked == []

    async def test_each_minute_another_user_is_the_first(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        for user_id, account_id in ((USER, "zerodha-one"), (OTHER, "zerodha-two")):
            await holding(scene, user_id, account_id=account_id)
        monkeypatch.setattr("lambdas.use_cases.mark_runs.AT_ONCE", 1)
        order: list[str] = []
        save = scene.marks.save_marks

        async def noted(user_id: str, *args: Any, **more: Any) -> bool:
            order.append(user_id)
            return await save(user_id, *args, **more)

        monkeypatch.setattr(scene.marks, "save_marks", noted)
        await scene.marker.mark()
        scene.clock.move_to(at("12:01:07"))
        await scene.marker.mark()
        assert order[2:] == order[1::-1]
