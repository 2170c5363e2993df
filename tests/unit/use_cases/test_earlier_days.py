"""What earlier days left is told once a day and never touched; their orders and they themselves come to an end."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lambdas.domain.compared import Compared
from lambdas.domain.contracts import Side
from lambdas.domain.earlier import ADVICE, NOBODY_KNOWS
from lambdas.domain.intents import IntentStatus, Phase
from lambdas.domain.moments import Tick
from lambdas.domain.order_rules import Policies
from lambdas.domain.runs import Run, RunStatus
from lambdas.ports.broker import BrokerOrder, BrokerPosition, BrokerUnreachable
from lambdas.ports.events import Event
from tests.doubles.broker import FakeBroker
from tests.doubles.events import RecordedEvents
from tests.doubles.examples import TICK, USER, a_run, a_strategy, an_account, an_intent, an_order, at
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
SYMBOL = "NIFTY24500CE"
TODAY = "2026-11-25"
BEFORE_OPEN = at("08:50", TODAY)
OPEN = at("09:16", TODAY)
MINUTE = timedelta(minutes=1)
RUN_ID = "spread-20261123"


async def left_open(scene: Scene, *, now: datetime = BEFORE_OPEN, held: int = 130, **order: Any) -> FakeBroker:
    """A run of Monday bought 130 and was not closed; the broker, which has so many of them today."""
    broker = await link(scene)
    await scene.runs.begin_run(a_run(status=RunStatus.INCOMPLETE, reason="still open after the exit"))
    scene.put(an_order(product="NRML", **order))
    broker.held = [position(held)]
    scene.clock.move_to(now)
    return broker


async def link(scene: Scene, account_id: str = "zerodha-one", **changes: Any) -> FakeBroker:
    """An account that is logged in today."""
    return await scene.link(an_account(account_id, session_expires_at=at("06:00", "2026-11-26"), **changes))


def position(net: int, product: str = "NRML") -> BrokerPosition:
    return BrokerPosition("NFO", SYMBOL, "245000", product, net, max(net, 0), max(-net, 0), None, None)


async def compare(scene: Scene, *, times: int = 1, everyone: bool = False) -> None:
    """Compare now, and again every five minutes."""
    for _ in range(times):
        await scene.comparer.compare(everyone=everyone)
        scene.clock.move_to(scene.clock.now() + 5 * MINUTE)


async def last(scene: Scene) -> Compared:
    compared = await scene.comparisons.comparison(USER, "zerodha-one")
    assert compared is not None
    return compared


async def run_of_monday(scene: Scene) -> Run:
    return await scene.run(a_strategy())


class TestTelling:
    async def test_what_monday_left_is_no_stranger_and_told_with_its_run_and_day(self, scene: Scene) -> None:
        await left_open(scene)
        await compare(scene, everyone=True)
        compared = await last(scene)
        assert (compared.strangers, compared.differences) == ((), ())
        assert [(one.run_id, one.day, one.net, one.held) for one in compared.earlier] == [(RUN_ID, TICK.date, 130, 130)]
        (event,) = scene.events.published
        assert event == Event(
            "RunLeftOpen",
            {
                "user_id": USER,
                "run_id": RUN_ID,
                "strategy": "Morning spread",
                "date": "2026-11-23",
                "status": "incomplete",
                "reason": "still open after the exit",
                "account_id": "zerodha-one",
                "label": "Mine",
                "broker": "zerodha",
                "what": f"+130 {SYMBOL} (NRML)",
                "advice": ADVICE,
            },
        )

    async def test_it_is_told_once_a_day(self, scene: Scene) -> None:
        await left_open(scene)
        await scene.accounts.save_account(an_account(session_expires_at=at("06:00", "2026-11-27")))
        await compare(scene, times=12)
        assert scene.events.names == ["RunLeftOpen"]
        scene.clock.move_to(at("08:50", "2026-11-26"))
        await compare(scene, times=3)
        assert scene.events.names == ["RunLeftOpen"] * 2

    async def test_an_account_that_logs_in_late_is_compared_because_of_it(self, scene: Scene) -> None:
        broker = await left_open(scene, now=at("10:07", TODAY))
        await scene.comparer.compare()
        assert broker.calls == ["orders", "positions"]
        assert scene.events.names == ["RunLeftOpen"]

    async def test_at_night_nobody_is_woken(self, scene: Scene) -> None:
        broker = await left_open(scene, now=at("00:05", TODAY))
        await scene.comparer.compare()
        assert (broker.calls, scene.events.names) == ([], [])

    async def test_nothing_is_sent_cancelled_or_planned(self, scene: Scene) -> None:
        broker = await left_open(scene, now=OPEN)
        before = await scene.states()
        for _ in range(3):
            await scene.reconciler.reconcile()
            await compare(scene)
        assert (broker.sent, broker.cancelled, broker.modified, scene.workflows.started) == ([], [], [], {})
        assert await scene.states() == before

    async def test_what_the_trader_has_beside_it_is_a_stranger(self, scene: Scene) -> None:
        await left_open(scene, held=195)
        await compare(scene, everyone=True)
        compared = await last(scene)
        assert [one.held for one in compared.earlier] == [130]
        assert [one.quantity for one in compared.strangers] == [65]

    async def test_todays_run_in_the_same_contract_is_told_apart(self, scene: Scene) -> None:
        await left_open(scene, now=at("09:30", TODAY), held=0)
        today = Tick.parse("2026-11-25T09:20+05:30")
        sold = an_order(
            run_id="spread-20261125", intended_at=today, side=Side.SELL, product="NRML", broker_order_id="B1"
        )
        scene.put(sold)
        broker = scene.brokers.accounts[USER, "zerodha-one"]

        class WithTheSale(FakeBroker):
            async def orders(self) -> Sequence[BrokerOrder]:
                tag = sold.intent.tag
                row = BrokerOrder("B1", tag, SYMBOL, Side.SELL, 130, IntentStatus.FILLED, 130, None, None)
                return [row]

        other = WithTheSale(scene.clock)
        other.held = broker.held
        scene.brokers.accounts[USER, "zerodha-one"] = other
        await scene.comparer.compare()
        compared = await last(scene)
        assert (compared.differences, compared.strangers) == ((), ())
        assert [one.held for one in compared.earlier] == [130]

    async def test_what_could_not_be_told_is_told_the_next_time(self, scene: Scene) -> None:
        class Down(RecordedEvents):
            async def publish(self, events: Sequence[Event]) -> None:
                raise ConnectionError("the bus is away")

        await left_open(scene)
        kept, scene.events = scene.events, Down()
        with pytest.raises(BaseExceptionGroup, match="1 of 1 accounts could not be compared"):
            await scene.comparer.compare()
        scene.events = kept
        scene.clock.move_to(scene.clock.now() + 5 * MINUTE)
        await compare(scene, times=2)
        assert scene.events.names == ["RunLeftOpen"]

    async def test_users_do_not_hear_of_each_other(self, scene: Scene) -> None:
        await left_open(scene)
        broker = await link(scene, user_id="user-two")
        broker.held = [position(130)]
        await compare(scene, everyone=True)
        assert [event.detail["user_id"] for event in scene.events.published] == [USER]
        other = await scene.comparisons.comparison("user-two", "zerodha-one")
        assert other is not None
        assert ([one.quantity for one in other.strangers], other.earlier) == ([130], ())


class TestConcluding:
    async def test_a_run_of_which_the_broker_has_nothing_is_concluded_and_told_no_more(self, scene: Scene) -> None:
        broker = await left_open(scene, now=OPEN)
        await compare(scene)
        broker.held = []
        await compare(scene, times=4)
        run = await run_of_monday(scene)
        assert run.status is RunStatus.FLAT
        assert run.reason.startswith("nothing of it is left at the broker, seen on 25 Nov 2026 at 09:26")
        assert run.reason.endswith("it was incomplete: still open after the exit")
        assert scene.events.names == ["RunLeftOpen", "RunFlat"]
        assert await scene.runs.open_runs() == []

    async def test_one_look_concludes_nothing(self, scene: Scene) -> None:
        broker = await left_open(scene, now=OPEN, held=0)
        await compare(scene)
        broker.trouble = BrokerUnreachable("connection refused")
        await compare(scene, times=3)
        assert (await run_of_monday(scene)).status is RunStatus.INCOMPLETE

    async def test_before_the_open_it_counts_for_nothing_that_the_broker_shows_nothing(self, scene: Scene) -> None:
        broker = await left_open(scene, held=0)
        await compare(scene, times=5)
        broker.held = [position(130)]
        await compare(scene)
        assert (await run_of_monday(scene)).status is RunStatus.INCOMPLETE
        assert scene.events.names == ["RunLeftOpen"]

    async def test_a_part_of_it_keeps_it_open(self, scene: Scene) -> None:
        await left_open(scene, now=OPEN, held=65)
        await compare(scene, times=4)
        assert (await run_of_monday(scene)).status is RunStatus.INCOMPLETE

    async def test_a_broker_that_cannot_be_read_concludes_nothing(self, scene: Scene) -> None:
        broker = await left_open(scene, now=OPEN)
        broker.trouble = BrokerUnreachable("connection refused")
        await compare(scene, times=4)
        assert (await run_of_monday(scene)).status is RunStatus.INCOMPLETE

    async def test_a_run_in_two_accounts_waits_for_both(self, scene: Scene) -> None:
        await left_open(scene, now=OPEN, held=0)
        other = await link(scene, "zerodha-two")
        other.held = [position(130)]
        scene.put(an_order(account_id="zerodha-two", product="NRML"))
        await compare(scene, times=4)
        assert (await run_of_monday(scene)).status is RunStatus.INCOMPLETE
        other.held = []
        await compare(scene, times=3)
        assert (await run_of_monday(scene)).status is RunStatus.FLAT

    async def test_an_account_that_nobody_can_ask_keeps_it_open(self, scene: Scene) -> None:
        await left_open(scene, now=OPEN, held=0)
        scene.put(an_order(account_id="unlinked", product="NRML"))
        await compare(scene, times=4)
        assert (await run_of_monday(scene)).status is RunStatus.INCOMPLETE

    async def test_a_paper_account_has_nothing_of_monday(self, scene: Scene) -> None:
        await link(scene, broker="paper", quotes_from="other")
        await scene.runs.begin_run(a_run(status=RunStatus.INCOMPLETE))
        scene.put(an_order())
        scene.clock.move_to(BEFORE_OPEN)
        await scene.comparer.compare()
        assert (await run_of_monday(scene)).status is RunStatus.FLAT

    async def test_a_run_that_died_without_orders_is_concluded_as_such(self, scene: Scene) -> None:
        await scene.runs.begin_run(a_run())
        scene.clock.move_to(BEFORE_OPEN)
        await scene.comparer.compare()
        run = await run_of_monday(scene)
        assert (run.status, run.reason) == (
            RunStatus.REFUSED,
            "nothing was entered; it was preparing: choosing contracts",
        )

    async def test_a_run_with_an_order_in_flight_is_not_concluded(self, scene: Scene) -> None:
        await left_open(scene, now=OPEN, held=0, status=IntentStatus.UNKNOWN)
        await compare(scene, times=4)
        assert (await run_of_monday(scene)).status is RunStatus.INCOMPLETE

    async def test_todays_runs_are_none_of_its_business(self, scene: Scene) -> None:
        broker = await link(scene)
        await scene.runs.begin_run(a_run(status=RunStatus.INCOMPLETE))
        scene.put(an_order(broker_order_id="B1"))
        broker.held = []
        scene.clock.move_to(at("12:00"))
        await compare(scene, times=4)
        assert (await run_of_monday(scene)).status is RunStatus.INCOMPLETE
        assert (await last(scene)).earlier == ()


class TestOrdersInFlight:
    @staticmethod
    async def stuck(
        scene: Scene, status: IntentStatus = IntentStatus.UNKNOWN, *, now: datetime = OPEN, **order: Any
    ) -> FakeBroker:
        """An order of Monday that nobody knows the end of, of a run that closes what it must, in the next session;
        its broker."""
        broker = await link(scene)
        policies = Policies(on_broker_failure="square_off")
        await scene.runs.begin_run(a_run(status=RunStatus.UNRESOLVED, policies=policies))
        scene.put(an_order(leg=2, side=Side.SELL), an_order(status, **order))
        scene.clock.move_to(now)
        return broker

    async def test_it_ends_and_its_run_says_loudly_that_nobody_can_know(self, scene: Scene) -> None:
        await self.stuck(scene, reason="no answer")
        assert (await scene.reconciler.reconcile())["in_flight"] == 1
        state = await scene.state(an_intent())
        assert (state.status, state.reason) == (
            IntentStatus.EXPIRED,
            f"{NOBODY_KNOWS}; last it was unknown: no answer",
        )
        run = await run_of_monday(scene)
        assert run.status is RunStatus.UNRESOLVED
        assert NOBODY_KNOWS in run.reason
        assert scene.events.names == ["RunIncomplete"]

    async def test_afterwards_nobody_is_asked_or_told_again(self, scene: Scene) -> None:
        broker = await self.stuck(scene)
        await scene.reconciler.reconcile()
        broker.calls.clear()
        for _ in range(3):
            assert await scene.reconciler.reconcile() == {"in_flight": 0, "left": 0}
        assert (broker.calls, scene.events.names) == ([], ["RunIncomplete"])

    @pytest.mark.parametrize("status", [IntentStatus.UNKNOWN, IntentStatus.SENDING, IntentStatus.ACCEPTED])
    async def test_nothing_of_it_is_mended_while_the_market_is_open(self, scene: Scene, status: IntentStatus) -> None:
        broker = await self.stuck(scene, status)
        await scene.reconciler.reconcile()
        assert (broker.sent, scene.workflows.started) == ([], {})
        assert len(await scene.states()) == 2

    async def test_an_account_that_cannot_be_opened_ends_it_all_the_same(self, scene: Scene) -> None:
        await self.stuck(scene)
        del scene.brokers.accounts[USER, "zerodha-one"]
        with pytest.raises(BaseExceptionGroup, match="1 of 1 accounts could not be reconciled"):
            await scene.reconciler.reconcile()
        assert (await scene.state(an_intent())).status is IntentStatus.EXPIRED

    async def test_at_night_the_book_may_still_tell(self, scene: Scene) -> None:
        broker = await self.stuck(scene, now=at("00:10", TODAY))
        assert await scene.reconciler.reconcile() == {"in_flight": 1, "left": 1}
        assert "orders" in broker.calls
        assert (await scene.state(an_intent())).status is IntentStatus.UNKNOWN
        assert (await run_of_monday(scene)).status is RunStatus.UNRESOLVED

    async def test_whoever_squared_it_off_stays_in_its_reason(self, scene: Scene) -> None:
        await self.stuck(scene)
        await scene.runs.close_run(a_run(), "squared off by me: enough")
        await scene.reconciler.reconcile()
        reason = (await run_of_monday(scene)).reason
        assert reason.startswith("squared off by me: enough; leg 1")

    async def test_fills_that_were_known_stay_and_count(self, scene: Scene) -> None:
        await self.stuck(scene, IntentStatus.PARTLY_FILLED, filled_quantity=65, average_price=Decimal(100))
        await scene.reconciler.reconcile()
        state = await scene.state(an_intent())
        assert (state.status, state.filled_quantity) == (IntentStatus.EXPIRED, 65)

    async def test_when_the_broker_shows_what_nobody_knew_it_is_told_as_the_runs(self, scene: Scene) -> None:
        broker = await link(scene)
        await scene.runs.begin_run(a_run(status=RunStatus.UNRESOLVED))
        scene.put(an_order(IntentStatus.UNKNOWN, product="NRML"))
        broker.held = [position(130)]
        scene.clock.move_to(OPEN)
        await scene.reconciler.reconcile()
        await compare(scene)
        (one,) = (await last(scene)).earlier
        assert (one.net, one.held) == (0, 130)
        assert scene.events.names == ["RunIncomplete", "RunLeftOpen"]

    async def test_when_the_broker_shows_nothing_of_it_the_run_is_over(self, scene: Scene) -> None:
        await link(scene)
        await scene.runs.begin_run(a_run(status=RunStatus.UNRESOLVED))
        scene.put(an_order(), an_order(IntentStatus.UNKNOWN, phase=Phase.EXIT, side=Side.SELL))
        scene.clock.move_to(OPEN)
        await scene.reconciler.reconcile()
        await compare(scene, times=3)
        run = await run_of_monday(scene)
        assert run.status is RunStatus.FLAT
        assert NOBODY_KNOWS in run.reason
