"""Squaring runs off: what rests is cancelled, what is held is closed once, and one dead account stops nobody."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from lambdas.domain.contracts import Side
from lambdas.domain.intents import FINAL, Intent, IntentStatus, Order, OrderState, Phase
from lambdas.domain.mending import MOST_EXITS
from lambdas.domain.moments import Tick
from lambdas.domain.order_rules import Policies
from lambdas.domain.runs import RunStatus, Verdict, positions_of
from lambdas.ports.broker import BrokerUnreachable
from lambdas.use_cases.close_runs import RunCloser
from lambdas.use_cases.prepare_runs import Prepared
from tests.doubles.broker import FakeBroker
from tests.doubles.examples import (
    EXIT_TICK,
    FREEZE,
    TICK,
    TIMING,
    USER,
    a_contract,
    a_run,
    a_strategy,
    an_account,
    an_intent,
    an_order,
    at,
)
from tests.doubles.reactions import Reaction
from tests.doubles.runs import MemoryRuns
from tests.unit.use_cases.scene import Scene, exits

pytestmark = pytest.mark.anyio
RUN = "spread-20261123"
NOW = Tick(at("10:00"))
WHY = "squared off by me: enough"
HEDGE, SHORT = "NIFTY24700CE", "NIFTY24500CE"
RETRY = Policies(on_refusal="retry_then_square_off")


def hedge(**changes: Any) -> Intent:
    return an_intent(**{"leg": 2, "contract": a_contract(24700), **changes})


def short(**changes: Any) -> Intent:
    return an_intent(**{"side": Side.SELL, **changes})


async def two_accounts(scene: Scene) -> tuple[FakeBroker, FakeBroker]:
    await scene.strategies.save(a_strategy())
    return await scene.link(), await scene.link(an_account("angel-one", broker="angel_one"))


async def entered(scene: Scene, *intents: Intent, policies: Policies | None = None) -> None:
    """A run whose orders were sent at its tick; now it is 10:00."""
    await scene.runs.begin_run(a_run(status=RunStatus.ENTERING, policies=policies or Policies()))
    ids = await scene.plan(*intents)
    for account_id in sorted({intent.account_id for intent in intents}):
        mine = [intent_id for intent_id in ids if f".{account_id}." in intent_id]
        await scene.placer.place(USER, account_id, TICK, mine)
    scene.clock.move_to(max(scene.clock.now(), at("10:00:05")))


async def closed(scene: Scene, run_ids: Sequence[str] = (RUN,), why: str = WHY, **changes: Any) -> Prepared:
    closer = RunCloser(scene.runs, scene.confirmer, scene.clock, TIMING, FREEZE, **changes)
    return await closer.close(USER, NOW, run_ids, why)


async def work_off(scene: Scene, prepared: Prepared) -> None:
    """What the workflow does with what was planned, until nothing more is to be sent."""
    accounts = prepared.intent_ids
    for _ in range(20):
        for account_id, intent_ids in accounts.items():
            await scene.placer.place(USER, account_id, NOW, intent_ids)
            await scene.confirmer.confirm_tick(USER, account_id, NOW, prepared.run_ids)
        accounts = (await scene.settler.settle(USER, NOW, prepared.run_ids)).again
        if not accounts:
            return
    raise AssertionError("it does not end")


async def net(scene: Scene) -> set[int]:
    """What the brokers' books say is open."""
    day = await scene.runs.day(USER, TICK.date)
    in_ledger = {position.net for position in positions_of(day.orders)}
    at_brokers: dict[tuple[str, str], int] = {}
    for (_, account_id), broker in scene.brokers.accounts.items():
        for row in await broker.orders():
            signed = row.filled_quantity * (1 if row.side is Side.BUY else -1)
            at_brokers[account_id, row.symbol] = at_brokers.get((account_id, row.symbol), 0) + signed
    assert {*in_ledger, 0} == {*at_brokers.values(), 0}, "the ledger and the books differ"
    return in_ledger - {0}


