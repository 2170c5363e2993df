"""The ledger is held against the brokers' books, and what differs and persists is told once."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from lambdas.domain.accounts import Account
from lambdas.domain.compared import Compared
from lambdas.domain.contracts import Side
from lambdas.domain.intents import Intent, IntentStatus
from lambdas.domain.runs import RunStatus
from lambdas.ports.broker import BrokerOrder, BrokerPosition, BrokerUnreachable, SessionOver
from lambdas.ports.events import Event
from tests.doubles.broker import FakeBroker
from tests.doubles.events import RecordedEvents
from tests.doubles.examples import TICK, USER, a_run, a_strategy, an_account, an_intent, an_order, at
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
T = TICK.instant
MINUTE = timedelta(minutes=1)
SETTLED = T + timedelta(seconds=76)
SYMBOL = "NIFTY24500CE"
NOTHING = {"compared": 0, "unreadable": 0, "differing": 0}


async def traded(scene: Scene, *others: Account) -> FakeBroker:
    """A run was entered with one filled order, in this account and in others, a minute and a bit ago; the broker."""
    accounts = [an_account(), *others]
    brokers = [await scene.link(account) for account in accounts]
    for account in accounts:
        await scene.runs.begin_run(a_run(user_id=account.user_id, status=RunStatus.OPEN))
        await scene.strategies.save(a_strategy(user_id=account.user_id))
        await scene.plan(_intent(account))
    await asyncio.gather(*(_place(scene, _intent(account)) for account in accounts))
    scene.clock.move_to(SETTLED)
    for broker in brokers:
        broker.calls.clear()
    return brokers[0]


def _intent(account: Account) -> Intent:
    return an_intent(user_id=account.user_id, account_id=account.account_id)


async def _place(scene: Scene, intent: Intent) -> None:
    await scene.placer.place(intent.user_id, intent.account_id, TICK, [intent.intent_id])
    await scene.confirmer.confirm_tick(intent.user_id, intent.account_id, TICK, [intent.run_id])


def sold_by_hand(broker: FakeBroker) -> None:
    """The trader closed the position of the run at the broker."""
    broker.held = [BrokerPosition("NFO", SYMBOL, "245000", "MIS", -130, 0, 130, None, None)]


async def minutes(scene: Scene, number: int) -> list[dict[str, int]]:
    """Compare now and each minute after."""
    counts = []
    for _ in range(number):
        counts.append(dict(await scene.comparer.compare()))
        scene.clock.move_to(scene.clock.now() + MINUTE)
    return counts


async def last(scene: Scene, account_id: str = "zerodha-one") -> Compared:
    compared = await scene.comparisons.comparison(USER, account_id)
    assert compared is not None
    return compared


async def test_an_account_that_agrees_is_read_once_and_nobody_is_told(scene: Scene) -> None:
    broker = await traded(scene)
    assert await scene.comparer.compare() == {"compared": 1, "unreadable": 0, "differing": 0}
    assert broker.calls == ["orders", "positions"]
    assert scene.events.names == []
    compared = await last(scene)
    assert (compared.at, compared.differences, compared.strangers) == (SETTLED, (), ())


async def test_a_position_that_was_closed_by_hand_is_told_once_after_a_minute(scene: Scene) -> None:
    sold_by_hand(await traded(scene))
    counts = await minutes(scene, 4)
    assert [one["differing"] for one in counts] == [0, 1, 1, 1]
    (event,) = scene.events.published
    assert event.name == "BooksDiffer"
    assert event.detail == {
        "user_id": USER,
        "account_id": "zerodha-one",
        "label": "Mine",
        "broker": "zerodha",
        "what": f"{SYMBOL} (MIS): the runs hold +130, the broker has +0",
        "since": "2026-11-23T09:21:16+05:30",
        "advice": event.detail["advice"],
    }
    assert "the other way round" in event.detail["advice"]


async def test_the_end_of_a_difference_is_told(scene: Scene) -> None:
    broker = await traded(scene)
    sold_by_hand(broker)
    await minutes(scene, 2)
    broker.held = []
    counts = await minutes(scene, 2)
    assert [one["differing"] for one in counts] == [0, 0]
    assert scene.events.names == ["BooksDiffer", "BooksAgree"]


async def test_a_manual_trade_of_another_contract_is_shown_and_alarms_nobody(scene: Scene) -> None:
    broker = await traded(scene)
    broker.held = [BrokerPosition("NFO", "BANKNIFTY52000CE", "1", "NRML", 35, 35, 0, None, None)]
    await minutes(scene, 3)
    assert scene.events.names == []
    assert [(one.symbol, one.quantity) for one in (await last(scene)).strangers] == [("BANKNIFTY52000CE", 35)]
    assert broker.cancelled == []


async def test_nothing_is_sent_cancelled_or_written_into_the_ledger(scene: Scene) -> None:
    broker = await traded(scene)
    sold_by_hand(broker)
    before, sent = await scene.states(), len(broker.sent)
    await minutes(scene, 3)
    assert await scene.states() == before
    assert (len(broker.sent), broker.cancelled, broker.modified) == (sent, [], [])


async def test_a_broker_that_cannot_be_read_is_told_as_such_and_is_no_difference(scene: Scene) -> None:
    broker = await traded(scene)
    broker.trouble = BrokerUnreachable("connection refused")
    counts = await minutes(scene, 3)
    assert counts == [{"compared": 0, "unreadable": 1, "differing": 0}] * 3
    compared = await last(scene)
    assert (compared.unreadable, compared.at, compared.differences) == ("connection refused", None, ())
    assert scene.events.names == []


async def test_a_difference_outlives_a_broker_that_cannot_be_read(scene: Scene) -> None:
    broker = await traded(scene)
    sold_by_hand(broker)
    await minutes(scene, 2)
    broker.trouble = BrokerUnreachable("connection refused")
    assert (await minutes(scene, 1))[0]["differing"] == 1
    broker.trouble = None
    await minutes(scene, 1)
    assert scene.events.names == ["BooksDiffer"]


async def test_a_session_that_the_broker_ended_is_told_at_the_account(scene: Scene) -> None:
    broker = await traded(scene)
    broker.trouble = SessionOver("log in again")
    await scene.comparer.compare()
    account = await scene.accounts.account(USER, "zerodha-one")
    assert account is not None
    assert account.session_end_reason == "log in again"
    assert await scene.comparer.compare() == NOTHING


async def test_connections_are_closed(scene: Scene) -> None:
    broker = await traded(scene)
    closed = broker.closed
    await scene.comparer.compare()
    broker.trouble = BrokerUnreachable("connection refused")
    scene.clock.move_to(SETTLED + MINUTE)
    await scene.comparer.compare()
    assert broker.closed == closed + 2


async def test_what_is_recorded_while_the_broker_is_asked_is_no_difference(scene: Scene) -> None:
    await traded(scene)
    late = an_intent(slice_number=2)

    class Slow(FakeBroker):
        async def positions(self) -> Sequence[BrokerPosition]:
            scene.put(an_order(IntentStatus.FILLED, slice_number=2, broker_order_id="zerodha-one-2"))
            return [BrokerPosition("NFO", SYMBOL, "245000", "MIS", 260, 260, 0, None, None)]

        async def orders(self) -> Sequence[BrokerOrder]:
            filled = BrokerOrder("zerodha-one-2", late.tag, SYMBOL, Side.BUY, 130, IntentStatus.FILLED, 130, None, None)
            return [*await super().orders(), filled]

    slow = Slow(scene.clock)
    slow.__dict__.update(scene.brokers.accounts[USER, "zerodha-one"].__dict__)
    scene.brokers.accounts[USER, "zerodha-one"] = slow
    await scene.comparer.compare()
    compared = await last(scene)
    assert (compared.differences, compared.strangers) == ((), ())


class TestWho:
    async def test_an_account_that_does_nothing_is_not_asked(self, scene: Scene) -> None:
        broker = await scene.link()
        assert await scene.comparer.compare() == NOTHING
        assert broker.calls == []

    async def test_before_the_open_everyone_is_asked_and_what_was_carried_in_is_shown(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.held = [BrokerPosition("NFO", SYMBOL, "245000", "NRML", -65, 0, 65, None, None)]
        assert await scene.comparer.compare(everyone=True) == {"compared": 1, "unreadable": 0, "differing": 0}
        assert [one.quantity for one in (await last(scene)).strangers] == [-65]

    @pytest.mark.parametrize(
        "account",
        [
            an_account(enabled=False),
            an_account(session_expires_at=None),
            an_account(session_expires_at=at("09:00")),
            an_account(broker="paper", quotes_from="other"),
        ],
    )
    async def test_who_cannot_be_asked_is_left_out(self, scene: Scene, account: Account) -> None:
        broker = await scene.link(account)
        assert await scene.comparer.compare(everyone=True) == NOTHING
        assert broker.calls == []

    async def test_orders_on_their_way_are_left_to_those_who_follow_them(self, scene: Scene) -> None:
        broker = await traded(scene)
        scene.clock.move_to(SETTLED)
        scene.put(an_order(IntentStatus.SENDING, leg=2, not_after=SETTLED))
        assert await scene.comparer.compare() == NOTHING
        assert broker.calls == []

    async def test_an_open_run_is_compared_every_five_minutes_to_the_end_of_the_day(self, scene: Scene) -> None:
        broker = await traded(scene)
        scene.clock.move_to(at("12:00"))
        await minutes(scene, 11)
        assert broker.calls.count("orders") == 3

    async def test_a_closed_run_is_compared_no_more_after_a_while(self, scene: Scene) -> None:
        broker = await scene.link()
        await scene.runs.begin_run(a_run(status=RunStatus.FLAT))
        scene.put(an_order(IntentStatus.MISSED))
        scene.clock.move_to(at("12:00"))
        assert await scene.comparer.compare() == NOTHING
        assert broker.calls == []

    async def test_a_dead_broker_delays_no_other_account(self, scene: Scene) -> None:
        broker = await traded(scene, an_account("zerodha-two", user_id="user-two"))
        broker.trouble = BrokerUnreachable("connection refused")
        assert await scene.comparer.compare() == {"compared": 1, "unreadable": 1, "differing": 0}

    async def test_an_account_that_cannot_be_opened_spoils_no_other(self, scene: Scene) -> None:
        await traded(scene)
        await scene.link(an_account("zerodha-two"))
        del scene.brokers.accounts[USER, "zerodha-two"]
        with pytest.raises(BaseExceptionGroup, match="1 of 2 accounts could not be compared"):
            await scene.comparer.compare(everyone=True)
        assert (await last(scene)).at == SETTLED


class TestTelling:
    async def test_of_two_that_compare_at_the_same_time_one_tells(self, scene: Scene) -> None:
        sold_by_hand(await traded(scene))
        await minutes(scene, 1)
        await asyncio.gather(scene.comparer.compare(), scene.comparer.compare())
        assert scene.events.names == ["BooksDiffer"]

    async def test_what_could_not_be_told_is_told_a_minute_later(self, scene: Scene) -> None:
        class Down(RecordedEvents):
            async def publish(self, events: Sequence[Event]) -> None:
                raise ConnectionError("the bus is away")

        sold_by_hand(await traded(scene))
        await minutes(scene, 1)
        kept, scene.events = scene.events, Down()
        with pytest.raises(BaseExceptionGroup, match="1 of 1 accounts could not be compared"):
            await scene.comparer.compare()
        scene.events = kept
        await minutes(scene, 2)
        assert scene.events.names == ["BooksDiffer"]

    async def test_users_do_not_hear_of_each_other(self, scene: Scene) -> None:
        sold_by_hand(await traded(scene, an_account(user_id="user-two")))
        await minutes(scene, 2)
        assert [event.detail["user_id"] for event in scene.events.published] == [USER]
