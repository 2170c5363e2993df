"""What fails is mended by the same workers: placed, confirmed and settled until the run is filled, flat or told."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from lambdas.domain.contracts import Side
from lambdas.domain.intents import Intent, IntentStatus, Phase
from lambdas.domain.mending import MOST_EXITS
from lambdas.domain.moments import Tick
from lambdas.domain.order_rules import Policies
from lambdas.domain.refusals import Refusal
from lambdas.domain.risk_limits import LimitsOf, RiskLimits
from lambdas.domain.runs import Run, RunStatus, Verdict
from tests.doubles.examples import (
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
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
T = TICK.instant
RUN = "spread-20261123"
HEDGE, SHORT = "NIFTY24700CE", "NIFTY24500CE"
RETRY = Policies(on_refusal="retry_then_square_off")
KEEP = Policies(on_refusal="keep", on_partial_fill="keep", on_broker_failure="keep")


def hedge(**changes: Any) -> Intent:
    return an_intent(**{"leg": 2, "contract": a_contract(24700), **changes})


def short(**changes: Any) -> Intent:
    return an_intent(**{"side": Side.SELL, **changes})


async def entered(scene: Scene, policies: Policies, *intents: Intent) -> Mapping[str, Sequence[str]]:
    """A run whose orders are planned; what its accounts have to send."""
    await scene.strategies.save(a_strategy())
    await scene.runs.begin_run(a_run(status=RunStatus.ENTERING, policies=policies))
    await scene.plan(*intents)
    accounts = {intent.account_id for intent in intents}
    return {name: [intent.intent_id for intent in intents if intent.account_id == name] for name in sorted(accounts)}


async def work_off(scene: Scene, accounts: Mapping[str, Sequence[str]], tick: Tick = TICK) -> int:
    """What the workflow does: place, confirm and settle, and again for what mends; how many rounds it took."""
    for number in range(1, 20):
        for account_id, intent_ids in accounts.items():
            await scene.placer.place(USER, account_id, tick, intent_ids)
            await scene.confirmer.confirm_tick(USER, account_id, tick, [RUN])
        accounts = (await scene.settler.settle(USER, tick, [RUN])).again
        if not accounts:
            return number
    raise AssertionError("it does not end")


async def net(scene: Scene) -> dict[tuple[str, str], int]:
    """What the brokers' books say is open, by account and symbol."""
    found: dict[tuple[str, str], int] = {}
    for (_, account_id), broker in scene.brokers.accounts.items():
        for order in await broker.orders():
            signed = order.filled_quantity * (1 if order.side is Side.BUY else -1)
            found[account_id, order.symbol] = found.get((account_id, order.symbol), 0) + signed
    return {place: quantity for place, quantity in found.items() if quantity}


async def test_a_run_that_fills_takes_one_round(scene: Scene) -> None:
    await scene.link()
    assert await work_off(scene, await entered(scene, Policies(), hedge(), short())) == 1
    assert (await scene.run(a_strategy())).status is RunStatus.OPEN


async def test_a_refused_short_closes_its_hedge_at_once(scene: Scene) -> None:
    broker = await scene.link()
    broker.reactions[SHORT] = Reaction.REFUSE
    assert await work_off(scene, await entered(scene, Policies(), hedge(), short())) == 2
    assert await net(scene) == {}
    assert broker.sent_symbols == [HEDGE, SHORT, HEDGE]
    run = await scene.run(a_strategy())
    assert run.status is RunStatus.FLAT
    assert run.reason.startswith("every position is closed; it was entered in part: leg 1 (SELL NIFTY24500CE")
    assert scene.events.names == ["RunMending", "OrderRefused", "RunFlat"]


async def test_keeping_leaves_it_open_aloud(scene: Scene) -> None:
    broker = await scene.link()
    broker.reactions[SHORT] = Reaction.REFUSE
    assert await work_off(scene, await entered(scene, KEEP, hedge(), short())) == 1
    assert (await scene.run(a_strategy())).status is RunStatus.INCOMPLETE
    assert scene.events.names == ["RunIncomplete", "OrderRefused"]