class TestClosing:
    async def test_a_run_over_two_accounts_is_flat_and_says_who_and_why(self, scene: Scene) -> None:
        brokers = await two_accounts(scene)
        ours = [maker(account_id=name) for name in ("zerodha-one", "angel-one") for maker in (hedge, short)]
        await entered(scene, *ours)
        prepared = await closed(scene)
        run = await scene.run(a_strategy())
        assert (run.status, run.reason) == (RunStatus.EXITING, f"{WHY}; 4 closing orders planned")
        assert {name: len(ids) for name, ids in prepared.intent_ids.items()} == {"zerodha-one": 2, "angel-one": 2}
        await work_off(scene, prepared)
        assert await net(scene) == set()
        run = await scene.run(a_strategy())
        assert (run.status, run.reason) == (RunStatus.FLAT, f"{WHY}; every position is closed")
        assert scene.events.names == ["RunFlat"]
        for broker in brokers:
            assert broker.sent_symbols == [HEDGE, SHORT, SHORT, HEDGE]

    async def test_it_is_sent_at_once_and_as_long_as_any_order(self, scene: Scene) -> None:
        await two_accounts(scene)
        await entered(scene, hedge())
        await closed(scene)
        (exit_,) = [o.intent for o in (await scene.runs.day(USER, TICK.date)).orders if o.intent.phase is Phase.EXIT]
        assert (exit_.at_once, exit_.intended_at, exit_.not_after) == (True, NOW, at("10:00:25"))

    @pytest.mark.parametrize("scope", ["PLATFORM", f"USER#{USER}", f"ACCOUNT#{USER}#zerodha-one"])
    async def test_exits_go_under_a_halt(self, scene: Scene, scope: str) -> None:
        await two_accounts(scene)
        await entered(scene, hedge(), short())
        await scene.controls.halt(scope, "stop", "operator")
        await work_off(scene, await closed(scene))
        assert await net(scene) == set()

    async def test_what_rests_is_cancelled_and_its_partial_fill_closed(self, scene: Scene) -> None:
        broker, _ = await two_accounts(scene)
        broker.reactions[HEDGE] = Reaction.PARTLY
        await entered(scene, hedge())
        broker.reactions.clear()
        prepared = await closed(scene)
        assert broker.cancelled == ["zerodha-one-1"]
        await work_off(scene, prepared)
        assert [sent.order.quantity for sent in broker.sent] == [130, 65]
        assert await net(scene) == set()

    async def test_a_run_that_holds_nothing_after_cancelling_is_over(self, scene: Scene) -> None:
        broker, _ = await two_accounts(scene)
        broker.reactions[HEDGE] = Reaction.REST
        await entered(scene, hedge(), policies=RETRY)
        await work_off(scene, await closed(scene))
        run = await scene.run(a_strategy())
        assert run.status is RunStatus.REFUSED
        assert run.reason.startswith(f"{WHY}; nothing was entered: ")
        assert len(broker.sent) == 1

    async def test_entries_that_nobody_claimed_never_go(self, scene: Scene) -> None:
        broker, _ = await two_accounts(scene)
        await scene.runs.begin_run(a_run(status=RunStatus.ENTERING, policies=RETRY))
        ids = await scene.plan(hedge(), short())
        await work_off(scene, await closed(scene))
        assert await scene.placer.place(USER, "zerodha-one", TICK, ids) == 0
        states = (await scene.states()).values()
        assert {(state.status, state.reason) for state in states} == {(IntentStatus.WITHHELD, f"not sent: {WHY}")}
        assert broker.sent == []
        assert (await scene.run(a_strategy())).status is RunStatus.REFUSED

    async def test_an_order_in_a_workers_hand_is_not_taken_from_it(self, scene: Scene) -> None:
        """Else what the worker learns of it could not be recorded any more."""
        await two_accounts(scene)
        await scene.runs.begin_run(a_run(status=RunStatus.ENTERING))
        await scene.plan(hedge())
        await scene.runs.claim(USER, TICK.date, hedge().intent_id)
        await closed(scene)
        assert (await scene.state(hedge())).status is IntentStatus.SENDING

    async def test_a_run_that_is_being_prepared_plans_nothing_any_more(self, scene: Scene) -> None:
        await scene.runs.begin_run(a_run())
        await work_off(scene, await closed(scene))
        run = await scene.run(a_strategy())
        assert (run.status, run.reason) == (RunStatus.REFUSED, f"{WHY}; nothing was entered")
        assert scene.events.names == ["RunRefused"]
        assert not await scene.runs.plan([hedge()], moving=(a_run(), Verdict(RunStatus.ENTERING, "planned")))

    @pytest.mark.parametrize("status", [RunStatus.FLAT, RunStatus.REFUSED, RunStatus.MISSED])
    async def test_a_closed_run_is_left_as_it_is(self, scene: Scene, status: RunStatus) -> None:
        await scene.runs.begin_run(a_run(status=status, reason="over"))
        assert await closed(scene) == Prepared((), {})
        assert (await scene.run(a_strategy())).reason == "over"

    async def test_an_unknown_run_is_passed_over(self, scene: Scene) -> None:
        await two_accounts(scene)
        await entered(scene, hedge())
        assert (await closed(scene, ["never-made", RUN])).run_ids == (RUN,)

    async def test_a_run_that_cannot_be_closed_says_so_and_spoils_no_other(self, scene: Scene) -> None:
        await two_accounts(scene)
        await entered(scene, hedge())
        await scene.runs.begin_run(a_run("odd-20261123", strategy_id="odd", status=RunStatus.OPEN))
        scene.put(an_order(run_id="odd-20261123", contract=a_contract(underlying="SENSEX")))
        prepared = await closed(scene, ["odd-20261123", RUN])
        odd = await scene.runs.run(USER, TICK.date, "odd-20261123")
        assert odd is not None
        assert odd.status is RunStatus.INCOMPLETE
        assert "it cannot be closed: no freeze quantity is known for SENSEX" in odd.reason
        assert len(prepared.intent_ids["zerodha-one"]) == 1

    async def test_it_closes_also_what_was_given_up_after_many_attempts(self, scene: Scene) -> None:
        broker, _ = await two_accounts(scene)
        await entered(scene, hedge())
        for attempt in range(1, MOST_EXITS + 1):
            scene.put(an_order(IntentStatus.REFUSED, **_exit_of(hedge(), attempt)))
        await work_off(scene, await closed(scene))
        assert broker.sent[-1].order.tag == an_intent(**_exit_of(hedge(), MOST_EXITS + 1)).tag
        assert await net(scene) == set()


