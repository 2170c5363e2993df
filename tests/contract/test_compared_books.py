"""What each live adapter tells of the sandbox exchange agrees with a ledger of what was sent, and what was not sent by
a run is told apart."""

from dataclasses import replace
from decimal import Decimal

import pytest

from lambdas.domain.accounts import PAPER
from lambdas.domain.comparison import Comparison, DifferenceKind, StrangerKind, differences
from lambdas.domain.contracts import Right
from lambdas.domain.intents import Intent, Order, OrderState, Phase
from lambdas.domain.moments import Tick
from lambdas.ports.broker import Broker, BrokerOrder
from tests.contract.sandboxed import CLOCK, Linked
from tests.contract.test_brokers import a_buy, a_sale, close_everything, filled, near_the_money

pytestmark = pytest.mark.anyio
TICK = Tick(CLOCK.now().replace(microsecond=0))


@pytest.fixture
def traded(linked: Linked, account: Broker) -> Broker:
    """The account; a paper account's book is the ledger's own neighbour, and is not compared."""
    if linked.broker == PAPER:
        pytest.skip("a paper account is not compared")
    return account


async def entered(account: Broker, run_id: str, *, lots: int) -> Order:
    """A sale of a put as a run sends it, and as the ledger has it then."""
    listing, quote = await near_the_money(account, right=Right.PE)
    intent = Intent(
        user_id="compared",
        run_id=run_id,
        leg=1,
        account_id="own",
        phase=Phase.ENTRY,
        slice_number=1,
        attempt=1,
        contract=listing.contract,
        exchange=listing.exchange,
        symbol=listing.symbol,
        token=listing.token,
        side=a_sale(listing, quote).side,
        lots=lots,
        quantity=lots * listing.lot_size,
        product="MIS",
        tick_size=Decimal("0.05"),
        intended_at=TICK,
        not_after=TICK.instant,
    )
    row = await filled(account, replace(a_sale(listing, quote, lots), tag=intent.tag))
    return Order(intent, _as_recorded(row))


def _as_recorded(row: BrokerOrder) -> OrderState:
    return OrderState(
        status=row.status,
        broker_order_id=row.broker_order_id,
        filled_quantity=row.filled_quantity,
        average_price=row.average_price,
    )


async def compared(account: Broker, *ledger: Order) -> Comparison:
    """As the comparer asks; of strangers only those in the contracts of the ledger, for the book has other tests'."""
    found = differences(await account.positions(), await account.orders(), ledger, sent_before=CLOCK.now())
    symbols = {order.intent.symbol for order in ledger}
    return replace(found, strangers=tuple(one for one in found.strangers if one.symbol in symbols))


async def test_what_a_run_entered_and_what_was_traded_by_hand_beside_it(traded: Broker, linked: Linked) -> None:
    await close_everything(traded)
    order = await entered(traded, f"compared-{linked.broker}-20261123", lots=2)
    before = await compared(traded, order)
    assert before.differences == ()
    assert [one for one in before.strangers if one.kind is StrangerKind.POSITION] == []

    listing, quote = await near_the_money(traded, right=Right.PE)
    more = await filled(traded, a_sale(listing, quote))
    beside = await compared(traded, order)
    assert beside.differences == ()
    (position,) = (one for one in beside.strangers if one.kind is StrangerKind.POSITION)
    assert (position.quantity, position.reference) == (-listing.lot_size, "MIS")
    assert more.broker_order_id in {one.reference for one in beside.strangers}

    await filled(traded, a_buy(listing, quote, lots=2))
    closed = await compared(traded, order)
    assert [one.kind for one in closed.differences] == [DifferenceKind.NOT_HELD]
    assert (
        f"the runs hold {-2 * listing.lot_size:+d}, the broker has {-listing.lot_size:+d}" in closed.differences[0].what
    )

    wrong = Order(order.intent, replace(order.state, filled_quantity=listing.lot_size))
    assert DifferenceKind.FILLED_OTHERWISE in [one.kind for one in (await compared(traded, wrong)).differences]
    await close_everything(traded)
