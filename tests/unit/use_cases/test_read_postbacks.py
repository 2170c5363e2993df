"""A letter says where to look: when that helps the book is read once, and the book alone decides."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from lambdas.adapters.brokers.postbacks import BrokerPostbacks
from lambdas.domain.intents import Intent, IntentStatus, Order
from lambdas.domain.postbacks import Letter, proof_of
from lambdas.domain.runs import RunStatus
from lambdas.ports.broker import BrokerUnreachable, OrderRequest, SessionOver
from lambdas.use_cases.read_postbacks import PostbackReader
from lambdas.use_cases.take_postback import PostbackTaker
from tests.doubles.broker import FakeBroker
from tests.doubles.examples import TICK, USER, a_run, a_strategy, an_account, an_order
from tests.doubles.letters import MemoryLetters
from tests.doubles.reactions import Reaction
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
T = TICK.instant
A_MOMENT_LATER = T + timedelta(seconds=12)
WORKERS_ARE_DONE = T + timedelta(seconds=101)


def reader(scene: Scene) -> PostbackReader:
    return PostbackReader(scene.accounts, scene.runs, scene.secrets, scene.brokers, scene.reconciler, scene.clock)


def letter_of(order: Order, number: str = "zerodha-one-1", tag: str | None = "") -> Letter:
    """A letter as most brokers post it; with `tag=None` as Fyers does."""
    named = order.intent.tag if tag == "" else tag
    return Letter(order.intent.user_id, order.intent.account_id, number, named)


def request_of(intent: Intent) -> OrderRequest:
    return OrderRequest(
        exchange=intent.exchange,
        symbol=intent.symbol,
        token=intent.token,
        side=intent.side,
        quantity=intent.quantity,
        product=intent.product,
        limit_price=Decimal(100),
        protection_percent=Decimal(3),
        tag=intent.tag,
    )


async def at_the_broker(
    scene: Scene, order: Order, reaction: Reaction = Reaction.FILL, broker: FakeBroker | None = None
) -> FakeBroker:
    """An order that its broker has, whatever the ledger knows of it."""
    broker = broker or await scene.link(an_account(order.intent.account_id, user_id=order.intent.user_id))
    await scene.runs.begin_run(a_run(user_id=order.intent.user_id))
    scene.put(order)
    broker.reactions[order.intent.symbol] = reaction
    await broker.prepare(request_of(order.intent))()
    broker.calls.clear()
    scene.clock.move_to(A_MOMENT_LATER)
    return broker


def unknown(**changes: Any) -> Order:
    return an_order(IntentStatus.UNKNOWN, broker_order_id=None, filled_quantity=0, sent_at=T, **changes)


async def test_an_order_of_unknown_fate_is_known_now_and_not_at_the_reconcilers_time(scene: Scene) -> None:
    order = unknown()
    broker = await at_the_broker(scene, order)
    assert await scene.reconciler.reconcile() == {"in_flight": 0, "left": 0}
    assert (await scene.state(order.intent)).status is IntentStatus.UNKNOWN
    assert await reader(scene).read([letter_of(order)]) == {}
    state = await scene.state(order.intent)
    assert (state.status, state.broker_order_id) == (IntentStatus.FILLED, "zerodha-one-1")
    assert broker.calls == ["orders"]
    assert (await scene.run(a_strategy())).status is RunStatus.OPEN
    assert scene.events.names == ["RunEntered"]


async def test_a_letter_without_a_tag_finds_the_order_of_unknown_fate(scene: Scene) -> None:
    order = unknown()
    await at_the_broker(scene, order)
    await reader(scene).read([letter_of(order, tag=None)])
    assert (await scene.state(order.intent)).status is IntentStatus.FILLED


async def test_a_letter_of_a_filled_order_asks_nobody(scene: Scene) -> None:
    order = an_order(broker_order_id="zerodha-one-1")
    broker = await at_the_broker(scene, order)
    await reader(scene).read([letter_of(order)])
    assert (broker.calls, scene.brokers.opened) == ([], [])


async def test_a_letter_that_comes_twice_asks_once(scene: Scene) -> None:
    order = unknown()
    broker = await at_the_broker(scene, order)
    for _ in range(2):
        await reader(scene).read([letter_of(order), letter_of(order)])
    assert broker.calls == ["orders"]
    assert scene.events.names == ["RunEntered"]


async def test_a_letter_of_a_strangers_order_asks_nobody(scene: Scene) -> None:
    order = unknown()
    broker = await at_the_broker(scene, order)
    for tag in ("SOMEBODY", None):
        stranger = Letter(USER, "another-account", "99", tag)
        await reader(scene).read([stranger, letter_of(order, "99", "SOMEBODY")])
    assert (broker.calls, scene.brokers.opened) == ([], [])


async def test_the_order_of_another_user_is_not_looked_up(scene: Scene) -> None:
    order = unknown(user_id="user-two")
    broker = await at_the_broker(scene, order)
    await reader(scene).read([Letter(USER, order.intent.account_id, "1", order.intent.tag)])
    assert broker.calls == []


async def test_a_letter_to_one_account_says_nothing_of_another(scene: Scene) -> None:
    order = unknown()
    broker = await at_the_broker(scene, order)
    other = await scene.link(an_account("zerodha-two"))
    for tag in (order.intent.tag, None):
        await reader(scene).read([Letter(USER, "zerodha-two", "zerodha-one-1", tag)])
    assert broker.calls == other.calls == []


@pytest.mark.parametrize("changes", [{"enabled": False}, {"session_expires_at": T}, {"session_expires_at": None}])
async def test_an_account_that_cannot_be_used_is_not_asked(scene: Scene, changes: dict[str, Any]) -> None:
    order = unknown()
    broker = await at_the_broker(scene, order)
    await scene.accounts.save_account(an_account(**changes))
    assert await reader(scene).read([letter_of(order)]) == {}
    assert broker.calls == []


@pytest.mark.parametrize("status", [IntentStatus.SENDING, IntentStatus.ACCEPTED, IntentStatus.PARTLY_FILLED])
async def test_an_order_that_workers_follow_is_left_to_them(scene: Scene, status: IntentStatus) -> None:
    order = an_order(status, broker_order_id="zerodha-one-1", filled_quantity=0)
    broker = await at_the_broker(scene, order)
    await reader(scene).read([letter_of(order)])
    assert broker.calls == []


async def test_what_no_worker_follows_any_more_is_brought_to_its_end(scene: Scene) -> None:
    order = an_order(IntentStatus.ACCEPTED, broker_order_id="zerodha-one-1", filled_quantity=0, sent_at=T)
    other = an_order(IntentStatus.ACCEPTED, user_id="user-two", filled_quantity=0, sent_at=T)
    broker, others = await at_the_broker(scene, order), await at_the_broker(scene, other)
    scene.clock.move_to(WORKERS_ARE_DONE)
    await reader(scene).read([letter_of(order)])
    assert (await scene.state(order.intent)).status is IntentStatus.FILLED
    assert (await scene.run(a_strategy())).status is RunStatus.OPEN
    assert broker.calls == ["orders"]
    assert others.calls == []


async def test_what_else_the_reconciler_would_do_waits_for_its_minute(scene: Scene) -> None:
    order = an_order(IntentStatus.ACCEPTED, broker_order_id="zerodha-one-1", filled_quantity=0, sent_at=T)
    await at_the_broker(scene, order)
    await scene.runs.begin_run(a_run("other-20261123", status=RunStatus.OPEN))
    scene.put(an_order(run_id="other-20261123"))
    await scene.runs.close_run(a_run("other-20261123"), "squared off by me: enough")
    scene.clock.move_to(WORKERS_ARE_DONE)
    await reader(scene).read([letter_of(order)])
    assert scene.workflows.started == {}


async def test_an_order_that_rests_is_not_cancelled_before_its_time(scene: Scene) -> None:
    order = unknown()
    broker = await at_the_broker(scene, order, Reaction.REST)
    await reader(scene).read([letter_of(order)])
    assert (await scene.state(order.intent)).status is IntentStatus.ACCEPTED
    assert broker.cancelled == []
    assert scene.events.names == []
    assert (await scene.run(a_strategy())).status is RunStatus.PREPARING


async def test_a_run_that_somebody_still_works_on_is_left_to_them(scene: Scene) -> None:
    order = unknown()
    await at_the_broker(scene, order)
    scene.put(an_order(IntentStatus.PLANNED, leg=2))
    await reader(scene).read([letter_of(order)])
    assert (await scene.state(order.intent)).status is IntentStatus.FILLED
    assert scene.events.names == []


async def test_a_run_that_is_not_whole_is_mended_at_once(scene: Scene) -> None:
    order = unknown()
    await at_the_broker(scene, order)
    scene.put(an_order(IntentStatus.WITHHELD, leg=2, filled_quantity=0, average_price=None))
    await reader(scene).read([letter_of(order)])
    (resume,) = scene.workflows.started.values()
    assert resume["resume"] == [order.intent.run_id]
    assert scene.events.names[0] == "RunMending"


async def test_a_burst_of_letters_reads_one_book(scene: Scene) -> None:
    orders = [unknown(slice_number=number) for number in range(1, 101)]
    broker = await at_the_broker(scene, orders[0])
    for order in orders[1:]:
        await at_the_broker(scene, order, broker=broker)
    letters = [letter_of(order, f"zerodha-one-{number}") for number, order in enumerate(orders, 1) for _ in range(3)]
    await reader(scene).read(letters)
    assert broker.calls == ["orders"]
    assert {state.status for state in (await scene.states()).values()} == {IntentStatus.FILLED}


async def test_what_the_book_does_not_show_stays_unknown(scene: Scene) -> None:
    """A letter that claims an order which never arrived: the reconciler asks for its tag in its own time."""
    order = unknown()
    broker = await scene.link()
    scene.put(order)
    scene.clock.move_to(T + timedelta(seconds=60))
    await reader(scene).read([letter_of(order)])
    assert (await scene.state(order.intent)).status is IntentStatus.UNKNOWN
    assert broker.calls == ["orders"]


async def test_a_broker_that_does_not_answer_leaves_all_as_it_is(scene: Scene) -> None:
    order = unknown()
    broker = await at_the_broker(scene, order)
    broker.trouble = BrokerUnreachable("connection refused")
    assert await reader(scene).read([letter_of(order)]) == {}
    assert (await scene.state(order.intent)).status is IntentStatus.UNKNOWN


async def test_a_session_that_is_over_is_said_so(scene: Scene) -> None:
    order = unknown()
    broker = await at_the_broker(scene, order)
    broker.trouble = SessionOver("the token has ended")
    await reader(scene).read([letter_of(order)])
    account = await scene.accounts.account(USER, "zerodha-one")
    assert account is not None
    assert "the token has ended" in str(account.session_problem(scene.clock.now()))


async def test_an_account_that_fails_is_named_and_spoils_no_other(scene: Scene) -> None:
    order, other = unknown(), unknown(user_id="user-two")
    await at_the_broker(scene, order)
    await at_the_broker(scene, other)
    del scene.brokers.accounts[USER, "zerodha-one"]
    failed = await reader(scene).read([letter_of(order), letter_of(other)])
    assert failed.keys() == {(USER, "zerodha-one")}
    assert (await scene.state(other.intent)).status is IntentStatus.FILLED


async def test_what_a_worker_recorded_in_the_meantime_stands(scene: Scene) -> None:
    """The confirming worker was faster: an older answer of the book changes nothing, and tells nobody."""
    order = unknown()
    broker = await at_the_broker(scene, order, Reaction.REST)
    ended = an_order(IntentStatus.CANCELLED, broker_order_id="zerodha-one-1", filled_quantity=0, average_price=None)
    read_orders = broker.orders

    async def while_reading() -> Any:
        rows = await read_orders()
        scene.put(ended)
        return rows

    broker.orders = while_reading  # type: ignore[method-assign]  # the moment between reading and writing
    await reader(scene).read([letter_of(order)])
    assert await scene.state(order.intent) == ended.state
    assert scene.events.names == []


async def test_a_forged_fill_is_not_believed_where_the_broker_signs_nothing(scene: Scene) -> None:
    """From the address to the ledger: the letter claims a complete fill, the book shows that the order rests."""
    order = unknown()
    broker = await at_the_broker(scene, order, Reaction.REST)
    await scene.accounts.save_account(an_account(broker="dhan"))
    box, keys = MemoryLetters(), (await scene.secrets.read(USER, "zerodha-one")).credentials
    claimed = {"orderId": "zerodha-one-1", "correlationId": order.intent.tag, "orderStatus": "TRADED", "quantity": 130}
    taker = PostbackTaker(scene.accounts, scene.secrets, BrokerPostbacks(), box)
    await taker.take(USER, "zerodha-one", proof_of(USER, "zerodha-one", keys), json.dumps(claimed))
    await reader(scene).read(box.kept)
    state = await scene.state(order.intent)
    assert (state.status, state.filled_quantity) == (IntentStatus.ACCEPTED, 0)
    assert broker.calls == ["orders"]


async def test_a_worker_that_confirms_goes_on_with_what_a_letter_found_out(scene: Scene) -> None:
    order = unknown()
    broker = await at_the_broker(scene, order, Reaction.REST)
    read_orders, looks = broker.orders, []

    async def a_letter_after_the_first_look() -> Any:
        looks.append(scene.clock.now())
        rows = await read_orders()
        if len(looks) == 1:
            await reader(scene).read([letter_of(order)])
        return rows

    broker.orders = a_letter_after_the_first_look  # type: ignore[method-assign]  # the two at the same time
    left = await scene.confirmer.confirm(USER, "zerodha-one", [order], T + timedelta(seconds=20))
    assert left == 0
    assert broker.cancelled == ["zerodha-one-1"]
    assert (await scene.state(order.intent)).status is IntentStatus.CANCELLED