async def test_a_leg_that_failed_in_one_account_closes_the_run_in_all(scene: Scene) -> None:
    await scene.link()
    other = await scene.link(an_account("angel-one", broker="angel_one"))
    other.reactions[HEDGE] = Reaction.REFUSE
    accounts = await entered(
        scene, Policies(), hedge(), short(), hedge(account_id="angel-one"), short(account_id="angel-one")
    )
    await work_off(scene, accounts)
    assert await net(scene) == {}
    assert (await scene.run(a_strategy())).status is RunStatus.FLAT


async def test_a_refusal_that_passes_is_survived(scene: Scene) -> None:
    broker = await scene.link()
    broker.reactions[HEDGE], broker.refusals[HEDGE] = Reaction.REFUSE, Refusal.PRICE_BAND
    accounts = await entered(scene, RETRY, hedge(), short())
    await scene.placer.place(USER, "zerodha-one", TICK, accounts["zerodha-one"])
    settled = await scene.settler.settle(USER, TICK, [RUN])
    broker.reactions.clear()
    await work_off(scene, settled.again)
    assert (await scene.run(a_strategy())).status is RunStatus.OPEN
    assert broker.sent_symbols == [HEDGE, HEDGE, SHORT]
    assert await net(scene) == {("zerodha-one", HEDGE): 130, ("zerodha-one", SHORT): -130}


async def test_a_second_refusal_is_not(scene: Scene) -> None:
    broker = await scene.link()
    broker.reactions[SHORT], broker.refusals[SHORT] = Reaction.REFUSE, Refusal.PRICE_BAND
    await work_off(scene, await entered(scene, RETRY, hedge(), short()))
    assert await net(scene) == {}
    assert broker.sent_symbols == [HEDGE, SHORT, SHORT, HEDGE]


async def test_the_rest_of_a_partial_fill_is_ordered_again(scene: Scene) -> None:
    broker = await scene.link()
    broker.reactions[HEDGE] = Reaction.PARTLY
    accounts = await entered(scene, Policies(), hedge())
    await scene.placer.place(USER, "zerodha-one", TICK, accounts["zerodha-one"])
    await scene.confirmer.confirm_tick(USER, "zerodha-one", TICK, [RUN])
    broker.reactions.clear()
    await work_off(scene, (await scene.settler.settle(USER, TICK, [RUN])).again)
    assert (await scene.run(a_strategy())).status is RunStatus.OPEN
    assert [sent.order.quantity for sent in broker.sent] == [130, 65]


async def test_an_exit_that_fails_is_tried_until_it_is_flat(scene: Scene) -> None:
    broker = await scene.link()
    await work_off(scene, await entered(scene, Policies(), hedge()))
    leave = hedge(phase=Phase.EXIT, side=Side.SELL)
    broker.reactions[HEDGE] = Reaction.REFUSE
    ids = await scene.plan(leave)
    await scene.placer.place(USER, "zerodha-one", TICK, ids)
    settled = await scene.settler.settle(USER, TICK, [RUN])
    broker.reactions.clear()
    await work_off(scene, settled.again)
    assert await net(scene) == {}
    assert (await scene.run(a_strategy())).status is RunStatus.FLAT


async def test_an_exit_that_never_works_ends_aloud(scene: Scene) -> None:
    broker = await scene.link()
    await work_off(scene, await entered(scene, Policies(), hedge()))
    broker.reactions[HEDGE] = Reaction.REFUSE
    ids = await scene.plan(hedge(phase=Phase.EXIT, side=Side.SELL))
    await work_off(scene, {"zerodha-one": ids})
    run = await scene.run(a_strategy())
    assert run.status is RunStatus.INCOMPLETE
    assert run.reason.startswith("still open after the exit: +130 NIFTY24700CE")
    assert len(broker.sent) == 1 + MOST_EXITS
    mending = ["RunMending", "OrderRefused"] * (MOST_EXITS - 1)
    assert scene.events.names == ["RunEntered", *mending, "RunIncomplete", "OrderRefused"]


