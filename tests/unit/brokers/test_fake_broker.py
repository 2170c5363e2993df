"""The broker in memory keeps the rules of the port, so that tests over it prove something."""

from datetime import timedelta
from decimal import Decimal

import pytest

from lambdas.domain.contracts import Side
from lambdas.domain.intents import IntentStatus
from lambdas.ports.broker import BrokerPosition, BrokerRefused, Funds, OrderRequest, SessionOver
from tests.doubles.broker import FakeBroker
from tests.doubles.reactions import Reaction
from tests.unit.brokers.doubles import FrozenClock, an_order

pytestmark = pytest.mark.anyio


def account() -> FakeBroker:
    return FakeBroker(FrozenClock())


async def place(broker: FakeBroker, order: OrderRequest) -> str:
    order_id = (await broker.prepare(order)()).broker_order_id
    assert order_id is not None
    return order_id


async def test_a_resting_order_fills_once_its_limit_reaches_the_price() -> None:
    broker, order = account(), an_order(limit_price=Decimal(100))
    broker.reactions[order.symbol] = Reaction.REST
    broker.fills_at[order.symbol] = Decimal(103)
    order_id = await place(broker, order)
    await broker.modify(order_id, Decimal(102), 65)
    assert (await broker.order(order_id)).status is IntentStatus.ACCEPTED
    await broker.modify(order_id, Decimal(103), 65)
    done = await broker.order(order_id)
    assert (done.status, done.filled_quantity, done.average_price) == (IntentStatus.FILLED, 65, Decimal(103))
    assert broker.modified == [(order_id, Decimal(102), 65), (order_id, Decimal(103), 65)]


async def test_a_sale_fills_downwards() -> None:
    broker, order = account(), an_order(side=Side.SELL)
    broker.reactions[order.symbol] = Reaction.REST
    broker.fills_at[order.symbol] = Decimal(90)
    order_id = await place(broker, order)
    await broker.modify(order_id, Decimal(91), 65)
    assert (await broker.order(order_id)).status is IntentStatus.ACCEPTED
    await broker.modify(order_id, Decimal(90), 65)
    assert (await broker.order(order_id)).status is IntentStatus.FILLED


async def test_a_final_or_unknown_order_is_not_modified() -> None:
    broker = account()
    order_id = await place(broker, an_order())
    for name in (order_id, "nothing"):
        with pytest.raises(BrokerRefused):
            await broker.modify(name, Decimal(1), 65)
    assert broker.modified == []


async def test_an_order_is_found_by_its_tag_alone() -> None:
    broker = account()
    order_id = await place(broker, an_order(tag="LWA1"))
    found = await broker.order_by_tag("LWA1")
    assert found is not None
    assert found.broker_order_id == order_id
    assert await broker.order_by_tag("LWA") is None


async def test_positions_follow_from_fills() -> None:
    broker = account()
    for number, (side, limit, quantity) in enumerate([(Side.BUY, 100, 130), (Side.BUY, 103, 65), (Side.SELL, 110, 65)]):
        await place(broker, an_order(side=side, limit_price=Decimal(limit), quantity=quantity, tag=f"LW{number}"))
    (position,) = await broker.positions()
    assert (position.net, position.bought, position.sold, position.average_price) == (130, 195, 65, Decimal(101))
    await place(broker, an_order(side=Side.SELL, quantity=130, tag="LW9"))
    (closed,) = await broker.positions()
    assert (closed.net, closed.bought, closed.sold, closed.average_price) == (0, 195, 195, None)


async def test_what_was_held_before_counts() -> None:
    broker, order = account(), an_order(limit_price=Decimal(120))
    broker.held = [BrokerPosition("NFO", order.symbol, order.token, "MIS", -130, 0, 130, Decimal(90), None)]
    await place(broker, order)
    (position,) = await broker.positions()
    assert (position.net, position.bought, position.sold, position.average_price) == (-65, 65, 130, Decimal(90))


async def test_an_order_that_is_not_filled_yet_is_no_position() -> None:
    broker = account()
    broker.fill_after = timedelta(seconds=1)
    await place(broker, an_order())
    assert await broker.positions() == []
    await broker.clock.sleep(timedelta(seconds=1))
    assert [position.net for position in await broker.positions()] == [65]


async def test_a_hedge_takes_the_margin_of_a_short_away() -> None:
    broker = account()
    broker.margin_per_short = Decimal(3000)
    short, hedge = an_order(side=Side.SELL), an_order(limit_price=Decimal(10))
    assert await broker.basket_margin([short]) == 65 * 3000
    assert await broker.basket_margin([short, hedge]) == 65 * 10
    assert await broker.basket_margin([]) == 0


async def test_trouble_concerns_the_new_questions_too() -> None:
    broker = account()
    assert await broker.funds() == Funds(Decimal(5_000_000), Decimal(0))
    order_id = await place(broker, an_order())
    broker.trouble = SessionOver("over")
    for ask in (
        broker.modify(order_id, Decimal(1), 65),
        broker.order_by_tag("LW1"),
        broker.positions(),
        broker.funds(),
        broker.basket_margin([]),
    ):
        with pytest.raises(SessionOver):
            await ask
