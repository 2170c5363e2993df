"""Open profit: the ledger with what is open at its last marks; what is not known is never guessed."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.contracts import Contract, Quote, Side
from lambdas.domain.intents import IntentStatus, Order, Phase
from lambdas.domain.marking import (
    NOTHING,
    DayProfit,
    Standing,
    day_profit,
    held_of,
    marks_of,
    oldest,
    profit_of,
    with_end,
)
from lambdas.domain.marks import Mark, Marks, ProfitPoint
from lambdas.domain.paper import number_of
from lambdas.domain.reporting import DayLedger
from tests.doubles.examples import EXIT_TICK, TICK, a_contract, an_order, at

STRIKES = (24500, 24550, 24600)
NOON = at("12:00:07")
LATER = NOON + timedelta(minutes=1)
PAPER = {"on-paper"}
PRICES = st.integers(1, 100_000).map(lambda paise: Decimal(paise) / 100)


def mark(last: str, instant: Any = NOON) -> Mark:
    return Mark(Decimal(last), instant)


def profit(orders: Sequence[Order], marks: Marks) -> Decimal | None:
    return profit_of(held_of(orders, marks))


def made(*orders: Order, marks: Marks | None = None) -> DayProfit:
    return day_profit(DayLedger(TICK.date, (), orders), marks or {}, PAPER)


def a_closing(price: str, **changes: Any) -> Order:
    return an_order(price=price, phase=Phase.EXIT, side=Side.SELL, intended_at=EXIT_TICK, **changes)


class TestProfit:
    @pytest.mark.parametrize(("side", "expected"), [(Side.BUY, 650), (Side.SELL, -650)])
    def test_what_is_open_counts_at_its_mark(self, side: Side, expected: int) -> None:
        assert profit([an_order(price="100", side=side)], {a_contract(): mark("105")}) == expected

    def test_what_was_closed_counts_at_its_fills_and_needs_no_mark(self) -> None:
        assert profit([an_order(price="100"), a_closing("110")], {}) == 1300

    def test_what_was_closed_in_part_counts_with_both(self) -> None:
        half = a_closing("110", filled_quantity=65)
        assert profit([an_order(price="100"), half], {a_contract(): mark("120")}) == 65 * 10 + 65 * 20

    @pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
    def test_it_is_not_known_while_something_open_has_no_mark(self, side: Side) -> None:
        hedge = an_order(contract=a_contract(24700), leg=2)
        assert profit([an_order(side=side), hedge], {a_contract(24700): mark("30")}) is None

    def test_it_is_not_known_when_a_fill_has_no_price(self) -> None:
        orders = [an_order(average_price=None)]
        assert profit(orders, {a_contract(): mark("105")}) is None
        assert profit([*orders, a_closing("110")], {}) is None

    def test_nothing_has_made_nothing(self) -> None:
        assert profit([], {}) == 0
        assert profit([an_order(IntentStatus.REFUSED)], {}) == 0

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(STRIKES),
                st.sampled_from(Side),
                st.integers(0, 130),
                PRICES,
                st.sampled_from(["zerodha-one", "on-paper"]),
                st.integers(1, 3),
            ),
            max_size=10,
        ),
        st.fixed_dictionaries({strike: PRICES for strike in STRIKES}),
    )
    def test_it_is_the_cash_and_the_worth_of_what_is_held(
        self, drawn: list[tuple[int, Side, int, Decimal, str, int]], last: dict[int, Decimal]
    ) -> None:
        orders = [
            an_order(
                contract=a_contract(strike),
                side=side,
                filled_quantity=filled,
                average_price=price,
                account_id=account_id,
                leg=leg,
            )
            for strike, side, filled, price, account_id, leg in drawn
        ]
        marks = {a_contract(strike): Mark(price, NOON) for strike, price in last.items()}
        expected = sum(
            ((last[strike] - price) * filled * (1 if side is Side.BUY else -1))
            for strike, side, filled, price, _, _ in drawn
        )
        held = held_of(orders, marks)
        assert profit_of(held) == expected
        assert sum((one.profit or 0 for one in held), Decimal(0)) == expected
        day = made(*orders, marks=marks)
        assert sum((side.profit or 0 for side in (day.money, day.paper) if side), Decimal(0)) == expected

    @given(st.integers(1, 130), PRICES, PRICES)
    def test_a_flat_position_has_its_realised_profit_whatever_the_mark(
        self, quantity: int, price: Decimal, last: Decimal
    ) -> None:
        orders = [an_order(filled_quantity=quantity), a_closing("110", filled_quantity=quantity)]
        assert profit(orders, {a_contract(): Mark(last, NOON)}) == profit(orders, {}) == 10 * quantity


class TestHeld:
    @pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
    def test_the_average_is_of_the_open_side(self, side: Side) -> None:
        orders = [
            an_order(price="100", side=side),
            an_order(price="101.01", side=side, slice_number=2),
            an_order(price="7", side=side.opposite, filled_quantity=65, average_price=Decimal(7), slice_number=3),
        ]
        (held,) = held_of(orders, {})
        assert held.average == Decimal("100.50")

    def test_what_is_flat_has_neither_average_nor_mark(self) -> None:
        (held,) = held_of([an_order(), a_closing("110")], {a_contract(): mark("105")})
        assert (held.average, held.mark, held.profit) == (None, None, Decimal(1300))

    def test_what_has_a_fill_without_a_price_is_shown_and_not_reckoned(self) -> None:
        (held, other) = held_of([an_order(average_price=None), an_order(leg=2)], {a_contract(): mark("105")})
        assert (held.position.net, held.priced, held.average, held.profit) == (130, False, None, None)
        assert (other.priced, other.average, other.profit) == (True, Decimal(100), Decimal(650))

    def test_profit_is_as_old_as_the_oldest_mark_that_counts(self) -> None:
        orders = [an_order(), an_order(contract=a_contract(24700), leg=2)]
        marks = {
            a_contract(): mark("1", LATER),
            a_contract(24700): mark("2"),
            a_contract(24900): mark("3", at("09:21")),
        }
        assert oldest(held_of(orders, marks)) == NOON
        assert oldest(held_of(orders, {})) is None


class TestDay:
    def test_paper_is_in_no_sum_of_money(self) -> None:
        day = made(an_order(), a_closing("110"), an_order(account_id="on-paper"), marks={a_contract(): mark("90")})
        assert day.money == Standing(Decimal(1300), Decimal(1300))
        assert day.paper == Standing(Decimal(-1300), Decimal(0))
        assert day.paper_accounts == {"on-paper"}

    def test_paper_is_known_by_the_numbers_of_its_orders_when_its_account_is_gone(self) -> None:
        order = an_order(account_id="gone")
        numbered = an_order(account_id="gone", broker_order_id=number_of(TICK.date, order.intent.tag))
        assert made(numbered).paper_accounts == {"gone"}

    def test_a_side_without_orders_has_no_standing(self) -> None:
        assert (made().money, made().paper) == (None, None)
        assert made(an_order(IntentStatus.REFUSED)).money == NOTHING

    def test_what_is_realised_is_told_without_marks(self) -> None:
        half = a_closing("110", filled_quantity=65)
        assert made(an_order(), half).money == Standing(None, Decimal(650))
        assert made(an_order(average_price=None)).money == Standing(None, None)


class TestMarks:
    def test_what_nobody_quoted_keeps_its_older_mark(self) -> None:
        other = a_contract(24700)
        positions = [one.position for one in held_of([an_order(), an_order(contract=other, leg=2)], {})]
        before = {a_contract(): mark("1"), other: mark("2")}
        assert marks_of({other: Quote(Decimal(3))}, LATER, before, positions) == {
            a_contract(): mark("1"),
            other: mark("3", LATER),
        }

    def test_a_price_of_nothing_is_no_mark(self) -> None:
        positions = [one.position for one in held_of([an_order()], {})]
        assert marks_of({a_contract(): Quote(Decimal(0))}, LATER, {a_contract(): mark("1")}, positions) == {
            a_contract(): mark("1")
        }

    def test_what_is_held_no_more_is_forgotten(self) -> None:
        positions = [one.position for one in held_of([an_order(), a_closing("1")], {})]
        assert marks_of({}, LATER, {a_contract(): mark("1")}, positions) == {}


class TestSeries:
    POINTS = (ProfitPoint(NOON, Decimal(10), None), ProfitPoint(LATER, Decimal(20), None))

    def end(self, *orders: Order, points: Sequence[ProfitPoint] = POINTS) -> list[ProfitPoint]:
        return with_end(points, orders, made(*orders))

    def test_of_a_day_that_is_over_it_ends_with_what_was_realised(self) -> None:
        closed_at = at("15:15:01")
        orders = an_order(exchange_at=at("09:20:01")), a_closing("110", exchange_at=closed_at)
        end = ProfitPoint(closed_at, Decimal(1300), None)
        assert self.end(*orders) == [*self.POINTS, end]
        assert self.end(*orders, points=()) == [end]

    def test_while_something_is_open_it_is_as_it_was_written(self) -> None:
        assert self.end(an_order(exchange_at=at("15:00"))) == [*self.POINTS]

    def test_a_day_without_fills_has_no_end(self) -> None:
        assert self.end(an_order(IntentStatus.REFUSED), points=()) == []

    def test_it_never_runs_back(self) -> None:
        orders = an_order(exchange_at=at("09:20:01")), a_closing("110", exchange_at=at("09:21"))
        assert self.end(*orders) == [*self.POINTS]


@given(st.dictionaries(st.sampled_from(STRIKES), PRICES))
def test_marks_are_of_what_is_held_and_nothing_else(last: dict[int, Decimal]) -> None:
    positions = [one.position for one in held_of([an_order(), an_order(contract=a_contract(24600), leg=2)], {})]
    quotes: dict[Contract, Quote] = {a_contract(strike): Quote(price) for strike, price in last.items()}
    marks = marks_of(quotes, NOON, {}, positions)
    assert marks == {a_contract(s): Mark(p, NOON) for s, p in last.items() if s in (24500, 24600)}
