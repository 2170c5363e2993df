"""A limit order of an entry rests, is moved towards the market, and fills or is given up."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import Intent, IntentStatus, Order, OrderState, Phase
from lambdas.domain.order_rules import PROTECTED, Chase, OrderRules
from lambdas.domain.runs import RunStatus
from lambdas.domain.values import Move
from lambdas.ports.broker import BrokerBusy, BrokerError, BrokerGarbled, BrokerRefused, BrokerUnreachable, SessionOver
from lambdas.use_cases.chase_orders import Chaser
from lambdas.use_cases.watch_fills import FIRST_LOOK
from tests.doubles.broker import FakeBroker
from tests.doubles.examples import TICK, TIMING, USER, a_contract, a_run, a_strategy, an_intent
from tests.doubles.reactions import Reaction
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
T = TICK.instant
SECOND = timedelta(seconds=1)
SYMBOL, HEDGE = "NIFTY24500CE", "NIFTY24700CE"
RUN = "spread-20261123"
POINT = Move(unit="points", value=Decimal(1))
FAR = Decimal("100.05")
"""The ask of every contract; a limit without a buffer begins there."""


def chased(*, step: Move = POINT, every: int = 3, give_up: int = 12, **changes: Any) -> OrderRules:
    chase = Chase(every_seconds=every, step=step, give_up_after_seconds=give_up)
    return OrderRules(style="limit", chase=chase, **changes)


def buy(**changes: Any) -> Intent:
    return an_intent(**{"orders": chased(), **changes})


async def sent(scene: Scene, *intents: Intent, reaction: Reaction = Reaction.REST) -> FakeBroker:
    """Place these intents (one buy when none is named) at a broker where they rest."""
    broker = await scene.link()
    broker.reactions |= {SYMBOL: reaction, HEDGE: reaction}
    ids = await scene.plan(*(intents or (buy(),)))
    await scene.placer.place(USER, "zerodha-one", TICK, ids)
    return broker


async def confirm(scene: Scene) -> int:
    return await scene.confirmer.confirm_tick(USER, "zerodha-one", TICK, [RUN])


def limits(broker: FakeBroker) -> list[Decimal]:
    """What the limits were modified to, in order."""
    return [limit for _, limit, _ in broker.modified]


class TestPricing:
    async def test_a_limit_order_says_so_and_begins_at_the_far_side(self, scene: Scene) -> None:
        broker = await sent(scene)
        (order,) = (one.order for one in broker.sent)
        assert (order.style, order.limit_price) == ("limit", FAR)

    async def test_its_buffer_goes_beyond_the_far_side(self, scene: Scene) -> None:
        broker = await sent(scene, buy(orders=chased(buffer=POINT), side=Side.SELL))
        assert broker.sent[0].order.limit_price == Decimal("98.95")

    async def test_everything_else_is_protected(self, scene: Scene) -> None:
        broker = await sent(scene, buy(orders=PROTECTED))
        assert (broker.sent[0].order.style, broker.sent[0].order.limit_price) == ("protected", Decimal("104.10"))


class TestChasing:
    async def test_it_rests_is_moved_and_fills(self, scene: Scene) -> None:
        broker = await sent(scene)
        broker.fills_at[SYMBOL] = FAR + 2
        assert await confirm(scene) == 0
        assert broker.modified == [("zerodha-one-1", FAR + 1, 130), ("zerodha-one-1", FAR + 2, 130)]
        state = await scene.state(buy())
        assert (state.status, state.limit_price, state.chased) == (IntentStatus.FILLED, FAR + 2, 2)
        assert (state.chased_at, state.sent_at) == (T + 6 * SECOND, T)
        assert scene.clock.now() == T + 7 * SECOND

    async def test_it_is_measured_against_the_quote_of_its_sending_however_the_market_moves(self, scene: Scene) -> None:
        broker = await sent(scene)
        before = (await scene.state(buy())).quoted
        broker.quoted[SYMBOL] = Quote(Decimal(102), Decimal("101.95"), Decimal("102.05"))
        broker.fills_at[SYMBOL] = FAR + 2
        assert await confirm(scene) == 0
        state = await scene.state(buy())
        assert (state.chased, state.quoted) == (2, before)
        assert before is not None
        assert before.quote.ask == FAR

    async def test_a_sale_is_moved_down(self, scene: Scene) -> None:
        broker = await sent(scene, buy(side=Side.SELL))
        await confirm(scene)
        assert limits(broker) == [Decimal("99.95") - n for n in (1, 2, 3)]

    async def test_what_is_not_filled_in_its_time_is_cancelled_then(self, scene: Scene) -> None:
        broker = await sent(scene)
        assert await confirm(scene) == 0
        assert limits(broker) == [FAR + 1, FAR + 2, FAR + 3]
        assert broker.cancelled == ["zerodha-one-1"]
        assert (await scene.state(buy())).status is IntentStatus.CANCELLED
        assert scene.clock.now() <= T + 13 * SECOND

    async def test_a_chase_may_last_longer_than_others_are_awaited(self, scene: Scene) -> None:
        broker = await sent(scene, buy(orders=chased(every=15, give_up=50)))
        broker.fills_at[SYMBOL] = FAR + 3
        assert await confirm(scene) == 0
        assert (await scene.state(buy())).status is IntentStatus.FILLED
        assert scene.clock.now() == T + 46 * SECOND
        assert scene.clock.now() > T + TIMING.confirm

    async def test_an_order_without_a_chase_is_cancelled_at_the_usual_time_beside_one_that_is_chased(
        self, scene: Scene
    ) -> None:
        quiet = buy(leg=2, orders=OrderRules(style="limit"))
        broker = await sent(scene, buy(orders=chased(every=15, give_up=50)), quiet)
        cancelled_at = []

        class Watched(FakeBroker):
            async def cancel(self, broker_order_id: str) -> None:
                cancelled_at.append((broker_order_id, self.clock.now() - T))
                await super().cancel(broker_order_id)

        watched = Watched(scene.clock)
        watched.__dict__.update(broker.__dict__)
        scene.brokers.accounts[USER, "zerodha-one"] = watched
        assert await confirm(scene) == 0
        assert cancelled_at == [("zerodha-one-2", 25 * SECOND), ("zerodha-one-1", 50 * SECOND)]
        assert {limit for number, limit, _ in broker.modified if number == "zerodha-one-2"} == set()

    async def test_it_stops_at_the_protected_limit(self, scene: Scene) -> None:
        broker = await sent(scene, buy(orders=chased(step=Move(unit="percent", value=Decimal(3)))))
        await confirm(scene)
        assert limits(broker) == [Decimal("103.05"), Decimal("104.10")]

    async def test_the_bound_goes_with_the_market(self, scene: Scene) -> None:
        broker = await sent(scene, buy(orders=chased(step=Move(unit="points", value=Decimal(50)))))
        broker.default_quote = Quote(Decimal(200), Decimal("199.95"), Decimal(200))
        await confirm(scene)
        assert limits(broker) == [Decimal("150.05"), Decimal("200.05"), Decimal(208)]

    async def test_a_partial_fill_is_kept_and_its_rest_is_chased(self, scene: Scene) -> None:
        broker = await sent(scene, reaction=Reaction.PARTLY)
        broker.fills_at[SYMBOL] = FAR + 2
        await confirm(scene)
        assert broker.modified[0] == ("zerodha-one-1", FAR + 1, 130)
        state = await scene.state(buy())
        assert (state.status, state.filled_quantity) == (IntentStatus.FILLED, 130)

    async def test_a_partial_fill_whose_chase_is_given_up_is_told(self, scene: Scene) -> None:
        await sent(scene, reaction=Reaction.PARTLY)
        await confirm(scene)
        state = await scene.state(buy())
        assert (state.status, state.filled_quantity, state.chased) == (IntentStatus.CANCELLED, 65, 3)

    async def test_the_modifications_that_a_broker_takes_are_kept_but_for_one(self, scene: Scene) -> None:
        broker = await sent(
            scene, buy(orders=chased(every=1, give_up=50, step=Move(unit="points", value=Decimal(".05"))))
        )
        await confirm(scene)
        assert len(broker.modified) == 24
        assert broker.cancelled == ["zerodha-one-1"]

    @pytest.mark.parametrize("changes", [{"phase": Phase.EXIT}, {"attempt": 2, "at_once": True}])
    async def test_what_closes_or_mends_is_not_chased(self, scene: Scene, changes: dict[str, Any]) -> None:
        broker = await sent(scene, an_intent(**changes))
        await confirm(scene)
        assert broker.modified == []
        assert broker.sent[0].order.style == "protected"


class TestTrouble:
    async def test_an_order_that_fills_before_its_modification_is_filled(self, scene: Scene) -> None:
        broker = await sent(scene, reaction=Reaction.FILL)
        scene.put(
            Order(buy(), OrderState(IntentStatus.ACCEPTED, limit_price=FAR, broker_order_id="zerodha-one-1", sent_at=T))
        )

        class FillsFirst(FakeBroker):
            async def orders(self) -> Any:
                rows = await super().orders()
                return rows if self.modified_in_vain else []

            async def modify(self, broker_order_id: str, limit_price: Decimal, quantity: int) -> None:
                self.modified_in_vain = True
                await super().modify(broker_order_id, limit_price, quantity)

            modified_in_vain = False

        late = FillsFirst(scene.clock)
        late.__dict__.update(broker.__dict__)
        scene.brokers.accounts[USER, "zerodha-one"] = late
        assert await confirm(scene) == 0
        assert late.modified_in_vain
        state = await scene.state(buy())
        assert (state.status, state.limit_price) == (IntentStatus.FILLED, FAR)

    @pytest.mark.parametrize("error", [BrokerRefused("no"), BrokerBusy("429"), BrokerUnreachable("down")])
    async def test_what_certainly_was_not_moved_is_tried_again_at_the_next_step(
        self, scene: Scene, error: BrokerError
    ) -> None:
        broker = await sent(scene)
        broker.modify_troubles = [error]
        await confirm(scene)
        assert limits(broker) == [FAR + 1, FAR + 2]
        state = await scene.state(buy())
        assert (state.limit_price, state.chased) == (FAR + 2, 3)

    async def test_a_change_whose_answer_was_lost_may_have_been_made(self, scene: Scene) -> None:
        broker = await sent(scene)
        broker.fills_at[SYMBOL] = FAR + 1
        broker.modify_troubles = [BrokerGarbled("<html>")]
        assert await confirm(scene) == 0
        assert limits(broker) == [FAR + 1]
        state = await scene.state(buy())
        assert (state.status, state.limit_price) == (IntentStatus.FILLED, FAR + 1)

    async def test_a_change_whose_answer_was_lost_is_not_made_again_before_the_book_was_read(
        self, scene: Scene
    ) -> None:
        broker = await sent(scene)
        broker.modify_troubles = [BrokerGarbled("<html>")]

        class Unread(FakeBroker):
            async def orders(self) -> Any:
                if self.modified and self.clock.now() < T + 9 * SECOND:
                    raise BrokerUnreachable("down")
                return await super().orders()

        unread = Unread(scene.clock)
        unread.__dict__.update(broker.__dict__)
        scene.brokers.accounts[USER, "zerodha-one"] = unread
        await confirm(scene)
        assert limits(broker) == [FAR + 1, FAR + 2]
        assert (await scene.state(buy())).chased_at == T + 9 * SECOND

    async def test_without_quotes_nothing_moves(self, scene: Scene) -> None:
        broker = await sent(scene)
        broker.unreadable_quotes = BrokerUnreachable("down")
        await confirm(scene)
        assert broker.modified == []
        assert (await scene.state(buy())).status is IntentStatus.CANCELLED

    @pytest.mark.parametrize("quote", [None, Quote(Decimal(0))])
    async def test_without_a_price_nothing_moves(self, scene: Scene, quote: Quote | None) -> None:
        broker = await sent(scene)
        broker.default_quote = quote
        await confirm(scene)
        assert broker.modified == []

    async def test_quotes_are_asked_for_once_a_step(self, scene: Scene) -> None:
        broker = await sent(scene)
        broker.missing_quotes = {SYMBOL}
        before = len(broker.asked)
        await confirm(scene)
        assert len(broker.asked) - before == 3

    async def test_a_session_that_ends_on_the_way_is_told_and_leaves_the_order(self, scene: Scene) -> None:
        broker = await sent(scene)
        broker.modify_troubles = [SessionOver("fake: token expired; log in again")]
        assert await confirm(scene) == 1
        account = await scene.accounts.account(USER, "zerodha-one")
        assert account is not None
        assert account.session_end_reason == "fake: token expired; log in again"
        assert (await scene.state(buy())).limit_price == FAR


class TestTwoFollowers:
    async def test_of_two_that_follow_an_order_one_takes_a_step(self, scene: Scene) -> None:
        broker = await sent(scene)
        scene.clock.move_to(T + 3 * SECOND)
        order = Order(buy(), await scene.state(buy()))
        chasers = [Chaser(broker, scene.runs, scene.clock, None) for _ in range(2)]
        (first,), (second,) = [await chaser.step([order]) for chaser in chasers]
        assert limits(broker) == [FAR + 1]
        assert first.state == second.state == await scene.state(buy())

    async def test_what_another_has_ended_is_let_go(self, scene: Scene) -> None:
        broker = await sent(scene)
        scene.clock.move_to(T + 3 * SECOND)
        order = Order(buy(), await scene.state(buy()))
        await scene.runs.record(buy(), OrderState(IntentStatus.CANCELLED))
        (now,) = await Chaser(broker, scene.runs, scene.clock, None).step([order])
        assert (now.state.status, limits(broker)) == (IntentStatus.CANCELLED, [])


class TestSquaringOff:
    async def test_what_is_squared_off_is_not_moved_any_more(self, scene: Scene) -> None:
        await scene.strategies.save(a_strategy())
        await scene.runs.begin_run(a_run(status=RunStatus.ENTERING))
        broker = await sent(scene)
        await scene.runs.close_run(await scene.run(a_strategy()), "squared off by somebody")
        await confirm(scene)
        assert broker.modified == []

    async def test_who_only_confirms_cancels_at_once_and_chases_nothing(self, scene: Scene) -> None:
        broker = await sent(scene)
        scene.clock.move_to(T + 4 * SECOND)
        order = Order(buy(), await scene.state(buy()))
        assert await scene.confirmer.confirm(USER, "zerodha-one", [order], scene.clock.now()) == 0
        assert (broker.modified, broker.cancelled) == ([], ["zerodha-one-1"])
        assert scene.clock.now() == T + 4 * SECOND


class TestHedges:
    def hedge(self, **changes: Any) -> Intent:
        return buy(**{"leg": 2, "contract": a_contract(24700), **changes})

    def short(self, **changes: Any) -> Intent:
        return buy(**{"side": Side.SELL, **changes})

    async def test_a_short_waits_for_its_hedge_while_that_is_chased(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.reactions[HEDGE], broker.fills_at[HEDGE] = Reaction.REST, FAR + 2
        ids = await scene.plan(self.hedge(), self.short())
        assert await scene.placer.place(USER, "zerodha-one", TICK, ids) == 2
        assert limits(broker) == [FAR + 1, FAR + 2]
        assert [(one.order.symbol, one.at - T) for one in broker.sent] == [
            (HEDGE, 0 * SECOND),
            (SYMBOL, 6 * SECOND + TIMING.poll + FIRST_LOOK),
        ]
        state = await scene.state(self.hedge())
        assert (state.status, state.limit_price, state.chased) == (IntentStatus.FILLED, FAR + 2, 2)

    async def test_a_short_is_withheld_when_its_hedges_chase_is_given_up(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.reactions[HEDGE] = Reaction.REST
        ids = await scene.plan(self.hedge(), self.short())
        assert await scene.placer.place(USER, "zerodha-one", TICK, ids) == 1
        assert scene.clock.now() - T <= 13 * SECOND
        state = await scene.state(self.short())
        assert state.status is IntentStatus.WITHHELD
        assert state.reason == "not sent: leg 2 (BUY NIFTY24700CE) was not filled by 2026-11-23T09:20:12+05:30"
        assert await confirm(scene) == 0
        assert (await scene.state(self.hedge())).status is IntentStatus.CANCELLED

    async def test_a_short_is_withheld_when_its_hedge_is_chased_past_the_limit_of_sending(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.reactions[HEDGE], broker.fills_at[HEDGE] = Reaction.REST, FAR + 3
        orders = chased(every=10, give_up=50)
        ids = await scene.plan(self.hedge(orders=orders), self.short(orders=orders))
        assert await scene.placer.place(USER, "zerodha-one", TICK, ids) == 1
        assert limits(broker) == [FAR + 1]
        assert (await scene.state(self.short())).status is IntentStatus.WITHHELD
        assert await confirm(scene) == 0
        assert (await scene.state(self.hedge())).chased == 3

    async def test_a_session_that_ends_while_a_hedge_is_chased_withholds_the_short(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.reactions[HEDGE] = Reaction.REST
        broker.modify_troubles = [SessionOver("fake: token expired; log in again")]
        ids = await scene.plan(self.hedge(), self.short())
        assert await scene.placer.place(USER, "zerodha-one", TICK, ids) == 1
        assert (await scene.state(self.short())).status is IntentStatus.WITHHELD

    async def test_shorts_that_need_not_wait_leave_with_their_hedges(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.reactions[HEDGE] = Reaction.REST
        orders = OrderRules(hedges_first=False)
        ids = await scene.plan(self.hedge(orders=orders), self.short(orders=orders))
        assert await scene.placer.place(USER, "zerodha-one", TICK, ids) == 2
        assert [one.at for one in broker.sent] == [T, T]
        assert scene.brokers.paces[USER, "zerodha-one"].expected == [(["NFO", "NFO"], T)]

    async def test_a_short_is_not_sent_when_it_is_known_that_its_hedge_is_not_even_so(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.missing_quotes = {HEDGE}
        orders = OrderRules(hedges_first=False)
        ids = await scene.plan(self.hedge(orders=orders), self.short(orders=orders))
        assert await scene.placer.place(USER, "zerodha-one", TICK, ids) == 0


class TestMending:
    async def test_the_rest_of_a_chase_that_was_given_up_is_ordered_protected(self, scene: Scene) -> None:
        await scene.strategies.save(a_strategy())
        await scene.runs.begin_run(a_run(status=RunStatus.ENTERING))
        broker = await sent(scene, reaction=Reaction.PARTLY)
        await confirm(scene)
        broker.reactions.clear()
        again = (await scene.settler.settle(USER, TICK, [RUN])).again
        await scene.placer.place(USER, "zerodha-one", TICK, again["zerodha-one"])
        await confirm(scene)
        assert [(one.order.style, one.order.quantity) for one in broker.sent] == [("limit", 130), ("protected", 65)]
        await scene.settler.settle(USER, TICK, [RUN])
        assert (await scene.run(a_strategy())).status is RunStatus.OPEN
