"""What the ledger says and the broker denies is found, and what is the trader's own is told apart."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.comparison import (
    BookRow,
    Comparison,
    Difference,
    DifferenceKind,
    Stranger,
    StrangerKind,
    differences,
)
from lambdas.domain.contracts import Right, Side
from lambdas.domain.earlier import Claim
from lambdas.domain.intents import FINAL, IntentStatus, Order
from tests.doubles.examples import TICK, a_contract, an_order

LONG_AFTER = TICK.instant + timedelta(minutes=10)
SYMBOL = "NIFTY24500CE"


@dataclass(frozen=True)
class Row:
    """One order of a broker's book."""

    broker_order_id: str
    tag: str | None
    symbol: str
    side: Side
    quantity: int
    status: IntentStatus
    filled_quantity: int


@dataclass(frozen=True)
class Held:
    """One position at a broker."""

    symbol: str
    product: str
    net: int


def row_of(order: Order, **changes: Any) -> Row:
    """The broker's book says of an order what the ledger says."""
    intent, state = order.intent, order.state
    number = state.broker_order_id or "B1"
    row = Row(number, intent.tag, intent.symbol, intent.side, intent.quantity, state.status, state.filled_quantity)
    return replace(row, **changes)


def bought(**changes: Any) -> Order:
    """130 units, bought and filled."""
    return an_order(**{"broker_order_id": "B1", **changes})


def compare(orders: list[Row], positions: list[Held], *ledger: Order) -> Comparison:
    return differences(positions, orders, ledger, sent_before=LONG_AFTER)


def kinds(found: Comparison) -> list[DifferenceKind]:
    return [difference.kind for difference in found.differences]


class TestOrders:
    def test_what_both_say_is_no_difference(self) -> None:
        order = bought()
        assert compare([row_of(order)], [Held(SYMBOL, "MIS", 130)], order) == Comparison((), ())

    def test_a_fill_that_the_broker_denies_differs(self) -> None:
        order = bought()
        row = row_of(order, status=IntentStatus.CANCELLED, filled_quantity=65)
        found = compare([row], [Held(SYMBOL, "MIS", 130)], order)
        assert kinds(found) == [DifferenceKind.FILLED_OTHERWISE]
        assert (
            "the ledger has 130 of 130 filled (filled); the broker has 65 filled (cancelled"
            in found.differences[0].what
        )

    @pytest.mark.parametrize("status", [IntentStatus.MISSED, IntentStatus.WITHHELD, IntentStatus.REFUSED])
    def test_an_order_that_never_was_and_filled_differs(self, status: IntentStatus) -> None:
        order = an_order(status)
        found = compare([row_of(order, status=IntentStatus.FILLED, filled_quantity=130)], [], order)
        assert kinds(found) == [DifferenceKind.FILLED_OTHERWISE]

    def test_an_order_that_we_count_as_over_and_that_rests_differs(self) -> None:
        order = an_order(IntentStatus.CANCELLED, broker_order_id="B1")
        assert kinds(compare([row_of(order, status=IntentStatus.ACCEPTED)], [], order)) == [
            DifferenceKind.FILLED_OTHERWISE
        ]

    def test_it_does_not_matter_in_which_way_an_order_ended_without_a_fill(self) -> None:
        order = an_order(IntentStatus.REFUSED, broker_order_id="B1")
        assert compare([row_of(order, status=IntentStatus.CANCELLED)], [], order) == Comparison((), ())

    @pytest.mark.parametrize("status", [IntentStatus.FILLED, IntentStatus.ACCEPTED, IntentStatus.CANCELLED])
    def test_an_order_that_the_broker_confirmed_and_does_not_know_differs(self, status: IntentStatus) -> None:
        order = an_order(status, broker_order_id="B1")
        assert kinds(compare([], [Held(SYMBOL, "MIS", 130)], order)) == [DifferenceKind.ABSENT]

    @pytest.mark.parametrize(
        "status", [IntentStatus.MISSED, IntentStatus.WITHHELD, IntentStatus.REFUSED, IntentStatus.UNKNOWN]
    )
    def test_an_order_that_the_broker_never_confirmed_may_be_absent(self, status: IntentStatus) -> None:
        assert compare([], [], an_order(status)).differences == ()

    def test_an_order_in_flight_is_left_to_the_reconciler(self) -> None:
        order = an_order(IntentStatus.ACCEPTED, broker_order_id="B1")
        row = row_of(order, status=IntentStatus.FILLED, filled_quantity=130)
        assert compare([row], [Held(SYMBOL, "MIS", 130)], order).differences == ()

    def test_an_order_that_is_being_sent_is_not_judged(self) -> None:
        order = bought()
        found = differences([], [], [order], sent_before=order.intent.not_after)
        assert found == Comparison((), (), frozenset({f"{SYMBOL}/MIS"}))

    @pytest.mark.parametrize("second", [IntentStatus.FILLED, IntentStatus.ACCEPTED])
    def test_two_orders_under_one_tag_differ(self, second: IntentStatus) -> None:
        order = bought()
        rows = [row_of(order), row_of(order, broker_order_id="B2", status=second)]
        found = compare(rows, [Held(SYMBOL, "MIS", 130)], order)
        assert kinds(found) == [DifferenceKind.SENT_TWICE]
        assert "2 orders under its tag" in found.differences[0].what
        assert "B1, B2" in found.differences[0].what

    def test_a_second_order_that_did_nothing_is_none(self) -> None:
        order = bought()
        refused = row_of(order, broker_order_id="B2", status=IntentStatus.REFUSED, filled_quantity=0)
        assert compare([refused, row_of(order)], [Held(SYMBOL, "MIS", 130)], order) == Comparison((), ())