def _exit_of(intent: Intent, attempt: int) -> dict[str, Any]:
    side = Side.BUY if intent.side is Side.SELL else Side.SELL
    same = {"leg": intent.leg, "contract": intent.contract, "account_id": intent.account_id}
    return {**same, "phase": Phase.EXIT, "side": side, "attempt": attempt, "intended_at": EXIT_TICK}


class TestTwice:
    async def test_a_repetition_plans_nothing_more(self, scene: Scene) -> None:
        broker, _ = await two_accounts(scene)
        await entered(scene, hedge(), short())
        first = await closed(scene)
        assert await closed(scene) == first
        await work_off(scene, first)
        assert await closed(scene) == Prepared((), {})
        assert len(broker.sent) == 4

    async def test_two_at_the_same_time_close_once(self, scene: Scene) -> None:
        broker, _ = await two_accounts(scene)
        await entered(scene, hedge(), short())
        both = await asyncio.gather(closed(scene), closed(scene, why="squared off by another: me too"))
        for prepared in both:
            await work_off(scene, prepared)
        assert len(broker.sent) == 4
        assert await net(scene) == set()

    async def test_an_exit_under_way_is_left_to_finish(self, scene: Scene) -> None:
        broker, _ = await two_accounts(scene)
        await entered(scene, hedge())
        broker.reactions[HEDGE] = Reaction.REST
        first = await closed(scene)
        await scene.placer.place(USER, "zerodha-one", NOW, first.intent_ids["zerodha-one"])
        assert await closed(scene) == Prepared((RUN,), {})
        assert broker.cancelled == []

    async def test_an_exit_that_nobody_follows_any_more_is_cancelled_and_made_anew(self, scene: Scene) -> None:
        broker, _ = await two_accounts(scene)
        await entered(scene, hedge())
        broker.reactions[HEDGE] = Reaction.REST
        first = await closed(scene)
        await scene.placer.place(USER, "zerodha-one", NOW, first.intent_ids["zerodha-one"])
        broker.reactions.clear()
        scene.clock.move_to(at("10:01"))
        await work_off(scene, await closed(scene))
        assert broker.cancelled == ["zerodha-one-2"]
        assert await net(scene) == set()

    async def test_an_exit_that_nobody_sent_in_time_is_made_anew(self, scene: Scene) -> None:
        await two_accounts(scene)
        await entered(scene, hedge())
        await closed(scene)
        scene.clock.move_to(at("10:01"))
        await work_off(scene, await closed(scene))
        assert await net(scene) == set()
        ended = [s.status for s in (await scene.states()).values() if s.status is not IntentStatus.FILLED]
        assert ended == [IntentStatus.MISSED]

    async def test_the_exit_of_its_minute_and_the_square_off_close_once(self, scene: Scene) -> None:
        broker, _ = await two_accounts(scene)
        await entered(scene, hedge())
        scheduled = await scene.preparer.prepare(USER, NOW, exits([a_strategy()]))
        squared = await closed(scene)
        for account_id, ids in scheduled.intent_ids.items():
            await scene.placer.place(USER, account_id, NOW, ids)
        await work_off(scene, squared)
        assert len(broker.sent) == 2
        assert await net(scene) == set()


