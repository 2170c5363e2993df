"""What workers left in flight is brought to its end, account by account."""

from datetime import timedelta

import pytest

from lambdas.domain.contracts import Side
from lambdas.domain.intents import IntentStatus
from lambdas.domain.moments import Tick
from lambdas.domain.runs import RunStatus
from lambdas.ports.broker import BrokerUnreachable
from tests.doubles.broker import FakeBroker
from tests.doubles.examples import TICK, USER, a_run, a_strategy, an_account, an_order, at
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
T = TICK.instant
WORKERS_ARE_DONE = T + timedelta(seconds=101)


async def in_flight(scene: Scene, user_id: str = USER, account_id: str = "zerodha-one") -> FakeBroker:
    """A run with one order of unknown end that never arrived."""
    broker = await scene.link(an_account(account_id, user_id=user_id))
    await scene.runs.begin_run(a_run(user_id=user_id, status=RunStatus.UNRESOLVED))
    scene.put(an_order(IntentStatus.UNKNOWN, user_id=user_id, account_id=account_id, sent_at=T))
    return broker


async def test_what_a_worker_left_is_resolved_and_its_run_settled(scene: Scene) -> None:
    await in_flight(scene)
    scene.clock.move_to(WORKERS_ARE_DONE)
    assert await scene.reconciler.reconcile() == {"in_flight": 1, "left": 0}
    run = await scene.run(a_strategy())
    assert run.status is RunStatus.MISSED
    assert "it never arrived" in run.reason
    assert scene.events.names == ["RunMissed", "OrderRefused"]


async def test_what_a_worker_never_claimed_is_missed(scene: Scene) -> None:
    await scene.link()
    await scene.runs.begin_run(a_run())
    scene.put(an_order(IntentStatus.PLANNED))
    scene.clock.move_to(WORKERS_ARE_DONE)
    await scene.reconciler.reconcile()
    assert [state.status for state in (await scene.states()).values()] == [IntentStatus.MISSED]


async def test_work_that_may_still_be_done_is_left_alone(scene: Scene) -> None:
    broker = await in_flight(scene)
    scene.clock.move_to(WORKERS_ARE_DONE - timedelta(seconds=1))
    assert await scene.reconciler.reconcile() == {"in_flight": 0, "left": 0}
    assert broker.calls == []


async def test_users_whose_runs_have_the_same_id_are_all_settled(scene: Scene) -> None:
    for user_id in (USER, "user-two"):
        await in_flight(scene, user_id)
    scene.clock.move_to(WORKERS_ARE_DONE)
    assert await scene.reconciler.reconcile() == {"in_flight": 2, "left": 0}
    for user_id in (USER, "user-two"):
        assert (await scene.run(a_strategy(user_id=user_id))).status is RunStatus.MISSED


async def test_what_cannot_be_read_stays_in_flight_and_its_run_unresolved(scene: Scene) -> None:
    broker = await in_flight(scene)
    broker.trouble = BrokerUnreachable("connection refused")
    scene.clock.move_to(WORKERS_ARE_DONE)
    assert await scene.reconciler.reconcile() == {"in_flight": 1, "left": 1}
    assert (await scene.run(a_strategy())).status is RunStatus.UNRESOLVED


async def test_a_dead_broker_delays_no_other_account(scene: Scene) -> None:
    names = [f"zerodha-{number}" for number in range(10)]
    for name in names:
        broker = await in_flight(scene, f"user-{name}", name)
        broker.trouble = BrokerUnreachable("connection refused")
    scene.clock.move_to(WORKERS_ARE_DONE)
    assert (await scene.reconciler.reconcile())["left"] == 10
    assert scene.clock.now() - WORKERS_ARE_DONE < timedelta(seconds=10)


async def test_an_account_that_cannot_be_opened_spoils_no_other(scene: Scene) -> None:
    await in_flight(scene)
    await in_flight(scene, "user-two")
    del scene.brokers.accounts[USER, "zerodha-one"]
    scene.clock.move_to(WORKERS_ARE_DONE)
    with pytest.raises(BaseExceptionGroup, match="1 of 2 accounts could not be reconciled"):
        await scene.reconciler.reconcile()
    assert (await scene.run(a_strategy(user_id="user-two"))).status is RunStatus.MISSED


async def test_a_square_off_that_died_before_it_planned_is_gone_on_with(scene: Scene) -> None:
    broker = await scene.link()
    await scene.runs.begin_run(a_run(status=RunStatus.OPEN))
    scene.put(an_order())
    await scene.runs.close_run(a_run(), "squared off by me: enough")
    scene.clock.move_to(at("10:00:30"))
    for _ in range(2):
        assert await scene.reconciler.reconcile() == {"in_flight": 0, "left": 0}
    (resume,) = scene.workflows.started.values()
    assert (resume["tick"], resume["resume"]) == ("2026-11-23T10:00+05:30", ["spread-20261123"])
    again = await scene.preparer.resume(USER, Tick.parse(resume["tick"]), resume["resume"])
    assert await scene.placer.place(USER, "zerodha-one", Tick.parse(resume["tick"]), again.intent_ids["zerodha-one"])
    assert [sent.order.side for sent in broker.sent] == [Side.SELL]


async def test_an_open_run_that_nobody_squared_off_is_left_alone(scene: Scene) -> None:
    await scene.link()
    await scene.runs.begin_run(a_run(status=RunStatus.OPEN))
    scene.put(an_order())
    scene.clock.move_to(at("10:00:30"))
    await scene.reconciler.reconcile()
    assert scene.workflows.started == {}


async def test_nothing_in_flight_asks_nobody(scene: Scene) -> None:
    broker = await scene.link()
    scene.put(an_order())
    scene.clock.move_to(at("12:00"))
    assert await scene.reconciler.reconcile() == {"in_flight": 0, "left": 0}
    assert broker.calls == []