async def test_settling_twice_mends_once(scene: Scene) -> None:
    broker = await scene.link()
    broker.reactions[SHORT] = Reaction.REFUSE
    accounts = await entered(scene, Policies(), hedge(), short())
    await scene.placer.place(USER, "zerodha-one", TICK, accounts["zerodha-one"])
    first = await scene.settler.settle(USER, TICK, [RUN])
    again = await scene.settler.settle(USER, TICK, [RUN])
    assert first.again == again.again
    await work_off(scene, first.again)
    await work_off(scene, again.again)
    assert broker.sent_symbols == [HEDGE, SHORT, HEDGE]


async def test_what_mends_is_sent_without_waiting_for_a_minute_and_has_no_offset(scene: Scene) -> None:
    broker = await scene.link()
    broker.reactions[SHORT] = Reaction.REFUSE
    await work_off(scene, await entered(scene, Policies(), hedge(), short()))
    (mending,) = [order for order in (await scene.runs.day(USER, TICK.date)).orders if order.intent.at_once]
    assert mending.offset_ms is None
    assert mending.state.sent_at is not None
    assert mending.state.sent_at < T + timedelta(seconds=5)


async def test_what_mends_too_late_is_left_to_the_reconciler(scene: Scene) -> None:
    broker = await scene.link()
    broker.reactions[SHORT] = Reaction.REFUSE
    accounts = await entered(scene, Policies(), hedge(), short())
    await scene.placer.place(USER, "zerodha-one", TICK, accounts["zerodha-one"])
    assert (await scene.settler.settle(USER, TICK, [RUN])).again
    scene.clock.move_to(scene.clock.now() + TIMING.not_after + timedelta(seconds=1))
    assert (await scene.settler.settle(USER, TICK, [RUN])).again == {}


async def test_the_reconciler_mends_what_a_crash_left_and_starts_it_once(scene: Scene) -> None:
    broker = await scene.link()
    broker.reactions[SHORT] = Reaction.LOSE_ORDER
    accounts = await entered(scene, Policies(), hedge(), short())
    await scene.placer.place(USER, "zerodha-one", TICK, accounts["zerodha-one"])
    scene.clock.move_to(T + timedelta(minutes=3))
    await scene.reconciler.reconcile()
    ((name, payload),) = scene.workflows.started.items()
    assert name.startswith("mend-")
    assert payload == {"user_id": USER, "tick": str(TICK), "resume": [RUN]}
    assert len(name) <= 80
    prepared = await scene.preparer.resume(USER, TICK, [RUN])
    assert prepared.run_ids == (RUN,)
    await work_off(scene, prepared.intent_ids)
    assert await net(scene) == {}
    assert (await scene.run(a_strategy())).status is RunStatus.FLAT
    await scene.reconciler.reconcile()
    assert len(scene.workflows.started) == 1


async def test_a_run_that_waits_for_an_unknown_order_closes_the_rest_and_it_too_once_it_is_known(
    scene: Scene,
) -> None:
    broker = await scene.link()
    broker.reactions[SHORT] = Reaction.LOSE_REPLY
    other = await scene.link(an_account("angel-one", broker="angel_one"))
    accounts = await entered(scene, Policies(), hedge(account_id="angel-one"), short())
    for account_id, ids in accounts.items():
        await scene.placer.place(USER, account_id, TICK, ids)
    await scene.confirmer.confirm_tick(USER, "angel-one", TICK, [RUN])
    settled = await scene.settler.settle(USER, TICK, [RUN])
    assert list(settled.again) == ["angel-one"]
    assert (await scene.run(a_strategy())).status is RunStatus.EXITING
    await scene.placer.place(USER, "angel-one", TICK, settled.again["angel-one"])
    await scene.confirmer.confirm_tick(USER, "angel-one", TICK, [RUN])
    assert other.sent_symbols == [HEDGE, HEDGE]
    broker.reactions.clear()
    scene.clock.move_to(T + timedelta(minutes=3))
    await scene.reconciler.reconcile()
    prepared = await scene.preparer.resume(USER, TICK, [RUN])
    await work_off(scene, prepared.intent_ids)
    assert await net(scene) == {}
    assert (await scene.run(a_strategy())).status is RunStatus.FLAT