class TestPositions:
    @pytest.mark.parametrize(("side", "net"), [(Side.BUY, 130), (Side.BUY, 200), (Side.SELL, -130), (Side.SELL, -200)])
    def test_ours_is_contained_in_as_much_or_more_on_its_side(self, side: Side, net: int) -> None:
        order = bought(side=side)
        assert compare([row_of(order)], [Held(SYMBOL, "MIS", net)], order).differences == ()

    @pytest.mark.parametrize(("side", "net"), [(Side.BUY, 129), (Side.BUY, 0), (Side.SELL, -65), (Side.SELL, 130)])
    def test_less_of_ours_or_the_other_side_differs(self, side: Side, net: int) -> None:
        order = bought(side=side)
        found = compare([row_of(order)], [Held(SYMBOL, "MIS", net)], order)
        (only,) = found.differences
        assert (only.kind, only.subject) == (DifferenceKind.NOT_HELD, f"{SYMBOL}/MIS")
        assert f"the broker has {net:+d}" in only.what
        assert found.strangers == ()

    def test_a_position_that_the_broker_does_not_list_is_not_held(self) -> None:
        order = bought()
        assert kinds(compare([row_of(order)], [], order)) == [DifferenceKind.NOT_HELD]

    def test_a_position_converted_to_another_product_is_not_held(self) -> None:
        order = bought()
        found = compare([row_of(order)], [Held(SYMBOL, "NRML", 130)], order)
        assert [difference.subject for difference in found.differences] == [f"{SYMBOL}/MIS"]
        assert found.strangers == (Stranger(StrangerKind.POSITION, SYMBOL, 130, "NRML"),)

    def test_a_closed_run_holds_nothing(self) -> None:
        entered, left = bought(), bought(side=Side.SELL, slice_number=2, broker_order_id="B2")
        rows = [row_of(entered), row_of(left)]
        assert compare(rows, [Held(SYMBOL, "MIS", 0)], entered, left) == Comparison((), ())

    def test_a_contract_in_which_an_order_is_in_flight_is_not_judged(self) -> None:
        done, moving = bought(), an_order(IntentStatus.UNKNOWN, slice_number=2)
        found = compare([row_of(done)], [], done, moving)
        assert found == Comparison((), (), frozenset({f"{SYMBOL}/MIS"}))


