"""An order that the broker's book does not show is asked for by its tag before it counts as never arrived."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from lambdas.domain.intents import IntentStatus
from lambdas.ports.broker import BrokerError, BrokerOrder, BrokerUnreachable, SessionOver
from lambdas.use_cases.confirm_orders import MOST_TAGS_A_LOOK
from tests.doubles.broker import FakeBroker
from tests.doubles.examples import TICK, USER, a_run, a_strategy, an_account, an_intent, an_order, at
from tests.doubles.reactions import Reaction
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
T = TICK.instant
LONG_AFTER = T + timedelta(seconds=101)
SYMBOL = "NIFTY24500CE"


class ShortBook(FakeBroker):
    """A broker whose order book leaves every order out; `by_tag_trouble` is raised by the search for a tag, which
    takes `by_tag_after`."""

    by_tag_trouble: BrokerError | None = None
    by_tag_after = timedelta(0)

    async def orders(self) -> Sequence[BrokerOrder]:
        await super().orders()
        return []

    async def order_by_tag(self, tag: str) -> BrokerOrder | None:
        await self.clock.sleep(self.by_tag_after)
        found = await super().order_by_tag(tag)
        if self.by_tag_trouble:
            raise self.by_tag_trouble
        return found


async def short_book(scene: Scene) -> ShortBook:
    await scene.link(an_account(session_expires_at=at("06:00", "2026-11-26")))
    broker = ShortBook(scene.clock, client_id="zerodha-one")
    scene.brokers.accounts[USER, "zerodha-one"] = broker
    return broker


async def lost(scene: Scene, reaction: Reaction = Reaction.LOSE_REPLY) -> ShortBook:
    """One order was sent to such a broker, and its answer was lost."""
    broker = await short_book(scene)
    broker.reactions[SYMBOL] = reaction
    await scene.strategies.save(a_strategy())
    await scene.runs.begin_run(a_run())
    await scene.placer.place(USER, "zerodha-one", TICK, await scene.plan(an_intent()))
    scene.clock.move_to(LONG_AFTER)
    broker.calls.clear()
    return broker


async def test_an_order_that_the_book_leaves_out_is_found_by_its_tag(scene: Scene) -> None:
    broker = await lost(scene)
    assert await scene.reconciler.reconcile() == {"in_flight": 1, "left": 0}
    state = await scene.state(an_intent())
    assert (state.status, state.filled_quantity, state.broker_order_id) == (IntentStatus.FILLED, 130, "zerodha-one-1")
    assert broker.calls == ["orders", "order_by_tag"]


async def test_it_never_arrived_when_neither_the_book_nor_the_search_knows_it(scene: Scene) -> None:
    broker = await lost(scene, Reaction.LOSE_ORDER)
    assert await scene.reconciler.reconcile() == {"in_flight": 1, "left": 0}
    assert (await scene.state(an_intent())).status is IntentStatus.MISSED
    assert broker.calls == ["orders", "order_by_tag"]


async def test_a_search_without_an_answer_is_no_absence(scene: Scene) -> None:
    broker = await lost(scene, Reaction.LOSE_ORDER)
    broker.by_tag_trouble = BrokerUnreachable("connection refused")
    assert await scene.reconciler.reconcile() == {"in_flight": 1, "left": 1}
    assert (await scene.state(an_intent())).status is IntentStatus.UNKNOWN


async def test_a_session_that_ends_at_the_search_is_told_at_the_account(scene: Scene) -> None:
    broker = await lost(scene, Reaction.LOSE_ORDER)
    broker.by_tag_trouble = SessionOver("log in again")
    assert await scene.reconciler.reconcile() == {"in_flight": 1, "left": 1}
    account = await scene.accounts.account(USER, "zerodha-one")
    assert account is not None
    assert account.session_end_reason == "log in again"


async def test_an_answer_that_comes_after_midnight_is_of_another_day(scene: Scene) -> None:
    broker = await lost(scene, Reaction.LOSE_ORDER)
    scene.clock.move_to(at("23:59:58"))
    broker.by_tag_after = timedelta(seconds=3)
    await scene.reconciler.reconcile()
    assert (await scene.state(an_intent())).status is IntentStatus.UNKNOWN


async def test_what_the_book_shows_is_not_searched_for(scene: Scene) -> None:
    broker = await scene.link()
    broker.reactions[SYMBOL] = Reaction.LOSE_REPLY
    await scene.placer.place(USER, "zerodha-one", TICK, await scene.plan(an_intent()))
    await scene.confirmer.confirm_tick(USER, "zerodha-one", TICK, ["spread-20261123"])
    assert (await scene.state(an_intent())).status is IntentStatus.FILLED
    assert "order_by_tag" not in broker.calls


async def test_nothing_is_searched_for_before_the_book_has_settled(scene: Scene) -> None:
    broker = await short_book(scene)
    broker.reactions[SYMBOL] = Reaction.LOSE_ORDER
    await scene.placer.place(USER, "zerodha-one", TICK, await scene.plan(an_intent()))
    await scene.confirmer.confirm_tick(USER, "zerodha-one", TICK, ["spread-20261123"])
    assert broker.calls.count("order_by_tag") == 1
    assert broker.calls[-1] == "order_by_tag"
    assert scene.clock.now() == T + timedelta(seconds=10)


async def test_what_nobody_ever_sent_is_not_searched_for(scene: Scene) -> None:
    broker = await short_book(scene)
    await scene.runs.begin_run(a_run())
    scene.put(an_order(IntentStatus.PLANNED))
    scene.clock.move_to(LONG_AFTER)
    assert await scene.reconciler.reconcile() == {"in_flight": 1, "left": 0}
    assert broker.calls == ["orders"]


async def test_a_few_tags_are_searched_for_at_each_look_until_all_are_known(scene: Scene) -> None:
    broker = await short_book(scene)
    await scene.runs.begin_run(a_run())
    scene.put(*(an_order(IntentStatus.UNKNOWN, slice_number=number, sent_at=T) for number in range(1, 13)))
    scene.clock.move_to(LONG_AFTER)
    assert await scene.reconciler.reconcile() == {"in_flight": 12, "left": 0}
    assert broker.calls.count("order_by_tag") == 12
    looks = "".join("o" if call == "orders" else "t" for call in broker.calls).split("o")[1:]
    assert [len(look) for look in looks] == [MOST_TAGS_A_LOOK, MOST_TAGS_A_LOOK, 2]