async def test_a_position_that_cannot_be_closed_is_said_with_the_cause(scene: Scene) -> None:
    await scene.runs.begin_run(a_run())
    scene.put(an_order(), an_order(IntentStatus.REFUSED, leg=2, contract=a_contract(24700)))
    scene.freeze = {}
    await scene.settler.settle(USER, TICK, [RUN])
    run = await scene.run(a_strategy())
    assert run.status is RunStatus.INCOMPLETE
    assert "it cannot be closed: no freeze quantity is known for NIFTY" in run.reason


async def test_a_run_whose_exit_could_not_be_planned_is_closed_once_it_can_be(scene: Scene) -> None:
    broker = await scene.link()
    accounts = await entered(scene, KEEP, hedge(), short())
    await work_off(scene, accounts)
    scene.clock.move_to(at("15:17"))
    assert await scene.reconciler.reconcile() == {"in_flight": 0, "left": 0}
    run = await scene.run(a_strategy())
    assert run.status is RunStatus.EXITING
    assert "its exit was due at 15:15" in run.reason
    ((_, payload),) = scene.workflows.started.items()
    tick = Tick.parse(payload["tick"])
    prepared = await scene.preparer.resume(USER, tick, [RUN])
    await work_off(scene, prepared.intent_ids, tick)
    assert await net(scene) == {}
    assert broker.sent_symbols[2:] == [SHORT, HEDGE]
    assert (await scene.run(a_strategy())).status is RunStatus.FLAT


async def test_before_its_exit_a_run_is_left_alone(scene: Scene) -> None:
    await scene.link()
    await work_off(scene, await entered(scene, Policies(), hedge(), short()))
    scene.clock.move_to(at("15:14"))
    await scene.reconciler.reconcile()
    assert (await scene.run(a_strategy())).status is RunStatus.OPEN
    assert scene.workflows.started == {}


async def test_what_is_open_after_the_close_is_told_and_nothing_is_sent(scene: Scene) -> None:
    broker = await scene.link()
    await work_off(scene, await entered(scene, Policies(), hedge(), short()))
    scene.clock.move_to(at("16:00"))
    await scene.reconciler.reconcile()
    run = await scene.run(a_strategy())
    assert run.status is RunStatus.INCOMPLETE
    assert run.reason.startswith(
        "its exit was due at 15:15; every order is filled; nothing more can be sent: the market"
    )
    assert scene.workflows.started == {}
    assert scene.events.names[-1] == "RunIncomplete"
    assert len(broker.sent) == 2


async def test_what_mends_a_run_is_not_sent_after_the_close(scene: Scene) -> None:
    broker = await scene.link()
    closing = hedge(phase=Phase.EXIT, side=Side.SELL, at_once=True, not_after=at("15:41"))
    ids = await scene.plan(closing)
    scene.clock.move_to(at("15:40"))
    assert await scene.placer.place(USER, "zerodha-one", TICK, ids) == 0
    assert broker.sent == []
    assert (await scene.state(closing)).reason.startswith("not sent: the market is closed")