class TestTrouble:
    async def test_one_dead_account_does_not_stop_the_other_and_is_named(self, scene: Scene) -> None:
        dead, _ = await two_accounts(scene)
        dead.reactions[HEDGE] = Reaction.REST
        await entered(scene, hedge(), hedge(account_id="angel-one"))
        dead.trouble = BrokerUnreachable("connection refused")
        prepared = await closed(scene)
        assert list(prepared.intent_ids) == ["angel-one"]
        assert (await scene.run(a_strategy())).reason == (
            f"{WHY}; 1 closing orders planned; 1 orders at zerodha-one have no end yet"
        )

    async def test_an_account_that_cannot_be_opened_is_named(self, scene: Scene) -> None:
        broker, _ = await two_accounts(scene)
        broker.reactions[HEDGE] = Reaction.REST
        await entered(scene, hedge(), hedge(account_id="angel-one"))
        del scene.brokers.accounts[USER, "zerodha-one"]
        assert list((await closed(scene)).intent_ids) == ["angel-one"]
        assert "; zerodha-one: " in (await scene.run(a_strategy())).reason

    async def test_an_account_that_never_answers_is_not_waited_for(self, scene: Scene) -> None:
        class Silent(FakeBroker):
            async def orders(self) -> Any:
                await asyncio.Event().wait()

        broker, _ = await two_accounts(scene)
        broker.reactions[HEDGE] = Reaction.REST
        await entered(scene, hedge(), hedge(account_id="angel-one"))
        scene.brokers.accounts[USER, "zerodha-one"] = Silent(scene.clock)
        prepared = await closed(scene, patience=timedelta(seconds=0.2))
        assert list(prepared.intent_ids) == ["angel-one"]
        assert "zerodha-one did not answer within 0.2 s" in (await scene.run(a_strategy())).reason

    @pytest.mark.parametrize("others", [True, False])
    async def test_an_order_of_unknown_fate_is_closed_once_it_is_known(self, scene: Scene, others: bool) -> None:
        """What is known is closed now, the rest by the reconciler; also when nothing else was held."""
        broker, _ = await two_accounts(scene)
        broker.reactions[HEDGE] = Reaction.LOSE_REPLY
        ours = [hedge(), *([hedge(account_id="angel-one", leg=3, contract=a_contract(24800))] if others else [])]
        await entered(scene, *ours, policies=RETRY)
        broker.trouble = BrokerUnreachable("connection refused")
        await work_off(scene, await closed(scene))
        run = await scene.run(a_strategy())
        assert run.status is RunStatus.UNRESOLVED
        assert run.reason.startswith(f"{WHY}; leg 2 (BUY {HEDGE} at zerodha-one) is unknown")
        broker.trouble = None
        broker.reactions.clear()
        scene.clock.move_to(at("10:02"))
        await scene.reconciler.reconcile()
        (resume,) = scene.workflows.started.values()
        tick = Tick.parse(resume["tick"])
        again = await scene.preparer.resume(USER, tick, resume["resume"])
        for account_id, ids in again.intent_ids.items():
            await scene.placer.place(USER, account_id, tick, ids)
            await scene.confirmer.confirm_tick(USER, account_id, tick, [RUN])
        await scene.settler.settle(USER, tick, [RUN])
        assert await net(scene) == set()
        assert (await scene.run(a_strategy())).status is RunStatus.FLAT

    async def test_nothing_is_entered_again_however_the_run_would_be_mended(self, scene: Scene) -> None:
        broker, _ = await two_accounts(scene)
        await entered(scene, hedge(), policies=RETRY)
        scene.put(an_order(IntentStatus.CANCELLED, leg=3, contract=a_contract(24800)))
        await work_off(scene, await closed(scene))
        assert broker.sent_symbols == [HEDGE, HEDGE]
        assert {state.status in FINAL for state in (await scene.states()).values()} == {True}
        assert (await scene.run(a_strategy())).status is RunStatus.FLAT

    async def test_withholding_loses_to_a_worker_that_claims_first(self, scene: Scene) -> None:
        class ClaimedMeanwhile(MemoryRuns):
            async def orders_of_run(self, user_id: str, day: date, run_id: str) -> Sequence[Order]:
                read = await super().orders_of_run(user_id, day, run_id)
                await super().claim(user_id, day, hedge().intent_id)
                return read

        scene.runs = ClaimedMeanwhile()
        await two_accounts(scene)
        await scene.runs.begin_run(a_run(status=RunStatus.ENTERING))
        await scene.plan(hedge())
        await closed(scene)
        assert (await scene.state(hedge())).status is IntentStatus.SENDING
        assert await scene.runs.record(hedge(), OrderState(IntentStatus.ACCEPTED, broker_order_id="1"))