def of_yesterday(least: int, most: int) -> Claim:
    return Claim("spread-20261120", date(2026, 11, 20), "zerodha-one", SYMBOL, "MIS", least or most, least, most)


class TestEarlierDays:
    @staticmethod
    def compare(net: int, earlier: Claim, *ledger: Order) -> Comparison:
        rows = [row_of(order) for order in ledger]
        return differences([Held(SYMBOL, "MIS", net)], rows, ledger, sent_before=LONG_AFTER, earlier=[earlier])

    @pytest.mark.parametrize(
        ("net", "earlier", "held", "strange"),
        [
            (65, of_yesterday(0, 65), 65, []),
            (195, of_yesterday(0, 65), 65, [130]),
            (0, of_yesterday(0, 65), 0, []),
            (-65, of_yesterday(0, 65), 0, [-65]),
            (-100, of_yesterday(-65, 0), -65, [-35]),
        ],
    )
    def test_what_they_left_is_theirs_and_the_rest_a_strangers(
        self, net: int, earlier: Claim, held: int, strange: list[int]
    ) -> None:
        found = self.compare(net, earlier)
        assert found.differences == ()
        assert [one.held for one in found.earlier] == [held]
        assert [one.quantity for one in found.strangers] == strange

    @pytest.mark.parametrize(
        ("net", "earlier", "held"),
        [(195, of_yesterday(0, 65), 65), (130, of_yesterday(0, 65), 0), (65, of_yesterday(-65, 0), -65)],
    )
    def test_todays_run_has_its_own_first(self, net: int, earlier: Claim, held: int) -> None:
        found = self.compare(net, earlier, bought())
        assert (found.differences, found.strangers) == ((), ())
        assert [one.held for one in found.earlier] == [held]

    def test_they_do_not_hide_that_todays_run_is_not_held(self) -> None:
        found = self.compare(0, of_yesterday(0, 65), bought())
        assert kinds(found) == [DifferenceKind.NOT_HELD]
        assert found.differences[0].what == f"{SYMBOL} (MIS): the runs hold +130, the broker has +0"
        besides = self.compare(0, of_yesterday(-65, 0), bought())
        assert besides.differences[0].what.endswith("the broker has +65 besides -65 of earlier days")

    def test_a_contract_in_which_an_order_is_in_flight_is_not_judged(self) -> None:
        moving = an_order(IntentStatus.UNKNOWN)
        found = differences([], [], [moving], sent_before=LONG_AFTER, earlier=[of_yesterday(0, 65)])
        assert found == Comparison((), (), frozenset({f"{SYMBOL}/MIS"}))


class TestStrangers:
    def test_a_manual_trade_beside_ours_is_told_apart_and_no_difference(self) -> None:
        order = bought()
        manual = Row("M1", None, SYMBOL, Side.BUY, 65, IntentStatus.FILLED, 65)
        found = compare([row_of(order), manual], [Held(SYMBOL, "MIS", 195)], order)
        assert found.differences == ()
        assert found.strangers == (
            Stranger(StrangerKind.ORDER, SYMBOL, 65, "M1"),
            Stranger(StrangerKind.POSITION, SYMBOL, 65, "MIS"),
        )

    def test_what_was_carried_in_and_no_run_left_is_a_stranger(self) -> None:
        assert compare([], [Held(SYMBOL, "NRML", -65)]).strangers == (
            Stranger(StrangerKind.POSITION, SYMBOL, -65, "NRML"),
        )

    def test_an_order_of_an_unknown_tag_is_a_stranger(self) -> None:
        other = Row("M1", "LWSOMEBODYELSE00000", SYMBOL, Side.SELL, 65, IntentStatus.ACCEPTED, 0)
        assert compare([other], []).strangers == (Stranger(StrangerKind.ORDER, SYMBOL, -65, "M1"),)

    def test_a_manual_order_that_did_nothing_is_not_told(self) -> None:
        refused = Row("M1", "", SYMBOL, Side.SELL, 65, IntentStatus.REFUSED, 0)
        assert compare([refused], []) == Comparison((), ())