async def test_a_run_whose_last_order_ended_while_nobody_settled_it_is_mended(scene: Scene) -> None:
    broker = await scene.link()
    broker.reactions[SHORT] = Reaction.REFUSE
    accounts = await entered(scene, Policies(), hedge(), short())
    await scene.placer.place(USER, "zerodha-one", TICK, accounts["zerodha-one"])
    await scene.confirmer.confirm_tick(USER, "zerodha-one", TICK, [RUN])
    scene.clock.move_to(T + timedelta(minutes=3))
    await scene.reconciler.reconcile()
    assert (await scene.run(a_strategy())).status is RunStatus.EXITING
    assert len(scene.workflows.started) == 1


async def test_who_dies_after_telling_tells_again_and_never_not_at_all(scene: Scene) -> None:
    class DiesOnce(MemoryRuns):
        alive = False

        async def conclude(self, run: Run, verdict: Verdict) -> bool:
            if not self.alive:
                self.alive = True
                raise ConnectionError("the function ended")
            return await super().conclude(run, verdict)

    scene.runs = DiesOnce()
    await scene.runs.begin_run(a_run())
    scene.put(an_order())
    with pytest.raises(ConnectionError):
        await scene.settler.settle(USER, TICK, [RUN])
    await scene.settler.settle(USER, TICK, [RUN])
    assert scene.events.names == ["RunEntered", "RunEntered"]


async def test_an_order_that_is_tried_again_counts_as_one_more_of_the_day(scene: Scene) -> None:
    broker = await scene.link()
    broker.reactions[SHORT], broker.refusals[SHORT] = Reaction.REFUSE, Refusal.PRICE_BAND
    scene.limits.put(LimitsOf(user=RiskLimits(max_orders_per_day=2, max_loss_per_day=Decimal(1000))))
    assert await work_off(scene, await entered(scene, RETRY, hedge(), short())) == 3
    again = await scene.state(short(attempt=2))
    assert again.status is IntentStatus.WITHHELD
    assert again.reason == (
        "not sent: risk limit: user.max_orders_per_day: with 2 before it the day would have 3 orders, the limit is 2"
    )
    assert await net(scene) == {}
    assert (await scene.run(a_strategy())).status is RunStatus.FLAT


async def test_lots_of_an_order_that_was_refused_are_free_for_the_next_attempt(scene: Scene) -> None:
    broker = await scene.link()
    broker.reactions[HEDGE], broker.refusals[HEDGE] = Reaction.REFUSE, Refusal.PRICE_BAND
    scene.limits.put(LimitsOf(user=RiskLimits(max_lots_per_run=hedge().lots + short().lots)))
    accounts = await entered(scene, RETRY, hedge(), short())
    for account_id, ids in accounts.items():
        await scene.placer.place(USER, account_id, TICK, ids)
    broker.reactions.clear()
    await work_off(scene, (await scene.settler.settle(USER, TICK, [RUN])).again)
    assert (await scene.run(a_strategy())).status is RunStatus.OPEN


async def test_who_comes_second_leaves_the_run_to_the_first(scene: Scene) -> None:
    class PlannedMeanwhile(MemoryRuns):
        first: Sequence[Intent] = ()

        async def plan(self, intents: Sequence[Intent], *, moving: tuple[Run, Verdict] | None = None) -> bool:
            if self.first:
                await super().plan(self.first)
            return await super().plan(intents, moving=moving)

    runs = scene.runs = PlannedMeanwhile()
    broker = await scene.link()
    broker.reactions[SHORT] = Reaction.REFUSE
    accounts = await entered(scene, Policies(), hedge(), short())
    await scene.placer.place(USER, "zerodha-one", TICK, accounts["zerodha-one"])
    runs.first = [hedge(phase=Phase.EXIT, side=Side.SELL, not_after=T + timedelta(minutes=1))]
    before = await scene.run(a_strategy())
    settled = await scene.settler.settle(USER, TICK, [RUN])
    assert settled.statuses == {RUN: before.status}
    assert await scene.run(a_strategy()) == before
    assert scene.events.names == []
