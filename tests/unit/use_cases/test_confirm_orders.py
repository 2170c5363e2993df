"""Orders are followed to their end by their tags, and none is sent here."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from lambdas.domain.contracts import Side
from lambdas.domain.intents import Intent, IntentStatus, Order, OrderState
from lambdas.domain.refusals import Refusal
from lambdas.ports.broker import BrokerGarbled, BrokerUnreachable, SessionOver
from tests.doubles.broker import FakeBroker
from tests.doubles.examples import TICK, TIMING, USER, a_contract, an_account, an_intent, an_order, at
from tests.doubles.reactions import Reaction
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
T = TICK.instant
SECOND = timedelta(seconds=1)
SYMBOL = "NIFTY24500CE"
DEADLINE = T + TIMING.confirm


async def placed(scene: Scene, reaction: Reaction = Reaction.FILL, *intents: Intent) -> FakeBroker:
    """Send these intents (one when none is named) at a broker that reacts so."""
    broker = await scene.link()
    broker.reactions[SYMBOL] = reaction
    ids = await scene.plan(*(intents or (an_intent(),)))
    await scene.placer.place(USER, "zerodha-one", TICK, ids)
    return broker


async def confirm(scene: Scene) -> int:
    return await scene.confirmer.confirm_tick(USER, "zerodha-one", TICK, ["spread-20261123"])


class TestFollowing:
    async def test_a_fill_is_recorded_with_its_price_and_instants(self, scene: Scene) -> None:
        await placed(scene)
        assert await confirm(scene) == 0
        state = await scene.state(an_intent())
        assert (state.status, state.filled_quantity, state.average_price) == (
            IntentStatus.FILLED,
            130,
            Decimal("104.10"),
        )
        assert (state.sent_at, state.exchange_at, state.broker_order_id) == (T, T, "zerodha-one-1")

    async def test_it_looks_again_until_the_fill_shows(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.fill_after = timedelta(seconds=4.5)
        await scene.placer.place(USER, "zerodha-one", TICK, await scene.plan(an_intent()))
        assert await confirm(scene) == 0
        assert scene.clock.now() == T + 5 * SECOND
        assert broker.cancelled == []

    async def test_books_are_read_no_more_than_once_a_second(self, scene: Scene) -> None:
        broker = await placed(scene, Reaction.REST)
        await confirm(scene)
        seconds = (scene.clock.now() - T).total_seconds()
        assert broker.calls.count("orders") <= seconds + 2

    async def test_what_the_exchange_refused_is_recorded_with_its_reason(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.reactions[SYMBOL], broker.refusals[SYMBOL] = Reaction.KILL_AT_EXCHANGE, Refusal.PRICE_BAND
        await scene.placer.place(USER, "zerodha-one", TICK, await scene.plan(an_intent()))
        assert (await scene.state(an_intent())).refusal is None
        assert await confirm(scene) == 0
        state = await scene.state(an_intent())
        assert (state.status, state.reason) == (IntentStatus.REFUSED, "the exchange refused it")
        assert state.refusal is Refusal.PRICE_BAND

    async def test_nothing_that_is_final_is_asked_about(self, scene: Scene) -> None:
        broker = await scene.link()
        scene.put(an_order())
        assert await confirm(scene) == 0
        assert broker.calls == []

    async def test_only_this_accounts_orders_of_this_tick_are_followed(self, scene: Scene) -> None:
        broker = await scene.link()
        scene.put(
            an_order(IntentStatus.UNKNOWN, account_id="angel-one"),
            an_order(IntentStatus.UNKNOWN, run_id="other-20261123"),
        )
        assert await confirm(scene) == 0
        assert broker.calls == []

    async def test_confirming_sends_nothing(self, scene: Scene) -> None:
        broker = await placed(scene, Reaction.LOSE_ORDER)
        await confirm(scene)
        assert len(broker.sent) == 1

    async def test_connections_are_closed(self, scene: Scene) -> None:
        broker = await placed(scene)
        closed = broker.closed
        await confirm(scene)
        assert broker.closed == closed + 1


class TestUnknown:
    async def test_an_order_whose_answer_was_lost_is_found_by_its_tag(self, scene: Scene) -> None:
        await placed(scene, Reaction.LOSE_REPLY)
        assert (await scene.state(an_intent())).status is IntentStatus.UNKNOWN
        assert await confirm(scene) == 0
        state = await scene.state(an_intent())
        assert (state.status, state.filled_quantity, state.broker_order_id) == (
            IntentStatus.FILLED,
            130,
            "zerodha-one-1",
        )

    async def test_an_order_that_never_arrived_is_missed_once_the_book_has_settled(self, scene: Scene) -> None:
        await placed(scene, Reaction.LOSE_ORDER)
        assert await confirm(scene) == 0
        assert scene.clock.now() == T + 10 * SECOND
        state = await scene.state(an_intent())
        assert state.status is IntentStatus.MISSED
        assert f"no order with its tag {an_intent().tag}: it never arrived" in state.reason

    async def test_an_order_of_another_tag_is_not_taken_for_it(self, scene: Scene) -> None:
        await placed(scene, Reaction.LOSE_ORDER)
        broker = scene.brokers.accounts[USER, "zerodha-one"]
        broker.reactions[SYMBOL] = Reaction.FILL
        other = an_intent(run_id="other-20261123")
        await scene.placer.place(USER, "zerodha-one", TICK, await scene.plan(other))
        await confirm(scene)
        assert (await scene.state(an_intent())).status is IntentStatus.MISSED

    async def test_what_a_worker_claimed_and_left_is_found_once_it_cannot_be_sending_any_more(
        self, scene: Scene
    ) -> None:
        await placed(scene)
        scene.put(Order(an_intent(), OrderState(IntentStatus.SENDING)))
        assert await confirm(scene) == 1
        assert (await scene.state(an_intent())).status is IntentStatus.SENDING
        scene.clock.move_to(an_intent().not_after + 11 * SECOND)
        assert await confirm(scene) == 0
        assert (await scene.state(an_intent())).status is IntentStatus.FILLED

    async def test_what_a_worker_records_meanwhile_is_not_overwritten(self, scene: Scene) -> None:
        await placed(scene)
        sent = await scene.state(an_intent())
        in_hand = Order(an_intent(), OrderState(IntentStatus.SENDING))
        assert await scene.confirmer.confirm(USER, "zerodha-one", [in_hand], DEADLINE) == 0
        assert (await scene.state(an_intent())).sent_at == sent.sent_at == T

    async def test_absence_of_what_the_broker_confirmed_means_nothing(self, scene: Scene) -> None:
        broker = await scene.link()
        scene.clock.move_to(DEADLINE)
        scene.put(an_order(IntentStatus.ACCEPTED, sent_at=T))
        assert await confirm(scene) == 1
        assert (await scene.state(an_intent())).status is IntentStatus.ACCEPTED
        assert broker.cancelled == []

    async def test_the_book_of_another_day_proves_nothing(self, scene: Scene) -> None:
        await scene.link(an_account(session_expires_at=at("06:00", "2026-11-26")))
        scene.put(an_order(IntentStatus.UNKNOWN, sent_at=T))
        scene.clock.move_to(at("09:20", "2026-11-25"))
        assert await confirm(scene) == 1
        assert (await scene.state(an_intent())).status is IntentStatus.UNKNOWN


class TestDeadline:
    async def test_what_rests_at_the_deadline_is_cancelled(self, scene: Scene) -> None:
        broker = await placed(scene, Reaction.REST)
        assert await confirm(scene) == 0
        assert broker.cancelled == ["zerodha-one-1"]
        assert scene.clock.now() >= DEADLINE
        assert (await scene.state(an_intent())).status is IntentStatus.CANCELLED

    async def test_a_partial_fill_is_kept_when_its_rest_is_cancelled(self, scene: Scene) -> None:
        await placed(scene, Reaction.PARTLY)
        assert await confirm(scene) == 0
        state = await scene.state(an_intent())
        assert (state.status, state.filled_quantity, state.average_price) == (
            IntentStatus.CANCELLED,
            65,
            Decimal("104.10"),
        )

    async def test_a_partial_fill_shows_before_the_deadline(self, scene: Scene) -> None:
        await placed(scene, Reaction.PARTLY)
        broker = scene.brokers.accounts[USER, "zerodha-one"]
        seen: list[IntentStatus] = []

        class Watched(type(scene.runs)):  # type: ignore[misc]
            async def record(self, intent: Intent, state: OrderState) -> Any:
                seen.append(state.status)
                return await super().record(intent, state)

        watched = Watched()
        watched.__dict__.update(scene.runs.__dict__)
        scene.runs = watched
        await confirm(scene)
        assert seen == [IntentStatus.PARTLY_FILLED, IntentStatus.CANCELLED]
        assert len(broker.cancelled) == 1

    async def test_an_order_that_fills_while_it_is_cancelled_is_filled(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.fill_after = TIMING.confirm + timedelta(milliseconds=10)
        await scene.placer.place(USER, "zerodha-one", TICK, await scene.plan(an_intent()))

        class FillsFirst(FakeBroker):
            async def cancel(self, broker_order_id: str) -> None:
                await self.clock.sleep(SECOND)
                await super().cancel(broker_order_id)

        fills_first = FillsFirst(scene.clock)
        fills_first.__dict__.update(broker.__dict__)
        scene.brokers.accounts[USER, "zerodha-one"] = fills_first
        assert await confirm(scene) == 0
        assert (await scene.state(an_intent())).status is IntentStatus.FILLED

    async def test_one_order_that_cannot_be_cancelled_does_not_keep_the_others(self, scene: Scene) -> None:
        broker = await placed(scene, Reaction.REST, an_intent(), an_intent(slice_number=2))
        scene.put(an_order(IntentStatus.UNKNOWN, leg=3, sent_at=DEADLINE, contract=a_contract(24900)))
        await confirm(scene)
        assert sorted(broker.cancelled) == ["zerodha-one-1", "zerodha-one-2"]


class TestTrouble:
    @pytest.mark.parametrize("error", [BrokerUnreachable("down"), BrokerGarbled("<html>"), SessionOver("log in")])
    async def test_a_broker_that_cannot_be_read_leaves_its_orders_to_the_reconciler(
        self, scene: Scene, error: Any
    ) -> None:
        broker = await placed(scene, Reaction.LOSE_REPLY)
        broker.trouble = error
        assert await confirm(scene) == 1
        assert (await scene.state(an_intent())).status is IntentStatus.UNKNOWN
        assert scene.clock.now() <= DEADLINE + 4 * SECOND

    async def test_a_broker_that_comes_back_in_time_tells_the_truth(self, scene: Scene) -> None:
        broker = await placed(scene, Reaction.LOSE_REPLY)
        broker.trouble, broker.trouble_until = BrokerUnreachable("down"), T + 12 * SECOND
        assert await confirm(scene) == 0
        assert (await scene.state(an_intent())).status is IntentStatus.FILLED

    async def test_a_session_that_the_broker_ended_is_told_at_the_account(self, scene: Scene) -> None:
        broker = await placed(scene, Reaction.REST)
        broker.trouble = SessionOver("fake: token expired; log in again")
        await confirm(scene)
        account = await scene.accounts.account(USER, "zerodha-one")
        assert account is not None
        assert account.session_end_reason == "fake: token expired; log in again"

    async def test_without_a_session_nobody_is_asked(self, scene: Scene) -> None:
        broker = await placed(scene, Reaction.REST)
        calls = list(broker.calls)
        await scene.accounts.save_account(an_account(session_expires_at=at("09:00")))
        assert await confirm(scene) == 1
        assert broker.calls == calls

    async def test_an_account_that_was_removed_leaves_its_orders(self, scene: Scene) -> None:
        scene.put(an_order(IntentStatus.UNKNOWN), an_order(IntentStatus.ACCEPTED, leg=2, side=Side.SELL))
        assert await confirm(scene) == 2

    async def test_keys_that_are_gone_leave_the_orders(self, scene: Scene) -> None:
        await scene.accounts.save_account(an_account())
        scene.put(an_order(IntentStatus.UNKNOWN))
        assert await confirm(scene) == 1


async def test_an_order_that_another_has_ended_is_let_go(scene: Scene) -> None:
    await placed(scene, Reaction.FILL)
    waiting = Order(an_intent(), replace(await scene.state(an_intent()), status=IntentStatus.ACCEPTED))
    await confirm(scene)
    assert await scene.confirmer.confirm(USER, "zerodha-one", [waiting], DEADLINE) == 0
