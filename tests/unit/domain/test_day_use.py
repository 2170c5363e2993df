"""What a day has used: counts from the ledger, profits from fills."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.contracts import NO_STRIKE, Quote, Right, Side
from lambdas.domain.day_use import DayUse, lots_entered, use_of, worth_of
from lambdas.domain.intents import FINAL, IntentStatus, Order, Phase
from lambdas.domain.runs import positions_of
from tests.doubles.examples import a_contract, an_order

S = IntentStatus
NOTHING = Decimal(0)


def a_closing(price: str) -> Order:
    return an_order(price=price, phase=Phase.EXIT, side=Side.SELL)


@pytest.mark.parametrize("status", [S.PLANNED, S.SENDING, S.ACCEPTED, S.PARTLY_FILLED, S.UNKNOWN])
def test_an_order_without_an_end_counts_whole(status: IntentStatus) -> None:
    assert use_of([an_order(status)]) == DayUse(2, 1, NOTHING)


@pytest.mark.parametrize("status", [S.REFUSED, S.CANCELLED, S.EXPIRED])
def test_an_order_that_ended_unfilled_is_an_order_without_lots(status: IntentStatus) -> None:
    assert use_of([an_order(status)]) == DayUse(0, 1, NOTHING)


@pytest.mark.parametrize("status", [S.MISSED, S.WITHHELD])
def test_what_was_never_sent_counts_for_nothing(status: IntentStatus) -> None:
    assert use_of([an_order(status)]) == DayUse(0, 0, NOTHING)


@pytest.mark.parametrize(("filled", "lots"), [(1, 1), (65, 1), (66, 2), (130, 2)])
def test_a_lot_that_was_filled_in_part_is_a_lot(filled: int, lots: int) -> None:
    order = an_order(S.CANCELLED, filled_quantity=filled, average_price=Decimal(100))
    assert lots_entered(order) == lots


def test_an_exit_is_an_order_and_enters_no_lot() -> None:
    assert use_of([an_order(), a_closing("110")]) == DayUse(2, 2, Decimal(1300))


def test_of_what_was_closed_in_part_the_closed_part_is_realised() -> None:
    closing = an_order(S.CANCELLED, phase=Phase.EXIT, side=Side.SELL, filled_quantity=65, average_price=Decimal(110))
    assert use_of([an_order(), closing]).realised == Decimal(650)
    assert use_of([an_order(side=Side.SELL)]).realised == 0


def test_a_fill_without_a_price_leaves_the_profit_untold_and_the_counts_told() -> None:
    assert use_of([an_order(average_price=None)]) == DayUse(2, 1, None)


@given(st.lists(st.tuples(st.sampled_from(IntentStatus), st.sampled_from(Phase), st.integers(0, 130)), max_size=12))
def test_lots_never_exceed_those_of_the_orders_nor_fall_below_what_was_filled(
    drawn: list[tuple[IntentStatus, Phase, int]],
) -> None:
    orders = [
        an_order(status, phase=phase, filled_quantity=filled, average_price=Decimal(1), slice_number=number)
        for number, (status, phase, filled) in enumerate(drawn)
    ]
    use = use_of(orders)
    made = [order for order in orders if order.state.status not in (S.MISSED, S.WITHHELD)]
    entering = [order for order in made if order.intent.phase is Phase.ENTRY]
    assert use.orders == len(made) <= len(orders)
    assert use.lots <= sum(order.intent.lots for order in entering)
    assert use.lots * 65 >= sum(order.state.filled_quantity for order in entering if order.state.status in FINAL)


class TestWorth:
    def test_what_is_open_is_worth_its_last_price(self) -> None:
        orders = [an_order(side=Side.SELL), an_order(leg=2, contract=a_contract(24700), price="40")]
        quotes = {a_contract(): Quote(Decimal(130), Decimal(1), Decimal(999)), a_contract(24700): Quote(Decimal(50))}
        worth = worth_of(positions_of(orders), quotes)
        assert (worth.profit, worth.worthless, worth.unpriced) == (Decimal(-30 * 130 + 10 * 130), (), ())

    def test_a_long_option_that_nobody_quotes_is_worth_nothing(self) -> None:
        worth = worth_of(positions_of([an_order(price="40")]), {})
        assert (worth.profit, len(worth.worthless), worth.unpriced) == (Decimal(-40 * 130), 1, ())
        unquoted = worth_of(positions_of([an_order(price="40")]), {a_contract(): Quote(Decimal(0))})
        assert unquoted == worth

    @pytest.mark.parametrize("right", [Right.CE, Right.FUT])
    def test_of_a_short_or_a_future_that_nobody_quotes_no_worst_is_known(self, right: Right) -> None:
        future = right is Right.FUT
        contract = a_contract(NO_STRIKE if future else 24500, right)  # type: ignore[arg-type]  # 0 is a Decimal
        worth = worth_of(positions_of([an_order(contract=contract, side=Side.BUY if future else Side.SELL)]), {})
        assert [position.contract for position in worth.unpriced] == [contract]

    @given(st.integers(1, 20_000), st.integers(1, 20_000), st.integers(1, 20_000))
    def test_realised_and_open_together_are_the_worth(self, paid: int, received: int, last: int) -> None:
        closing = an_order(
            S.CANCELLED, phase=Phase.EXIT, side=Side.SELL, filled_quantity=65, average_price=Decimal(received) / 20
        )
        orders = [an_order(price=str(Decimal(paid) / 20)), closing]
        worth = worth_of(positions_of(orders), {a_contract(): Quote(Decimal(last) / 20)})
        still_open = 65 * Decimal(last - paid) / 20
        assert worth.profit == use_of(orders).realised + still_open  # type: ignore[operator]  # every fill has a price