def test_a_difference_is_the_same_whatever_its_numbers_are() -> None:
    one = Difference(DifferenceKind.NOT_HELD, f"{SYMBOL}/MIS", "the broker has +0")
    assert one.key == replace(one, what="the broker has +65").key
    assert one.key != replace(one, kind=DifferenceKind.ABSENT).key


@pytest.mark.parametrize("kind", DifferenceKind)
def test_every_difference_has_an_advice(kind: DifferenceKind) -> None:
    assert kind.advice.endswith(".")


SLICES = st.lists(
    st.tuples(
        st.sampled_from([24400, 24500]),
        st.sampled_from(list(Side)),
        st.integers(0, 3),
        st.sampled_from(["MIS", "NRML"]),
    ),
    max_size=8,
)
MANUAL = st.dictionaries(st.sampled_from([24400, 24500, 24600]), st.integers(1, 5), max_size=3)


def a_day(slices: list[tuple[int, Side, int, str]]) -> list[Order]:
    """Orders at their end, of one to three lots filled, or of none."""
    orders = []
    for number, (strike, side, lots, product) in enumerate(slices, 1):
        filled = 65 * lots
        fields: dict[str, Any] = {"status": IntentStatus.CANCELLED, "quantity": 195, "lots": 3, "product": product}
        fields |= {"filled_quantity": filled, "average_price": Decimal(100) if filled else None}
        contract = a_contract(strike, Right.CE)
        orders.append(
            an_order(**fields, contract=contract, side=side, slice_number=number, broker_order_id=f"B{number}")
        )
    return orders


def held_by(orders: list[Order]) -> Counter[tuple[str, str]]:
    net: Counter[tuple[str, str]] = Counter()
    for order in orders:
        sign = 1 if order.intent.side is Side.BUY else -1
        net[order.intent.symbol, order.intent.product] += sign * order.state.filled_quantity
    return net


@given(SLICES, MANUAL)
def test_a_true_book_never_differs_and_what_was_added_by_hand_is_told_whole(
    slices: list[tuple[int, Side, int, str]], manual: dict[int, int]
) -> None:
    ledger = a_day(slices)
    ours = held_by(ledger)
    rows: list[BookRow] = [row_of(order) for order in ledger]
    positions, added = dict(ours), Counter[tuple[str, str]]()
    for strike, lots in manual.items():
        key = f"NIFTY{strike}CE", "MIS"
        side = Side.SELL if ours[key] < 0 else Side.BUY
        added[key] = 65 * lots * (1 if side is Side.BUY else -1)
        positions[key] = positions.get(key, 0) + added[key]
        rows.append(Row(f"M{strike}", None, key[0], side, 65 * lots, IntentStatus.FILLED, 65 * lots))
    held = [Held(symbol, product, net) for (symbol, product), net in positions.items()]
    found = differences(held, rows, ledger, sent_before=LONG_AFTER)
    assert found.differences == ()
    told = [one for one in found.strangers if one.kind is StrangerKind.POSITION]
    assert {(one.symbol, one.reference): one.quantity for one in told} == added
    assert sum(one.kind is StrangerKind.ORDER for one in found.strangers) == len(manual)


@given(SLICES, st.data())
def test_a_fill_that_the_ledger_counts_wrongly_is_always_found(
    slices: list[tuple[int, Side, int, str]], data: st.DataObject
) -> None:
    ledger = a_day([*slices, (24500, Side.SELL, 1, "MIS")])
    rows = [row_of(order) for order in ledger]
    wrong = data.draw(st.integers(0, len(ledger) - 1))
    really = data.draw(st.sampled_from([n for n in (0, 65, 130, 195) if n != rows[wrong].filled_quantity]))
    rows[wrong] = replace(rows[wrong], filled_quantity=really)
    held = [Held(symbol, product, net) for (symbol, product), net in held_by(ledger).items()]
    found = differences(held, rows, ledger, sent_before=LONG_AFTER)
    assert [one.subject for one in found.differences] == [ledger[wrong].intent.tag]
    assert all(order.state.status in FINAL for order in ledger)
